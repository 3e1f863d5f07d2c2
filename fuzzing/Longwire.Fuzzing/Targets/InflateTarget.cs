using System.Buffers;
using System.IO.Compression;

namespace Longwire.Fuzzing;

/// <summary>
/// Inflating (RFC 7692 §7.2.2): compressed messages, damaged, cut anywhere, under limits, beside the bit-by-bit inflater, and beside
/// <see cref="DeflateStream"/> where the data is right.
/// </summary>
/// <remarks>
/// Legal outcomes of a message: Ok and the oracle's bytes, when those are within the limit; TooBig when they are not, or when damage lies
/// behind the limit; Invalid when the oracle finds no message. Never: an exception, a byte written over the limit, Ok after a failure
/// before a reset, another result after a reset than a new inflater's.
/// </remarks>
internal sealed class InflateTarget : FuzzTarget
{
    private static readonly byte[] _hello = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];
    private readonly MessageInflater _used = new(15, contextTakeover: false);

    public override string Name => "inflate";

    public override byte[] Generate(Random random)
    {
        var input = new List<byte>(random.Bytes(5));
        using var deflater = new MessageDeflater(
            new CompressorSettings(random.Next(9, 16), random.Next(10), random.Next(1, 10)),
            contextTakeover: random.Next(2) == 0
        );
        for (int messages = random.Next(1, 4); messages > 0; messages--)
        {
            byte[] payload = random.Next(8) switch
            {
                0 => random.Bytes(random.Next(1, 60)),
                1 => Crafted(random),
                _ => deflater.Deflate(DeflateSamples.Any(random, random.Next(20) == 0 ? 20_000 : 300)),
            };
            if (random.Next(2) == 0)
            {
                payload = Mutator.Mutate(payload, payload, random);
            }

            input.Add((byte)payload.Length);
            input.Add((byte)(payload.Length >> 8));
            input.AddRange(payload);
        }

        return [.. input];
    }

    public override string Check(byte[] input)
    {
        var reader = new InputReader(input);
        byte flags = reader.Byte();
        bool takeover = (flags & 1) != 0;
        int windowBits = (flags & 2) != 0 ? 8 + (flags >> 5) : 15;
        long limit = (flags & 4) != 0 ? reader.Short() % 700 : (1 << 20) + (0 * reader.Short());
        var random = new Random(reader.Short());
        bool fresh = takeover || (flags & 8) != 0;
        MessageInflater inflater = fresh ? new MessageInflater(windowBits, takeover) : _used;
        if (!fresh)
        {
            inflater.Reset(windowBits);
        }

        try
        {
            var oracle = new NaiveInflater();
            var outcome = new List<string>();
            while (!reader.AtEnd && outcome.Count < 4)
            {
                byte[] payload = reader.Bytes(reader.Short());
                InflateStatus status = CheckMessage(inflater, oracle, payload, limit, windowBits, random);
                outcome.Add($"{status}{(payload.Length == 0 ? " empty" : "")}");
                if (status != InflateStatus.Ok)
                {
                    break;
                }

                if (!takeover)
                {
                    oracle.Forget();
                }
            }

            return $"{takeover} {string.Join(' ', outcome)}";
        }
        finally
        {
            if (fresh)
            {
                inflater.Dispose();
            }
        }
    }

    public override void Dispose()
    {
        _used.Dispose();
        base.Dispose();
    }

    private static InflateStatus CheckMessage(
        MessageInflater inflater,
        NaiveInflater oracle,
        byte[] payload,
        long limit,
        int windowBits,
        Random random
    )
    {
        byte[]? expected = oracle.Inflate(payload);
        (InflateStatus status, byte[] written) = Inflate(inflater, payload, limit, random);
        Require(written.Length <= limit, $"Written over the limit: {written.Length} over {limit}");
        if (oracle.MaxDistanceEver <= 1 << windowBits)
        {
            bool legal = status switch
            {
                InflateStatus.Ok => expected is not null && expected.AsSpan().SequenceEqual(written),
                InflateStatus.TooBig => written.Length == limit && (expected is null || expected.Length > limit),
                _ => expected is null,
            };
            Require(
                legal,
                $"Judged otherwise than by the oracle: {status}, {written.Length} bytes, the oracle has {expected?.Length.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}"
            );
        }

        if (status == InflateStatus.Ok)
        {
            return status;
        }

        Require(inflater.Inflate(_hello) is null, "A failed inflater goes on");
        inflater.Reset(15);
        Require(inflater.Inflate(_hello)?.AsSpan().SequenceEqual("Hello"u8) == true, "A reset inflater is not as good as new");
        return status;
    }

    private static (InflateStatus Status, byte[] Written) Inflate(MessageInflater inflater, byte[] payload, long limit, Random random)
    {
        var output = new LimitedWriter(limit, random);
        InflateStatus status = InflateStatus.Ok;
        int start = 0;
        while (status == InflateStatus.Ok && random.Next(3) != 0)
        {
            int length = random.Next(payload.Length - start + 1);
            status = inflater.Inflate(payload.AsSpan(start, length), endOfMessage: false, limit, output);
            start += length;
        }

        if (status == InflateStatus.Ok)
        {
            status = inflater.Inflate(payload.AsSpan(start), endOfMessage: true, limit, output);
            if (status == InflateStatus.Ok)
            {
                CompareWithDeflateStream(payload, output.ToArray(), inflater.ContextTakeover);
            }
        }

        return (status, output.ToArray());
    }

    // A message that stands alone is a deflate stream once it has its tail and a last block.
    private static void CompareWithDeflateStream(byte[] payload, byte[] message, bool takeover)
    {
        if (takeover || payload.Length == 0)
        {
            return;
        }

        using var source = new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF, 0x01, 0x00, 0x00, 0xFF, 0xFF]);
        using var stream = new DeflateStream(source, CompressionMode.Decompress);
        byte[] inflated = new byte[message.Length];
        int length = stream.ReadAtLeast(inflated, inflated.Length, throwOnEndOfStream: false);
        // It ends with a final block; what comes behind that one is a stream of its own and is not read.
        Require(inflated.AsSpan(0, length).SequenceEqual(message.AsSpan(0, length)), "DeflateStream reads something else");
    }

    // Blocks that compressors don't make: empty blocks, final blocks, stored blocks of odd lengths, in any order.
    private static byte[] Crafted(Random random)
    {
        var payload = new List<byte>();
        for (int count = random.Next(1, 6); count > 0; count--)
        {
            int length = random.Next(8);
            payload.AddRange(
                random.Next(6) switch
                {
                    0 => [0x03, 0x00],
                    1 => [0x02, 0x00],
                    2 => [0x01, (byte)length, 0, (byte)~length, 0xFF, .. random.Bytes(length)],
                    3 => [0x00, (byte)length, 0, (byte)~length, 0xFF, .. random.Bytes(length)],
                    4 => _hello,
                    _ => [0x00],
                }
            );
        }

        return [.. payload];
    }

    private sealed class LimitedWriter(long limit, Random random) : IBufferWriter<byte>
    {
        private readonly ArrayBufferWriter<byte> _written = new();
        private byte[] _piece = [];

        public byte[] ToArray() => _written.WrittenSpan.ToArray();

        public void Advance(int count)
        {
            Require(_written.WrittenCount + count <= limit, "The writer is advanced over the limit");
            _written.Write(_piece.AsSpan(0, count));
        }

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            Require(sizeHint <= 16 << 10 && sizeHint <= limit - _written.WrittenCount, $"Too much asked for: {sizeHint}");
            _piece = new byte[Math.Max(1, sizeHint + random.Next(3) * random.Next(200))];
            return _piece;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
