using System.Buffers.Binary;
using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>
/// Reads the server's frames from whatever pieces the kernel hands out: a part of a header, a part of a payload, many frames. It holds
/// no payload, so that it costs next to nothing, and checks what it knows of the protocol.
/// </summary>
internal struct FrameReader
{
    private const int MaxHeaderBytes = 10;
    private const int MaxControlBytes = 125;

    private ulong _headerLow;
    private ushort _headerHigh;
    private byte _headerBytes;
    private Opcode _frameOpcode;
    private bool _inFrame;
    private bool _final;
    private bool _ended;
    private long _frameRemaining;
    private byte[]? _control;

    /// <summary>Text or binary, of the message that has just ended.</summary>
    public Opcode MessageOpcode { get; private set; }

    /// <summary>Whether that message is compressed.</summary>
    public bool IsCompressed { get; private set; }

    /// <summary>Its bytes on the wire, without headers.</summary>
    public long MessageBytes { get; private set; }

    /// <summary>The payload of a ping that came and wasn't taken yet.</summary>
    public byte[]? Ping { get; set; }

    /// <summary>The payload of a Close frame; null when none came.</summary>
    public byte[]? Close { get; private set; }

    /// <summary>True where the next byte begins a message, or a control frame.</summary>
    public readonly bool IsBetweenMessages => !_inFrame && _headerBytes == 0 && (_ended || MessageOpcode == 0);

    /// <summary>Reads on. Call it until it returns false.</summary>
    /// <returns>True when a message ended.</returns>
    public bool TryRead(ref ReadOnlySpan<byte> bytes, PayloadObserver? observer, bool mayCompress)
    {
        if (_ended)
        {
            _ended = false;
            MessageBytes = 0;
            MessageOpcode = 0;
        }

        while (true)
        {
            if (!_inFrame && !TryReadHeader(ref bytes, mayCompress))
            {
                return false;
            }

            int count = (int)Math.Min(_frameRemaining, bytes.Length);
            if (_control is not null)
            {
                bytes[..count].CopyTo(_control.AsSpan(_control.Length - (int)_frameRemaining));
            }
            else
            {
                observer?.OnPayload(MessageBytes, bytes[..count]);
                MessageBytes += count;
            }

            bytes = bytes[count..];
            _frameRemaining -= count;
            if (_frameRemaining != 0)
            {
                return false;
            }

            _inFrame = false;
            if (_control is not null)
            {
                EndControl();
            }
            else if (_final)
            {
                _ended = true;
                return true;
            }
        }
    }

    // FIN RSV opcode | MASK length7 | length16 or length64                         RFC 6455 §5.2
    private bool TryReadHeader(ref ReadOnlySpan<byte> bytes, bool mayCompress)
    {
        if (_headerBytes == 0 && bytes.Length >= 2 && (bytes[1] & 0x7f) < 126)
        {
            Begin(bytes, mayCompress);
            bytes = bytes[2..];
            return true;
        }

        return TryReadLongHeader(ref bytes, mayCompress);
    }

    private bool TryReadLongHeader(ref ReadOnlySpan<byte> bytes, bool mayCompress)
    {
        scoped ReadOnlySpan<byte> header = bytes;
        Span<byte> joined = stackalloc byte[MaxHeaderBytes];
        int kept = _headerBytes;
        if (kept != 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(joined, _headerLow);
            BinaryPrimitives.WriteUInt16LittleEndian(joined[8..], _headerHigh);
            int added = Math.Min(MaxHeaderBytes - kept, bytes.Length);
            bytes[..added].CopyTo(joined[kept..]);
            header = joined[..(kept + added)];
        }

        int length =
            header.Length < 2
                ? 2
                : (header[1] & 0x7f) switch
                {
                    126 => 4,
                    127 => 10,
                    _ => 2,
                };
        if (header.Length < length)
        {
            joined[header.Length..].Clear();
            if (kept == 0)
            {
                header.CopyTo(joined);
            }

            _headerLow = BinaryPrimitives.ReadUInt64LittleEndian(joined);
            _headerHigh = BinaryPrimitives.ReadUInt16LittleEndian(joined[8..]);
            _headerBytes = (byte)header.Length;
            return false;
        }

        Begin(header, mayCompress);
        _headerBytes = 0;
        bytes = bytes[(length - kept)..];
        return true;
    }

    private void Begin(ReadOnlySpan<byte> header, bool mayCompress)
    {
        byte first = header[0];
        if ((header[1] & 0x80) != 0)
        {
            throw BenchFault.WrongReply("The server masked a frame.");
        }

        _frameRemaining = (header[1] & 0x7f) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(header[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(header[2..]),
            int small => small,
        };
        if (_frameRemaining is < 0 or > 2 * BenchOptions.MaxMessageBytes)
        {
            throw BenchFault.WrongReply($"The server announced a frame of {_frameRemaining} bytes.");
        }

        _final = (first & 0x80) != 0;
        _frameOpcode = (Opcode)(first & 0x0f);
        _inFrame = true;
        if ((first & 0x70) != 0 && ((first & 0x70) != 0x40 || !mayCompress || _frameOpcode is not (Opcode.Text or Opcode.Binary)))
        {
            throw BenchFault.WrongReply("The server set a reserved bit that was not agreed on.");
        }

        switch (_frameOpcode)
        {
            case Opcode.Text or Opcode.Binary when MessageOpcode == 0:
                MessageOpcode = _frameOpcode;
                IsCompressed = (first & 0x40) != 0;
                break;
            case Opcode.Continuation when MessageOpcode != 0:
                break;
            case Opcode.Close or Opcode.Ping or Opcode.Pong when _final && _frameRemaining <= MaxControlBytes:
                _control = new byte[_frameRemaining];
                break;
            default:
                throw BenchFault.WrongReply(
                    "The server sent a frame that has no place here: its opcode is unknown, or fragments are mixed up."
                );
        }
    }

    private void EndControl()
    {
        if (_frameOpcode == Opcode.Close)
        {
            Close = _control;
        }
        else if (_frameOpcode == Opcode.Ping)
        {
            Ping = _control;
        }

        _control = null;
    }
}
