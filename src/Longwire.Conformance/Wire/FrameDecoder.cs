using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Longwire.Conformance;

/// <summary>Cuts what the peer sends into frames. It collects; what it collects is judged elsewhere.</summary>
internal sealed class FrameDecoder
{
    /// <summary>No case makes a right peer send a frame above this.</summary>
    public const int MaxPayloadBytes = 80 << 20;

    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Set when the peer announced a frame that is beyond all measure; nothing more can be read then.</summary>
    public string? Fault { get; private set; }

    /// <summary>Octets that do not make a whole frame yet.</summary>
    public int PendingBytes => _end - _start;

    /// <summary>Room for the next read.</summary>
    public Memory<byte> GetMemory()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_buffer.Length - _end < 8 * 1024)
        {
            if (_start > 0)
            {
                Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
                _end -= _start;
                _start = 0;
            }

            if (_buffer.Length - _end < 8 * 1024)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
        }

        return _buffer.AsMemory(_end);
    }

    public void Advance(int count) => _end += count;

    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            Span<byte> room = GetMemory().Span;
            int length = Math.Min(room.Length, data.Length);
            data[..length].CopyTo(room);
            Advance(length);
            data = data[length..];
        }
    }

    public bool TryRead(out ReceivedFrame frame)
    {
        frame = default;
        ReadOnlySpan<byte> data = _buffer.AsSpan(_start, _end - _start);
        if (Fault is not null || data.Length < 2)
        {
            return false;
        }

        int header = 2;
        ulong length = (ulong)(data[1] & 0x7F);
        bool minimal = true;
        if (length == 126)
        {
            header += 2;
            if (data.Length < header)
            {
                return false;
            }

            length = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
            minimal = length > 125;
        }
        else if (length == 127)
        {
            header += 8;
            if (data.Length < header)
            {
                return false;
            }

            length = BinaryPrimitives.ReadUInt64BigEndian(data[2..]);
            minimal = length > ushort.MaxValue;
        }

        bool masked = (data[1] & 0x80) != 0;
        header += masked ? 4 : 0;
        if (length > MaxPayloadBytes)
        {
            Fault = $"The peer announced a frame of {length} octets.";
            return false;
        }

        if (data.Length < header + (int)length)
        {
            return false;
        }

        byte[] payload = data.Slice(header, (int)length).ToArray();
        if (masked)
        {
            FrameEncoder.Mask(payload, MemoryMarshal.Read<uint>(data[(header - 4)..]), 0);
        }

        frame = new((data[0] & 0x80) != 0, (byte)((data[0] >> 4) & 7), (byte)(data[0] & 15), masked, payload, minimal);
        _start += header + (int)length;
        return true;
    }
}
