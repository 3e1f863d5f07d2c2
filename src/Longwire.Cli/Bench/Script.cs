using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>The messages that every connection sends, in rotation, framed and masked once: as many rotations in a row as fit.</summary>
internal sealed class Script
{
    /// <summary>
    /// Constant, as on the way to a server under test there is no proxy to protect; and the server unmasks whatever it is.
    /// </summary>
    public const uint MaskingKey = 0x3d21fa37;

    private const int BatchBytes = 128 << 10;
    private const int MaxBatch = 4096;
    private const int MaxVariants = 7;

    private readonly byte[][] _payloads;
    private readonly byte[][] _replies;

    /// <param name="options">Sizes, kind and scheme.</param>
    /// <param name="windowBits">The window to compress with; null sends as it is.</param>
    public Script(BenchOptions options, int? windowBits = null)
    {
        Opcode = options.Payload == PayloadKind.Binary ? Opcode.Binary : Opcode.Text;
        // Neighbours differ, so that a reply which is lost or comes twice is missed at the next one.
        int variants = (int)Math.Clamp(BatchBytes / Math.Max(1, options.Sizes.Sum(static size => (long)size)), 2, MaxVariants);
        _payloads =
        [
            .. Enumerable
                .Range(0, variants)
                .SelectMany(variant => options.Sizes.Select(size => CreatePayload(options.Payload, size, windowBits is not null, variant))),
        ];
        Kinds = _payloads.Length;
        byte[][] frames =
        [
            .. _payloads.Select(payload =>
                windowBits is { } bits ? Frame(Opcode, Compress(payload, bits), compressed: true) : Frame(Opcode, payload)
            ),
        ];
        _replies = windowBits is null ? [.. _payloads.Select(payload => (byte[])[.. Header(Opcode, payload.Length), .. payload])] : [];
        if (options.IsTcp)
        {
            // As many bytes as the masked frame has. They come back as they are, where a WebSocket's reply has no mask and is 4 bytes
            // shorter.
            _payloads = frames;
        }

        int rotation = frames.Sum(static frame => frame.Length);
        int wanted = (Math.Max(options.InFlight, options.IsOpenLoop ? 64 : 1) + Kinds - 1) / Kinds;
        int rotations = Math.Clamp(BatchBytes / Math.Max(rotation, 1), 1, Math.Min(wanted, MaxBatch));
        Count = rotations * Kinds;
        Offsets = new int[Count + 1];
        Bytes = new byte[rotations * rotation];
        for (int slot = 0; slot < Count; slot++)
        {
            frames[slot % Kinds].CopyTo(Bytes, Offsets[slot]);
            Offsets[slot + 1] = Offsets[slot] + frames[slot % Kinds].Length;
        }
    }

    /// <summary>How many messages the rotation has.</summary>
    public int Kinds { get; }

    /// <summary>How many messages lie in <see cref="Bytes"/>.</summary>
    public int Count { get; }

    public byte[] Bytes { get; }

    /// <summary>Where each message begins, and where the last one ends.</summary>
    public int[] Offsets { get; }

    /// <summary>Text or binary.</summary>
    public Opcode Opcode { get; }

    /// <summary>The message as the server sees it after unmasking.</summary>
    public byte[] Payload(int kind) => _payloads[kind];

    /// <summary>Whether the replies are known as they are on the wire: not so when they are compressed.</summary>
    public bool KnowsReplies => _replies.Length != 0;

    /// <summary>A message's reply, if the server sends it in one frame.</summary>
    public ReadOnlySpan<byte> Reply(int kind) => _replies[kind];

    /// <summary>
    /// A whole masked frame.
    /// <code>
    /// FIN RSV1 opcode | MASK length7 | length16 or length64 | key | masked payload      RFC 6455 §5.2
    /// </code>
    /// </summary>
    public static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload, bool compressed = false)
    {
        int lengthBytes =
            payload.Length < 126 ? 0
            : payload.Length <= ushort.MaxValue ? 2
            : 8;
        byte[] frame = new byte[2 + lengthBytes + 4 + payload.Length];
        frame[0] = (byte)(0x80 | (compressed ? 0x40 : 0) | (int)opcode);
        frame[1] = (byte)(
            0x80
            | (
                lengthBytes == 0 ? payload.Length
                : lengthBytes == 2 ? 126
                : 127
            )
        );
        if (lengthBytes == 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }
        else if (lengthBytes == 8)
        {
            BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)payload.Length);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(2 + lengthBytes), MaskingKey);
        Masking.Apply(payload, frame.AsSpan(2 + lengthBytes + 4), MaskingKey);
        return frame;
    }

    /// <summary>A payload of exactly that size: printable ASCII, so that a server has text to validate.</summary>
    /// <param name="kind">The kind of its contents.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="varied">Whether it is of words, for a compressor.</param>
    /// <param name="variant">Which of those of this size; they differ in one letter, where there is one.</param>
    public static byte[] CreatePayload(PayloadKind kind, int size, bool varied, int variant = 0)
    {
        byte[] payload = new byte[size];
        uint random = 1;
        for (int i = 0; i < size; i++)
        {
            // A compressor gets words of a sort to work on, neither one long repetition nor noise.
            random = random * 1664525 + 1013904223;
            payload[i] =
                !varied ? (byte)('a' + i % 26)
                : i % 7 == 6 ? (byte)' '
                : (byte)('a' + (random >> 24) % 12);
        }

        int place = kind == PayloadKind.Json ? LeastBytes(kind) - 2 : 0;
        if (size > (kind == PayloadKind.Json ? LeastBytes(kind) : 0))
        {
            payload[place] = (byte)('A' + variant);
        }

        if (kind == PayloadKind.Json)
        {
            "{\"text\":\""u8.CopyTo(payload);
            "\"}"u8.CopyTo(payload.AsSpan(size - 2));
        }

        return payload;
    }

    /// <summary>The smallest message of a kind, in bytes.</summary>
    public static int LeastBytes(PayloadKind kind) => kind == PayloadKind.Json ? Encoding.ASCII.GetByteCount("{\"text\":\"\"}") : 0;

    private static byte[] Header(Opcode opcode, int length)
    {
        Span<byte> header = stackalloc byte[FrameHeader.MaxLength];
        return header[..new FrameHeader(opcode, length).Write(header)].ToArray();
    }

    private static byte[] Compress(byte[] payload, int windowBits)
    {
        using var deflater = new MessageDeflater(
            new CompressorSettings(windowBits, new DeflateOptions().Level, new DeflateOptions().MemoryLevel),
            contextTakeover: false
        );
        var output = new ArrayBufferWriter<byte>();
        deflater.Deflate(payload, output);
        return output.WrittenSpan.ToArray();
    }
}
