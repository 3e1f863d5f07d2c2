using System.Buffers;
using System.IO.Compression;

namespace Longwire.Protocol.Tests;

public sealed class MessageInflaterTests
{
    private static readonly byte[] _hello = "Hello"u8.ToArray();

    [Theory]
    [InlineData("f2 48 cd c9 c9 07 00")] // §7.2.3.1, one fixed block
    [InlineData("00 05 00 fa ff 48 65 6c 6c 6f 00")] // §7.2.3.3, a stored block
    [InlineData("f3 48 cd c9 c9 07 00 00")] // §7.2.3.4, BFINAL=1
    [InlineData("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")] // §7.2.3.5, two blocks
    [InlineData("f3 48 cd c9 c9 07 00")] // BFINAL=1 at the very end
    [InlineData("03 00 03 00 f3 48 cd c9 c9 07 00 03 00 00")] // BFINAL=1 over and over
    [InlineData("01 00 00 ff ff f2 48 cd c9 c9 07 00")] // BFINAL=1 on an empty stored block
    [InlineData("f2 48 cd c9 c9 07 00 00 00 ff ff 01")] // BFINAL=1 on the block whose tail is dropped
    public void Every_form_of_Hello_is_read_whole_and_cut_anywhere_and_the_next_message_works(string hex)
    {
        byte[] payload = DeflateSamples.Hex(hex);
        foreach (bool takeover in (bool[])[true, false])
        {
            using var inflater = new MessageInflater(15, takeover);
            for (int cut = 0; cut <= payload.Length; cut++)
            {
                var output = new ArrayBufferWriter<byte>();
                Assert.Equal(InflateStatus.Ok, inflater.Inflate(payload.AsSpan(0, cut), endOfMessage: false, 5, output));
                Assert.Equal(InflateStatus.Ok, inflater.Inflate(payload.AsSpan(cut), endOfMessage: true, 5, output));
                Assert.Equal("Hello"u8, output.WrittenSpan);
                Assert.Equal(_hello, inflater.Inflate(DeflateSamples.Hex("f2 48 cd c9 c9 07 00")));
            }
        }
    }

    [Fact]
    public void The_second_Hello_refers_to_the_first()
    {
        using var inflater = new MessageInflater(15, contextTakeover: true);
        Assert.Equal(_hello, inflater.Inflate(DeflateSamples.Hex("f2 48 cd c9 c9 07 00")));
        Assert.Equal(_hello, inflater.Inflate(DeflateSamples.Hex("f2 00 11 00 00")));
    }

    [Fact]
    public void Without_context_takeover_a_reference_to_the_message_before_is_invalid()
    {
        using var inflater = new MessageInflater(15, contextTakeover: false);
        Assert.Equal(_hello, inflater.Inflate(DeflateSamples.Hex("f2 48 cd c9 c9 07 00")));
        Assert.Equal(InflateStatus.Invalid, inflater.Inflate(DeflateSamples.Hex("f2 00 11 00 00"), 100, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("02 00")]
    [InlineData("03 00")]
    [InlineData("01")]
    public void An_empty_message_has_several_forms(string hex)
    {
        using var inflater = new MessageInflater(15, contextTakeover: true);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(Array.Empty<byte>(), inflater.Inflate(DeflateSamples.Hex(hex), 0));
            Assert.Equal(_hello, inflater.Inflate(DeflateSamples.Hex("f2 48 cd c9 c9 07 00")));
        }
    }

    [Theory]
    [InlineData("06")] // BTYPE=11
    [InlineData("07")]
    [InlineData("ff ff ff ff")]
    [InlineData("00 05 00 fa fe")] // NLEN is not the complement
    [InlineData("f2 48 cd c9 c9 07 00 ff")] // garbage behind the message
    [InlineData("f3 48 cd c9 c9 07 00 07")] // garbage behind a final block
    [InlineData("78 9c f2 48 cd c9 c9 07 00")] // a zlib header
    [InlineData("1f 8b 08 00 00 00 00 00 00 03")] // a gzip header
    [InlineData("78 bb 00 00 00 01")] // a zlib header that asks for a dictionary
    [InlineData("f2 00 11 00 00")] // a distance beyond the beginning
    [InlineData("f2")] // cut short, in many ways
    [InlineData("f2 48")]
    [InlineData("f2 48 cd c9")]
    [InlineData("f2 48 cd c9 c9")]
    [InlineData("f2 48 cd c9 c9 07 00 00")]
    [InlineData("f2 48 cd c9 c9 07 00 00 00 ff")]
    [InlineData("f2 48 cd c9 c9 07 00 00 00 ff ff")]
    [InlineData("00 05")]
    [InlineData("00 05 00 fa ff")]
    [InlineData("00 05 00 fa ff 48")]
    [InlineData("00 04 00 fb ff")] // a stored block as long as the tail
    [InlineData("04")]
    [InlineData("05 c0 81 08")]
    public void Bad_data_is_a_value(string hex)
    {
        byte[] payload = DeflateSamples.Hex(hex);
        foreach (bool takeover in (bool[])[true, false])
        {
            using var inflater = new MessageInflater(15, takeover);
            Assert.Equal(InflateStatus.Invalid, inflater.Inflate(payload, 100_000, out _));
            Assert.Equal(InflateStatus.Invalid, inflater.Inflate([0], 100_000, out _));
            inflater.Reset(15);
            Assert.Equal(_hello, inflater.Inflate(DeflateSamples.Hex("f2 48 cd c9 c9 07 00")));

            // Byte by byte, too.
            inflater.Reset(15);
            InflateStatus status = InflateStatus.Ok;
            for (int i = 0; i < payload.Length && status == InflateStatus.Ok; i++)
            {
                status = inflater.Inflate(payload.AsSpan(i, 1), i == payload.Length - 1, 100_000, new ArrayBufferWriter<byte>());
            }

            Assert.Equal(InflateStatus.Invalid, status);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(12)]
    [InlineData(15)]
    public void Every_window_is_read(int windowBits)
    {
        using var deflater = new MessageDeflater(new CompressorSettings(Math.Max(9, windowBits), 9, 9), contextTakeover: true);
        using var inflater = new MessageInflater(windowBits, contextTakeover: true);
        for (int round = 0; round < 20; round++)
        {
            byte[] message = DeflateSamples.Json(round, 10_000);
            Assert.Equal(message, inflater.Inflate(deflater.Deflate(message)));
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(16)]
    public void Other_windows_are_refused(int windowBits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessageInflater(windowBits, contextTakeover: true));

    [Fact]
    public void A_message_of_exactly_the_limit_is_read_and_one_byte_more_is_too_big()
    {
        foreach (int length in (int[])[1, 2, 125, 126, 4096, 16384, 65535, 65536, 100_000])
        {
            foreach (byte[] message in (byte[][])[new byte[length], DeflateSamples.Json(1, length)])
            {
                using var deflater = new MessageDeflater(new CompressorSettings(15, 6, 8), contextTakeover: false);
                byte[] payload = deflater.Deflate(message);
                using var inflater = new MessageInflater(15, contextTakeover: true);
                Assert.Equal(InflateStatus.Ok, inflater.Inflate(payload, length, out byte[] whole));
                Assert.Equal(message, whole);
                Assert.Equal(InflateStatus.TooBig, inflater.Inflate(payload, length - 1, out byte[] start));
                Assert.Equal(message[..^1], start);
            }
        }
    }

    [Fact]
    public void The_limit_is_of_the_message_not_of_the_part()
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 6, 8), contextTakeover: false);
        byte[] payload = deflater.Deflate(DeflateSamples.Json(1, 1000));
        using var inflater = new MessageInflater(15, contextTakeover: false);
        var output = new ArrayBufferWriter<byte>();
        InflateStatus status = InflateStatus.Ok;
        for (int i = 0; i < payload.Length && status == InflateStatus.Ok; i++)
        {
            status = inflater.Inflate(payload.AsSpan(i, 1), i == payload.Length - 1, 999, output);
        }

        Assert.Equal(InflateStatus.TooBig, status);
        Assert.Equal(999, output.WrittenCount);

        inflater.Reset(15);
        for (int round = 0; round < 3; round++)
        {
            Assert.NotNull(inflater.Inflate(payload, 1000));
        }
    }

    [Fact]
    public void A_bomb_of_one_MiB_for_one_GiB_ends_at_the_limit_within_50_ms_of_processor_time()
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 9, 8), contextTakeover: false);
        byte[] part = [.. deflater.Deflate(new byte[16 << 20]), 0, 0, 0xFF, 0xFF];
        var bomb = new ArrayBufferWriter<byte>();
        for (int i = 0; i < 64; i++)
        {
            bomb.Write(part);
        }

        Assert.InRange(bomb.WrittenCount, 1_000_000, 1_100_000);

        const int Limit = 1 << 20;
        using var inflater = new MessageInflater(15, contextTakeover: true);
        var output = new ArrayBufferWriter<byte>(Limit);
        InflateStatus status = InflateStatus.Ok;
        Action inflate = () => status = inflater.Inflate(bomb.WrittenSpan, endOfMessage: false, Limit, output);
        TimeSpan best = TimeSpan.MaxValue;
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            // The best of some attempts: the first one compiles.
            inflater.Reset(15);
            output.ResetWrittenCount();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan used = ThreadTime.Of(inflate);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            best = used < best ? used : best;
            Assert.Equal(InflateStatus.TooBig, status);
            Assert.Equal(Limit, output.WrittenCount);
            least = Math.Min(least, allocated);
        }

        Assert.Equal(0, least);
        Assert.True(best < TimeSpan.FromMilliseconds(50), $"{best.TotalMilliseconds} ms");
    }

    [Fact]
    public void A_million_final_blocks_end()
    {
        byte[] payload = new byte[1 << 20];
        for (int i = 0; i < payload.Length; i += 2)
        {
            payload[i] = 3;
        }

        using var inflater = new MessageInflater(15, contextTakeover: true);
        TimeSpan used = ThreadTime.Of(() => Assert.Equal(Array.Empty<byte>(), inflater.Inflate(payload)));
        Assert.InRange(used, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_million_one_byte_parts_and_empty_parts_are_one_message()
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 1, 8), contextTakeover: false);
        byte[] message = new byte[1_000_000];
        new Random(1).NextBytes(message);
        byte[] payload = deflater.Deflate(message);
        using var inflater = new MessageInflater(15, contextTakeover: false);
        var output = new ArrayBufferWriter<byte>(message.Length + 20_000);
        for (int i = 0; i < payload.Length; i++)
        {
            Assert.Equal(InflateStatus.Ok, inflater.Inflate(payload.AsSpan(i, 1), endOfMessage: false, message.Length, output));
            Assert.Equal(InflateStatus.Ok, inflater.Inflate([], endOfMessage: false, message.Length, output));
        }

        Assert.Equal(InflateStatus.Ok, inflater.Inflate([], endOfMessage: true, message.Length, output));
        Assert.Equal(message, output.WrittenSpan);
    }

    [Fact]
    public void What_the_base_library_compresses_is_read()
    {
        foreach (CompressionLevel level in Enum.GetValues<CompressionLevel>())
        {
            using var stream = new MemoryStream();
            using var deflate = new DeflateStream(stream, level);
            using var inflater = new MessageInflater(15, contextTakeover: true);
            for (int round = 0; round < 10; round++)
            {
                byte[] message = DeflateSamples.Json(round, 1 + (round * 5000));
                stream.SetLength(0);
                deflate.Write(message);
                deflate.Flush();
                ReadOnlySpan<byte> payload = stream.ToArray();
                Assert.True(payload.EndsWith((byte[])[0, 0, 0xFF, 0xFF]));
                Assert.Equal(message, inflater.Inflate(payload[..^4]));
            }
        }
    }

    [Fact]
    public void Warm_it_allocates_nothing()
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 3, 8), contextTakeover: false);
        byte[] payload = deflater.Deflate(DeflateSamples.Json(1, 1000));
        var output = new ArrayBufferWriter<byte>(4096);
        foreach (bool takeover in (bool[])[true, false])
        {
            using var inflater = new MessageInflater(15, takeover);
            long before = 0;
            for (int round = 0; round < 2000; round++)
            {
                if (round == 1000)
                {
                    before = GC.GetAllocatedBytesForCurrentThread();
                }

                output.ResetWrittenCount();
                inflater.Inflate(payload, endOfMessage: true, 1000, output);
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    [Fact]
    public void Disposed_it_refuses_and_disposing_twice_is_nothing()
    {
        var inflater = new MessageInflater(9, contextTakeover: true);
        inflater.Dispose();
        inflater.Dispose();
        Assert.Throws<ObjectDisposedException>(() => inflater.Inflate([0], endOfMessage: true, 1, new ArrayBufferWriter<byte>()));
        Assert.Throws<ObjectDisposedException>(() => inflater.Reset(9));
    }

    [Fact]
    public void A_writer_that_throws_spoils_the_stream_until_it_is_reset()
    {
        using var inflater = new MessageInflater(15, contextTakeover: true);
        Assert.Throws<NotSupportedException>(() =>
            inflater.Inflate(DeflateSamples.Hex("f2 48 cd c9 c9 07 00"), endOfMessage: true, 100, new ThrowingWriter())
        );
        Assert.Null(inflater.Inflate(DeflateSamples.Hex("f2 48 cd c9 c9 07 00")));
        inflater.Reset(15);
        Assert.Equal(_hello, inflater.Inflate(DeflateSamples.Hex("f2 48 cd c9 c9 07 00")));
    }

    private sealed class ThrowingWriter : IBufferWriter<byte>
    {
        public void Advance(int count) => throw new NotSupportedException();

        public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

        public Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();
    }
}
