using System.Buffers.Binary;

namespace Longwire.LoadGenerator;

/// <summary>The message that every connection sends, framed and masked once, several copies in a row.</summary>
internal sealed class WireMessage
{
    private const int BatchBytes = 128 * 1024;

    /// <summary>Builds the message. The payload is printable ASCII, so that a server has text to validate.</summary>
    public WireMessage(LoadOptions options)
    {
        Payload = new byte[options.PayloadBytes];
        for (int i = 0; i < Payload.Length; i++)
            Payload[i] = (byte)('a' + (i % 26));
        Opcode = options.Binary ? (byte)2 : (byte)1;

        byte[] frame = Frame(Opcode, Payload);
        if (options.Raw)
        {
            // As many bytes as the masked frame has. They come back as they are, where a WebSocket's reply has no mask and is 4 bytes shorter.
            frame = new byte[frame.Length];
            Payload = frame;
        }

        Length = frame.Length;
        BatchCount = Math.Clamp(BatchBytes / Length, 1, options.InFlight);
        Batch = GC.AllocateArray<byte>(BatchCount * Length, pinned: true);
        for (int i = 0; i < BatchCount; i++)
            frame.CopyTo(Batch, i * Length);
    }

    /// <summary>What the server gets to see after unmasking.</summary>
    public byte[] Payload { get; }

    /// <summary>Text or binary.</summary>
    public byte Opcode { get; }

    /// <summary>Bytes of one message on the wire.</summary>
    public int Length { get; }

    /// <summary>How many messages lie in <see cref="Batch"/>.</summary>
    public int BatchCount { get; }

    /// <summary>Pinned memory with <see cref="BatchCount"/> copies.</summary>
    public byte[] Batch { get; }

    /// <summary>
    /// A whole masked frame. The masking key is constant: loopback has no proxy to protect, and the server unmasks whatever it is.
    /// <code>
    /// FIN opcode | MASK length7 | length16 or length64 | key | masked payload      RFC 6455 §5.2
    /// </code>
    /// </summary>
    public static byte[] Frame(byte opcode, ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> key = [0x37, 0xfa, 0x21, 0x3d];
        int lengthBytes = payload.Length < 126 ? 0 : payload.Length <= ushort.MaxValue ? 2 : 8;
        byte[] frame = new byte[2 + lengthBytes + 4 + payload.Length];
        frame[0] = (byte)(0x80 | opcode);
        frame[1] = (byte)(0x80 | (lengthBytes == 0 ? payload.Length : lengthBytes == 2 ? 126 : 127));
        if (lengthBytes == 2)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        else if (lengthBytes == 8)
            BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)payload.Length);
        key.CopyTo(frame.AsSpan(2 + lengthBytes));
        Span<byte> masked = frame.AsSpan(2 + lengthBytes + 4);
        for (int i = 0; i < payload.Length; i++)
            masked[i] = (byte)(payload[i] ^ key[i & 3]);
        return frame;
    }
}
