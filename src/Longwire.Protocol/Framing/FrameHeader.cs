using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Longwire.Protocol;

/// <summary>The header of one frame (RFC 6455 §5.2), 2 to 14 bytes on the wire.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
/// |I|S|S|S|  (4)  |A|     (7)     |             (16/64)           |
/// |N|V|V|V|       |S|             |   (if payload len==126/127)   |
/// | |1|2|3|       |K|             |                               |
/// +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
/// |     Extended payload length continued, if payload len == 127  |
/// + - - - - - - - - - - - - - - - +-------------------------------+
/// |                               |  Masking-key, if MASK set to 1 |
/// +-------------------------------+-------------------------------+
/// </code>
/// This type reads and writes the layout. Which opcodes, reserved bits and masks are allowed depends on the connection:
/// <see cref="MessageReceiver"/> judges that.
/// </remarks>
public readonly struct FrameHeader : IEquatable<FrameHeader>
{
    /// <summary>The longest header there is, in bytes: 2 + 8 + 4.</summary>
    public const int MaxLength = 14;

    /// <summary>The largest payload of a control frame, in bytes (RFC 6455 §5.5).</summary>
    public const int MaxControlPayloadLength = 125;

    private const byte FinBit = 0x80;
    private const byte MaskBit = 0x80;

    private readonly byte _first;

    /// <summary>Makes the header of an unmasked frame.</summary>
    /// <param name="opcode">The opcode.</param>
    /// <param name="payloadLength">Bytes of payload, 0 to <see cref="long.MaxValue"/>.</param>
    /// <param name="fin">Whether this is the last fragment of its message.</param>
    /// <param name="rsv1">The bit that permessage-deflate sets on the first frame of a compressed message (RFC 7692 §6).</param>
    public FrameHeader(Opcode opcode, long payloadLength, bool fin = true, bool rsv1 = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        _first = (byte)((byte)opcode | (fin ? FinBit : 0) | (rsv1 ? 0x40 : 0));
        PayloadLength = payloadLength;
    }

    /// <summary>Makes the header of a masked frame.</summary>
    /// <param name="opcode">The opcode.</param>
    /// <param name="payloadLength">Bytes of payload, 0 to <see cref="long.MaxValue"/>.</param>
    /// <param name="maskingKey">The key as <see cref="Longwire.Protocol.Masking"/> takes it.</param>
    /// <param name="fin">Whether this is the last fragment of its message.</param>
    /// <param name="rsv1">The bit that permessage-deflate sets on the first frame of a compressed message (RFC 7692 §6).</param>
    public FrameHeader(Opcode opcode, long payloadLength, uint maskingKey, bool fin = true, bool rsv1 = false)
        : this(opcode, payloadLength, fin, rsv1)
    {
        Masked = true;
        MaskingKey = maskingKey;
    }

    private FrameHeader(byte first, long payloadLength, bool masked, uint maskingKey)
    {
        _first = first;
        PayloadLength = payloadLength;
        Masked = masked;
        MaskingKey = maskingKey;
    }

    /// <summary>Whether this is the last fragment of its message.</summary>
    public bool Fin => (_first & FinBit) != 0;

    /// <summary>The first reserved bit; permessage-deflate uses it.</summary>
    public bool Rsv1 => (_first & 0x40) != 0;

    /// <summary>The second reserved bit; no extension that Longwire knows uses it.</summary>
    public bool Rsv2 => (_first & 0x20) != 0;

    /// <summary>The third reserved bit; no extension that Longwire knows uses it.</summary>
    public bool Rsv3 => (_first & 0x10) != 0;

    /// <summary>The opcode; possibly a reserved value when the header was read from the wire.</summary>
    public Opcode Opcode => (Opcode)(_first & 0x0F);

    /// <summary>Whether the payload is masked.</summary>
    public bool Masked { get; }

    /// <summary>
    /// The masking key in memory order: its lowest-addressed byte is the first on the wire. 0 when the frame is not masked.
    /// </summary>
    public uint MaskingKey { get; }

    /// <summary>Bytes of payload.</summary>
    public long PayloadLength { get; }

    /// <summary>The first byte as it stands on the wire: FIN, the reserved bits and the opcode.</summary>
    internal byte FirstByte => _first;

    /// <summary>Bytes that this header takes on the wire, the length in its shortest form.</summary>
    public int Length => LengthOf(PayloadLength, Masked);

    /// <summary>Bytes that the header of a frame with such a payload takes on the wire: 2 to 14.</summary>
    /// <param name="payloadLength">Bytes of payload.</param>
    /// <param name="masked">Whether the frame is masked.</param>
    public static int LengthOf(long payloadLength, bool masked) =>
        2
        + (
            payloadLength <= 125 ? 0
            : payloadLength <= ushort.MaxValue ? 2
            : 8
        )
        + (masked ? 4 : 0);

    /// <summary>Reads a header from the start of <paramref name="source"/>.</summary>
    /// <param name="source">The bytes that have arrived.</param>
    /// <param name="header">The header, when the result is <see cref="OperationStatus.Done"/>.</param>
    /// <param name="bytesConsumed">Its length, when the result is <see cref="OperationStatus.Done"/>.</param>
    /// <param name="error">The broken rule, when the result is <see cref="OperationStatus.InvalidData"/>.</param>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>; <see cref="OperationStatus.NeedMoreData"/>; or <see cref="OperationStatus.InvalidData"/>
    /// for a length with its top bit set or not in its shortest form (RFC 6455 §5.2).
    /// </returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out FrameHeader header, out int bytesConsumed, out ProtocolError error)
    {
        header = default;
        error = default;
        bytesConsumed = 0;
        if (source.Length < 2)
        {
            return OperationStatus.NeedMoreData;
        }

        bool masked = (source[1] & MaskBit) != 0;
        long payloadLength = source[1] & 0x7F;
        int length = 2;
        if (payloadLength == 126)
        {
            if (source.Length < 4)
            {
                return OperationStatus.NeedMoreData;
            }

            payloadLength = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
            if (payloadLength <= 125)
            {
                error = ProtocolErrors.LengthNotMinimal;
                return OperationStatus.InvalidData;
            }

            length = 4;
        }
        else if (payloadLength == 127)
        {
            if (source.Length < 10)
            {
                return OperationStatus.NeedMoreData;
            }

            payloadLength = BinaryPrimitives.ReadInt64BigEndian(source[2..]);
            if (payloadLength <= ushort.MaxValue)
            {
                error = payloadLength < 0 ? ProtocolErrors.LengthTopBit : ProtocolErrors.LengthNotMinimal;
                return OperationStatus.InvalidData;
            }

            length = 10;
        }

        uint maskingKey = 0;
        if (masked)
        {
            if (source.Length < length + 4)
            {
                return OperationStatus.NeedMoreData;
            }

            maskingKey = MemoryMarshal.Read<uint>(source[length..]);
            length += 4;
        }

        header = new FrameHeader(source[0], payloadLength, masked, maskingKey);
        bytesConsumed = length;
        return OperationStatus.Done;
    }

    /// <summary>Writes this header, the length in its shortest form.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes; <see cref="MaxLength"/> always suffice.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is too short.</exception>
    public int Write(Span<byte> destination)
    {
        destination[0] = _first;
        int mask = Masked ? MaskBit : 0;
        int length;
        if (PayloadLength <= 125)
        {
            destination[1] = (byte)(PayloadLength | (uint)mask);
            length = 2;
        }
        else if (PayloadLength <= ushort.MaxValue)
        {
            destination[1] = (byte)(126 | mask);
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)PayloadLength);
            length = 4;
        }
        else
        {
            destination[1] = (byte)(127 | mask);
            BinaryPrimitives.WriteInt64BigEndian(destination[2..], PayloadLength);
            length = 10;
        }

        if (Masked)
        {
            uint key = MaskingKey;
            MemoryMarshal.Write(destination[length..], in key);
            length += 4;
        }

        return length;
    }

    /// <inheritdoc/>
    public bool Equals(FrameHeader other) =>
        _first == other._first && Masked == other.Masked && MaskingKey == other.MaskingKey && PayloadLength == other.PayloadLength;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FrameHeader other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_first, Masked, MaskingKey, PayloadLength);

    /// <summary>Whether two headers are the same on the wire.</summary>
    public static bool operator ==(FrameHeader left, FrameHeader right) => left.Equals(right);

    /// <summary>Whether two headers differ on the wire.</summary>
    public static bool operator !=(FrameHeader left, FrameHeader right) => !left.Equals(right);

    /// <summary>For people: the fields as they stand on the wire.</summary>
    public override string ToString() =>
        $"{Opcode} fin={(Fin ? 1 : 0)} rsv={(_first >> 4) & 7} mask={(Masked ? 1 : 0)} length={PayloadLength}";
}
