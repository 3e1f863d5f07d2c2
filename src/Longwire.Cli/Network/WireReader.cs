using System.Buffers;
using System.Text;
using Longwire.Protocol;

namespace Longwire.Cli.Network;

/// <summary>Reads along in one direction: the heads of HTTP until the connection is upgraded, then frames.</summary>
internal sealed class WireReader(WireDirection direction, WireTap tap)
{
    private const int MaxHeadBytes = 64 << 10;

    private readonly ArrayBufferWriter<byte> _head = new();
    private FrameHeader _frame;
    private long _payloadLeft;
    private bool _inHandshake = true;
    private bool _isOver;

    /// <summary>Whether the next byte begins a frame.</summary>
    public bool IsBetweenFrames => !_inHandshake && !_isOver && _payloadLeft == 0 && _head.WrittenCount == 0;

    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !_isOver)
        {
            if (_inHandshake)
            {
                ReadHandshake(ref bytes);
            }
            else
            {
                ReadFrame(ref bytes);
            }
        }
    }

    private void ReadHandshake(ref ReadOnlySpan<byte> bytes)
    {
        int before = _head.WrittenCount;
        _head.Write(bytes);
        int end = _head.WrittenSpan.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            bytes = [];
            _isOver = _head.WrittenCount > MaxHeadBytes;
            return;
        }

        bytes = bytes[(end + 4 - before)..];
        string head = Encoding.Latin1.GetString(_head.WrittenSpan[..end]);
        _head.ResetWrittenCount();
        tap.OnHandshake?.Invoke(direction, head);
        if (direction == WireDirection.Received)
        {
            // "HTTP/1.1 101": any other 1xx is followed by the answer itself.
            string status = head.Length >= 12 ? head[9..12] : "";
            _inHandshake = status[..Math.Min(1, status.Length)] == "1" && status != "101";
            _isOver = !_inHandshake && status != "101";
        }
        else
        {
            _inHandshake = false;
        }
    }

    // The header's bytes are gathered, and behind it those of a control frame; a message's payload is only counted.
    private void ReadFrame(ref ReadOnlySpan<byte> bytes)
    {
        if (_payloadLeft > 0)
        {
            int count = (int)Math.Min(_payloadLeft, bytes.Length);
            if (IsControl)
            {
                _head.Write(bytes[..count]);
            }

            bytes = bytes[count..];
            _payloadLeft -= count;
            EndIfWhole();
            return;
        }

        _head.Write(bytes[..1]);
        bytes = bytes[1..];
        switch (FrameHeader.TryRead(_head.WrittenSpan, out FrameHeader header, out _, out _))
        {
            case OperationStatus.Done:
                _frame = header;
                _payloadLeft = header.PayloadLength;
                _head.ResetWrittenCount();
                EndIfWhole();
                break;
            case OperationStatus.InvalidData:
                _isOver = true;
                break;
        }
    }

    private bool IsControl => ((int)_frame.Opcode & 8) != 0;

    private void EndIfWhole()
    {
        if (_payloadLeft > 0)
        {
            return;
        }

        if (IsControl)
        {
            byte[] payload = _head.WrittenSpan.ToArray();
            if (_frame.Masked)
            {
                Masking.Apply(payload, _frame.MaskingKey);
            }

            tap.OnControl?.Invoke(direction, _frame.Opcode, payload);
            _isOver = _frame.Opcode == Opcode.Close;
        }

        _head.ResetWrittenCount();
        _frame = default;
    }
}
