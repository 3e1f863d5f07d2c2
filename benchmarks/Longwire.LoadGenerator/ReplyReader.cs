using System.Buffers.Binary;

namespace Longwire.LoadGenerator;

/// <summary>
/// Reads the server's frames from whatever pieces the kernel hands out: a part of a header, a part of a payload, many frames.
/// It knows no more of the protocol than an echo needs, and checks what it knows.
/// </summary>
internal struct ReplyReader
{
    private const int MaxHeaderBytes = 10;
    private ulong _headerLow;
    private ushort _headerHigh;
    private byte _headerBytes;
    private byte _messageOpcode;
    private byte _frameOpcode;
    private bool _inFrame;
    private bool _final;
    private bool _verified;
    private long _frameRemaining;
    private long _messageBytes;
    private byte[]? _control;

    /// <summary>The server has begun the closing handshake.</summary>
    public bool CloseReceived { get; private set; }

    /// <summary>Takes bytes. Returns how many messages ended in them; <paramref name="ping"/> becomes the payload of a ping among them.</summary>
    public int Take(ReadOnlySpan<byte> bytes, WireMessage expected, ref byte[]? ping)
    {
        int messages = 0;
        while (true)
        {
            if (!_inFrame && !TakeHeader(ref bytes))
                return messages;
            int count = (int)Math.Min(_frameRemaining, bytes.Length);
            TakePayload(bytes[..count], expected);
            bytes = bytes[count..];
            _frameRemaining -= count;
            if (_frameRemaining != 0)
                return messages;
            _inFrame = false;
            if (_frameOpcode >= 8)
                EndControl(ref ping);
            else if (_final)
                messages += EndMessage(expected);
        }
    }

    /// <summary>Takes bytes of plain TCP, where a message is nothing but a number of bytes.</summary>
    public int TakeRaw(int count, int messageLength)
    {
        _messageBytes += count;
        int messages = (int)(_messageBytes / messageLength);
        _messageBytes -= (long)messages * messageLength;
        return messages;
    }

    // FIN RSV opcode | MASK length7 | length16 or length64                         RFC 6455 §5.2
    private bool TakeHeader(ref ReadOnlySpan<byte> bytes)
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

        int length = header.Length < 2 ? 2 : (header[1] & 0x7f) switch { 126 => 4, 127 => 10, _ => 2 };
        if (header.Length < length)
        {
            joined[header.Length..].Clear();
            if (kept == 0)
                header.CopyTo(joined);
            _headerLow = BinaryPrimitives.ReadUInt64LittleEndian(joined);
            _headerHigh = BinaryPrimitives.ReadUInt16LittleEndian(joined[8..]);
            _headerBytes = (byte)header.Length;
            return false;
        }

        Begin(header);
        _headerBytes = 0;
        bytes = bytes[(length - kept)..];
        return true;
    }

    private void Begin(ReadOnlySpan<byte> header)
    {
        if ((header[0] & 0x70) != 0)
            throw new LoadException("The server set a reserved bit, though no extension was offered.");
        if ((header[1] & 0x80) != 0)
            throw new LoadException("The server masked a frame.");
        _frameRemaining = (header[1] & 0x7f) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(header[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(header[2..]),
            int small => small,
        };
        if (_frameRemaining is < 0 or > LoadOptions.MaxPayloadBytes)
            throw new LoadException($"The server announced a frame of {_frameRemaining} bytes.");
        _final = (header[0] & 0x80) != 0;
        _frameOpcode = (byte)(header[0] & 0x0f);
        _inFrame = true;
        if (_frameOpcode >= 8)
        {
            if (!_final || _frameRemaining > 125)
                throw new LoadException("The server sent a control frame that is fragmented or too long.");
            _control = new byte[_frameRemaining];
        }
        else if (_frameOpcode == 0 ? _messageOpcode == 0 : _messageOpcode != 0)
        {
            throw new LoadException("The server mixed up the fragments of a message.");
        }
        else if (_frameOpcode != 0)
        {
            _messageOpcode = _frameOpcode;
        }
    }

    private void TakePayload(ReadOnlySpan<byte> payload, WireMessage expected)
    {
        if (_frameOpcode >= 8)
        {
            payload.CopyTo(_control.AsSpan(_control!.Length - (int)_frameRemaining));
            return;
        }

        // Each connection compares its first reply byte for byte; later ones by their size, as comparing all would slow the generator.
        if (!_verified)
        {
            long end = _messageBytes + payload.Length;
            if (end > expected.Payload.Length || !payload.SequenceEqual(expected.Payload.AsSpan((int)_messageBytes, payload.Length)))
                throw new LoadException("The first reply isn't what was sent.");
        }

        _messageBytes += payload.Length;
    }

    private int EndMessage(WireMessage expected)
    {
        if (_messageBytes != expected.Payload.Length)
            throw new LoadException($"A reply has {_messageBytes} bytes in place of {expected.Payload.Length}.");
        if (_messageOpcode != expected.Opcode)
            throw new LoadException($"A reply has opcode {_messageOpcode} in place of {expected.Opcode}.");
        _verified = true;
        _messageBytes = 0;
        _messageOpcode = 0;
        return 1;
    }

    private void EndControl(ref byte[]? ping)
    {
        if (_frameOpcode == 8)
            CloseReceived = true;
        else if (_frameOpcode == 9)
            ping = _control;
        _control = null;
    }
}
