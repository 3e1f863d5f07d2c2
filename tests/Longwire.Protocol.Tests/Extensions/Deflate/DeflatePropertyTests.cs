using System.Buffers;

namespace Longwire.Protocol.Tests;

/// <summary>Random messages, cuts, writers and damage. A failure prints the seed that repeats it.</summary>
public sealed class DeflatePropertyTests
{
    [Fact]
    public void Any_message_in_any_cuts_through_any_writer_comes_back()
    {
        Seeded.Run(150, ComesBack);
    }

    private static void ComesBack(Random random)
    {
        int windowBits = random.Next(9, 16);
        bool takeover = random.Next(2) == 0;
        using var deflater = new MessageDeflater(new CompressorSettings(windowBits, random.Next(10), random.Next(1, 10)), takeover);
        using var inflater = new MessageInflater(windowBits, takeover);
        for (int count = 0; count < 5; count++)
        {
            byte[] message = DeflateSamples.Any(random, random.Next(10) == 0 ? 100_000 : 2000);
            byte[] payload = deflater.Deflate(message);
            var writer = new SmallPieceWriter(1, random.Next(1, 300), random.Next());
            int start = 0;
            while (random.Next(3) != 0)
            {
                int length = random.Next(payload.Length - start + 1);
                Assert.Equal(
                    InflateStatus.Ok,
                    inflater.Inflate(payload.AsSpan(start, length), endOfMessage: false, message.Length, writer)
                );
                start += length;
            }

            InflateStatus status = inflater.Inflate(payload.AsSpan(start), endOfMessage: true, message.Length, writer);
            bool same = message.AsSpan().SequenceEqual(writer.ToArray());
            Assert.True(status == InflateStatus.Ok && same, $"{status}");
        }
    }

    [Fact]
    public void Every_cut_of_a_compressed_message_gives_the_same()
    {
        foreach (int level in (int[])[0, 1, 6])
        {
            byte[] message = DeflateSamples.Json(level, 700);
            using var deflater = new MessageDeflater(new CompressorSettings(15, level, 8), contextTakeover: false);
            byte[] payload = deflater.Deflate(message);
            using var inflater = new MessageInflater(15, contextTakeover: true);
            for (int cut = 0; cut <= payload.Length; cut++)
            {
                var output = new ArrayBufferWriter<byte>();
                Assert.Equal(InflateStatus.Ok, inflater.Inflate(payload.AsSpan(0, cut), endOfMessage: false, 700, output));
                Assert.Equal(InflateStatus.Ok, inflater.Inflate(payload.AsSpan(cut), endOfMessage: true, 700, output));
                Assert.Equal(message, output.WrittenSpan);
            }
        }
    }

    [Fact]
    public void Every_truncation_of_a_compressed_message_is_invalid()
    {
        foreach (int level in (int[])[0, 1, 6])
        {
            using var deflater = new MessageDeflater(new CompressorSettings(15, level, 8), contextTakeover: false);
            byte[] payload = deflater.Deflate(DeflateSamples.Json(level, 700));
            var oracle = new NaiveInflater();
            using var inflater = new MessageInflater(15, contextTakeover: true);
            for (int length = 1; length < payload.Length; length++)
            {
                oracle.Forget();
                inflater.Reset(15);
                Assert.Equal(oracle.Inflate(payload.AsSpan(0, length)), inflater.Inflate(payload.AsSpan(0, length)));
            }
        }
    }

    [Fact]
    public void Damaged_and_random_data_is_judged_as_the_naive_inflater_judges_it()
    {
        int good = 0;
        Seeded.Run(10_000, random => good += JudgedAlike(random));
        Assert.True(good > 100, $"Only {good} were good, so little was compared.");
    }

    // How many of the messages were good.
    private static int JudgedAlike(Random random)
    {
        int good = 0;
        byte[] payload = Damage(random);
        bool takeover = random.Next(2) == 0;
        int windowBits = random.Next(2) == 0 ? 15 : random.Next(8, 16);
        var oracle = new NaiveInflater();
        using var inflater = new MessageInflater(windowBits, takeover);
        for (int message = 0; message < 2; message++)
        {
            byte[]? expected = oracle.Inflate(payload);
            byte[]? actual = InflateInParts(inflater, payload, random);
            // A distance beyond the agreed window is found when the bytes are no longer there, and is harmless when they are.
            if (oracle.MaxDistance > 1 << windowBits)
            {
                break;
            }

            bool same = expected is null ? actual is null : actual is not null && actual.AsSpan().SequenceEqual(expected);
            Assert.True(same, Convert.ToHexString(payload));
            if (expected is null)
            {
                break;
            }

            good++;
            if (!takeover)
            {
                oracle.Forget();
            }
        }

        return good;
    }

    private static byte[]? InflateInParts(MessageInflater inflater, byte[] payload, Random random)
    {
        int cut = random.Next(payload.Length + 1);
        var output = new ArrayBufferWriter<byte>();
        InflateStatus status = inflater.Inflate(payload.AsSpan(0, cut), endOfMessage: false, long.MaxValue, output);
        if (status == InflateStatus.Ok)
        {
            status = inflater.Inflate(payload.AsSpan(cut), endOfMessage: true, long.MaxValue, output);
        }

        Assert.NotEqual(InflateStatus.TooBig, status);
        return status == InflateStatus.Ok ? output.WrittenSpan.ToArray() : null;
    }

    private static byte[] Damage(Random random)
    {
        if (random.Next(4) == 0)
        {
            byte[] noise = new byte[random.Next(1, 60)];
            random.NextBytes(noise);
            return noise;
        }

        using var deflater = new MessageDeflater(new CompressorSettings(15, random.Next(10), 8), contextTakeover: false);
        List<byte> payload = [.. deflater.Deflate(DeflateSamples.Any(random, 300))];
        for (int count = random.Next(3); count > 0 && payload.Count > 0; count--)
        {
            int at = random.Next(payload.Count);
            switch (random.Next(5))
            {
                case 0:
                    payload[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    payload.RemoveAt(at);
                    break;
                case 2:
                    payload.Insert(at, (byte)random.Next(256));
                    break;
                case 3:
                    payload.RemoveRange(at, payload.Count - at);
                    break;
                default:
                    payload.AddRange(payload[at..]);
                    break;
            }
        }

        return [.. payload];
    }
}
