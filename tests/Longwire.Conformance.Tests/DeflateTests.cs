using System.IO.Compression;

namespace Longwire.Conformance.Tests;

public sealed class DeflateTests
{
    public static TheoryData<string, string> Examples =>
        new()
        {
            { "f248cdc9c90700", "Hello" },
            { "000500faff48656c6c6f00", "Hello" },
            { "f348cdc9c9070000", "Hello" },
            { "f24805000000ffffcac9c90700", "Hello" },
            { "00", "" },
        };

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_examples_of_the_RFC_inflate(string hex, string text) =>
        Assert.Equal(text, Text(new InflateDecoder(15, false).Inflate(Convert.FromHexString(hex), 100)));

    [Fact]
    public void A_message_may_refer_to_the_one_before_only_with_context_takeover()
    {
        InflateDecoder with = new(15, noContextTakeover: false);
        InflateDecoder without = new(15, noContextTakeover: true);
        byte[] first = Convert.FromHexString("f248cdc9c90700");
        byte[] second = Convert.FromHexString("f200110000");

        Assert.Equal("Hello", Text(with.Inflate(first, 100)));
        Assert.Equal("Hello", Text(with.Inflate(second, 100)));
        Assert.Equal("Hello", Text(without.Inflate(first, 100)));
        Assert.Null(without.Inflate(second, 100));
        Assert.Contains("before the start", without.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("06")]
    [InlineData("000500ffff48656c6c6f00")]
    [InlineData("f200110000")]
    [InlineData("fcffffff")]
    [InlineData("00ff0000ff48656c6c6f")]
    [InlineData("f248cdc9")]
    [InlineData("ffffffffffffffff")]
    public void What_is_no_deflate_is_refused(string hex) =>
        Assert.Null(new InflateDecoder(15, false).Inflate(Convert.FromHexString(hex), 1000));

    [Fact]
    public void Inflating_stops_at_the_limit()
    {
        using DeflateEncoder encoder = new(15, false, 9);
        InflateDecoder decoder = new(15, false);

        Assert.Null(decoder.Inflate(encoder.Compress(new byte[1 << 20]), 100_000));
        Assert.Contains("more than", decoder.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, false, 1)]
    [InlineData(9, true, 3)]
    [InlineData(10, false, 6)]
    [InlineData(12, true, 9)]
    [InlineData(15, false, 1)]
    [InlineData(15, false, 3)]
    [InlineData(15, true, 6)]
    [InlineData(15, false, 9)]
    public void What_is_compressed_inflates_and_keeps_to_its_window(int bits, bool noTakeover, int level)
    {
        using DeflateEncoder encoder = new(bits, noTakeover, level);
        InflateDecoder decoder = new(bits, noTakeover);
        foreach (byte[] data in (byte[][])[TestData.Json, TestData.Bitmap, TestData.Prose, TestData.Html, TestData.Document])
        {
            for (int number = 0; number < 6; number++)
            {
                byte[] message = TestData.Slice(data, number, 40_000 >> number);
                byte[]? inflated = decoder.Inflate(encoder.Compress(message), 1 << 20);
                Assert.True(inflated is not null, decoder.Fault);
                Assert.Equal(message, inflated);
            }
        }

        Assert.InRange(decoder.MaxDistance, 1, bits == 9 ? 256 : 1 << bits);
    }

    [Fact]
    public void A_window_that_is_not_kept_to_is_seen()
    {
        using DeflateEncoder encoder = new(15, false, 9);
        byte[] block = TestData.Slice(TestData.Document, 0, 2000);
        byte[] compressed = encoder.Compress([.. block, .. block]);

        Assert.NotNull(new InflateDecoder(11, false).Inflate(compressed, 10_000));
        Assert.Null(new InflateDecoder(10, false).Inflate(compressed, 10_000));
    }

    [Fact]
    public void The_inflater_agrees_with_the_platform_on_random_streams()
    {
        const int Seed = 20261122;
        Random random = new(Seed);
        for (int round = 0; round < 300; round++)
        {
            byte[] message = new byte[random.Next(20_000)];
            int alphabet = 1 + random.Next(256);
            for (int index = 0; index < message.Length; index++)
            {
                message[index] = index > 300 && random.Next(3) == 0 ? message[index - 1 - random.Next(300)] : (byte)random.Next(alphabet);
            }

            using MemoryStream compressed = new();
            using (DeflateStream deflate = new(compressed, (CompressionLevel)random.Next(4), leaveOpen: true))
            {
                deflate.Write(message);
            }

            // A whole stream ends with a final block; the octet of zero is what RFC 7692 §7.2.3.4 has behind it.
            byte[]? inflated = new InflateDecoder(15, false).Inflate([.. compressed.ToArray(), 0], 1 << 20);

            Assert.True(inflated is not null && inflated.AsSpan().SequenceEqual(message), $"seed {Seed}, round {round}");
        }
    }

    [Fact]
    public void Any_octets_end_in_a_message_or_a_fault()
    {
        const int Seed = 7692;
        Random random = new(Seed);
        byte[] octets = new byte[200];
        for (int round = 0; round < 20_000; round++)
        {
            Span<byte> part = octets.AsSpan(0, random.Next(octets.Length));
            random.NextBytes(part);
            InflateDecoder decoder = new(15, false);
            byte[]? inflated = decoder.Inflate(part, 10_000);
            Assert.True(inflated is not null || decoder.Fault.Length > 0, $"seed {Seed}, round {round}");
        }
    }

    [Fact]
    public void A_copy_from_the_farthest_distance_is_what_it_says()
    {
        byte[] data = TestData.Slice(TestData.Document, 1, 32768);
        InflateDecoder decoder = new(15, false);

        byte[]? inflated = decoder.Inflate([.. DeflateBlocks.Stored(data), .. DeflateBlocks.Copy(32768, 258), 0], 1 << 20);

        Assert.Equal([.. data, .. data[..258]], inflated!);
        Assert.Equal(32768, decoder.MaxDistance);
    }

    private static string? Text(byte[]? octets) => octets is null ? null : System.Text.Encoding.UTF8.GetString(octets);
}
