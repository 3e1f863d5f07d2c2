using System.Buffers;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Longwire.Protocol.Tests;

public sealed class MessageDeflaterTests
{
    public static TheoryData<int, int, int, bool> AllSettings()
    {
        var data = new TheoryData<int, int, int, bool>();
        for (int windowBits = 9; windowBits <= 15; windowBits++)
        {
            for (int level = 0; level <= 9; level++)
            {
                data.Add(windowBits, level, 1 + ((level + windowBits) % 9), true);
                data.Add(windowBits, level, 1 + ((level + windowBits) % 9), false);
            }
        }

        return data;
    }

    [Fact]
    public void The_native_layout_is_the_one_of_the_base_library()
    {
        Type theirs = typeof(DeflateStream).Assembly.GetTypes().Single(type => type.Name == "ZStream");
        FieldInfo[] fields = theirs.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        string[] ours = ["NextIn", "NextOut", "Message", "InternalState", "AvailableIn", "AvailableOut"];
        string[] names = ["nextIn", "nextOut", "msg", "internalState", "availIn", "availOut"];
        Assert.Equal(names, fields.Select(field => field.Name.TrimStart('_')));
        Assert.Equal(
            fields.Select(field => Marshal.OffsetOf(theirs, field.Name)),
            ours.Select(name => Marshal.OffsetOf<NativeStream>(name))
        );
        Assert.Equal(Marshal.SizeOf(theirs), Marshal.SizeOf<NativeStream>());
        Assert.True(PerMessageDeflate.IsSupported);
    }

    [Theory]
    [MemberData(nameof(AllSettings))]
    public void A_naive_inflater_reads_every_setting_and_no_distance_passes_the_window(
        int windowBits,
        int level,
        int memoryLevel,
        bool takeover
    )
    {
        var random = new Random(windowBits + (100 * level));
        using var deflater = new MessageDeflater(new CompressorSettings(windowBits, level, memoryLevel), takeover);
        var oracle = new NaiveInflater();
        for (int round = 0; round < 12; round++)
        {
            byte[] message = DeflateSamples.Any(random, 3000);
            byte[] payload = deflater.Deflate(message);
            Assert.Equal(message, oracle.Inflate(payload));
            Assert.InRange(oracle.MaxDistance, 0, 1 << windowBits);
            if (!takeover)
            {
                oracle.Forget();
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllSettings))]
    public void The_base_library_reads_every_setting(int windowBits, int level, int memoryLevel, bool takeover)
    {
        using var deflater = new MessageDeflater(new CompressorSettings(windowBits, level, memoryLevel), takeover);
        using var all = new MemoryStream();
        using var expected = new MemoryStream();
        for (int round = 0; round < 3; round++)
        {
            byte[] message = DeflateSamples.Json(round % 2, 40_000);
            expected.Write(message);
            all.Write(deflater.Deflate(message));
            all.Write([0, 0, 0xFF, 0xFF]);
        }

        all.Write([0x03, 0x00]);
        all.Position = 0;
        using var stream = new DeflateStream(all, CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        stream.CopyTo(inflated);
        Assert.Equal(expected.ToArray(), inflated.ToArray());
    }

    [Fact]
    public void The_example_of_the_RFC_comes_out_with_the_fixed_code()
    {
        // RFC 7692 §7.2.3.1 and §7.2.3.2: "Hello", and "Hello" again that refers to the first.
        using var deflater = new MessageDeflater(new CompressorSettings(15, 6, 8), contextTakeover: true);
        Assert.Equal(DeflateSamples.Hex("f2 48 cd c9 c9 07 00"), deflater.Deflate("Hello"u8));
        Assert.Equal(DeflateSamples.Hex("f2 00 11 00 00"), deflater.Deflate("Hello"u8));
    }

    [Fact]
    public void Without_context_takeover_the_same_message_gives_the_same_bytes()
    {
        byte[] message = DeflateSamples.Json(1, 2000);
        for (int level = 0; level <= 9; level++)
        {
            using var deflater = new MessageDeflater(new CompressorSettings(12, level, 8), contextTakeover: false);
            byte[] first = deflater.Deflate(message);
            Assert.Equal(first, deflater.Deflate(message));
            deflater.Deflate(DeflateSamples.Json(2, 9000));
            Assert.Equal(first, deflater.Deflate(message));
        }
    }

    [Fact]
    public void With_context_takeover_the_same_message_shrinks_to_a_reference()
    {
        byte[] message = DeflateSamples.Json(1, 2000);
        using var deflater = new MessageDeflater(new CompressorSettings(15, 6, 8), contextTakeover: true);
        Assert.True(deflater.Deflate(message).Length > 300);
        Assert.True(deflater.Deflate(message).Length < 40);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_empty_message_is_the_byte_zero(bool takeover)
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 3, 8), takeover);
        using var inflater = new MessageInflater(15, takeover);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal([0], deflater.Deflate([]));
            byte[] message = DeflateSamples.Json(round, 100);
            Assert.Equal(message, inflater.Inflate(deflater.Deflate(message)));
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_message_in_parts_is_the_same_message(bool takeover, bool flush)
    {
        var random = new Random(3);
        using var deflater = new MessageDeflater(new CompressorSettings(11, 5, 4), takeover);
        using var inflater = new MessageInflater(11, takeover);
        for (int round = 0; round < 200; round++)
        {
            byte[] message = DeflateSamples.Any(random, 5000);
            var output = new ArrayBufferWriter<byte>();
            int start = 0;
            while (random.Next(4) != 0)
            {
                int part = random.Next(message.Length - start + 1);
                deflater.DeflatePart(message.AsSpan(start, part), output, flush);
                start += part;
                if (flush)
                {
                    // All that was written so far can be read now: a copy of it, ended by an empty block, is the start of the message.
                    Assert.True(output.WrittenCount == 0 || output.WrittenSpan.EndsWith((byte[])[0, 0, 0xFF, 0xFF]));
                }
            }

            deflater.Deflate(message.AsSpan(start), output);
            Assert.Equal(message, inflater.Inflate(output.WrittenSpan));
        }
    }

    [Fact]
    public void A_flushed_part_can_be_read_at_once()
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 3, 8), contextTakeover: true);
        using var inflater = new MessageInflater(15, contextTakeover: true);
        var sent = new ArrayBufferWriter<byte>();
        var read = new ArrayBufferWriter<byte>();
        deflater.DeflatePart("one "u8, sent, flush: true);
        Assert.Equal(InflateStatus.Ok, inflater.Inflate(sent.WrittenSpan, endOfMessage: false, 100, read));
        Assert.Equal("one "u8, read.WrittenSpan);
        sent.Clear();
        deflater.Deflate("two"u8, sent);
        Assert.Equal(InflateStatus.Ok, inflater.Inflate(sent.WrittenSpan, endOfMessage: true, 100, read));
        Assert.Equal("one two"u8, read.WrittenSpan);
    }

    [Fact]
    public void A_reset_between_messages_is_read_by_a_peer_that_keeps_its_window()
    {
        byte[] message = DeflateSamples.Json(1, 1000);
        using var deflater = new MessageDeflater(new CompressorSettings(15, 6, 8), contextTakeover: true);
        using var inflater = new MessageInflater(15, contextTakeover: true);
        byte[] first = deflater.Deflate(message);
        Assert.Equal(message, inflater.Inflate(first));
        deflater.Reset();
        deflater.Reset();
        byte[] second = deflater.Deflate(message);
        Assert.Equal(first, second);
        Assert.Equal(message, inflater.Inflate(second));
        Assert.Equal(message, inflater.Inflate(deflater.Deflate(message)));
    }

    [Fact]
    public void A_reset_in_the_middle_of_a_message_leaves_nothing_of_it()
    {
        for (int level = 0; level <= 9; level++)
        {
            using var deflater = new MessageDeflater(new CompressorSettings(15, level, 8), contextTakeover: false);
            byte[] first = deflater.Deflate(DeflateSamples.Json(1, 1000));
            deflater.DeflatePart(DeflateSamples.Json(2, 100_000), new ArrayBufferWriter<byte>());
            deflater.Reset();
            Assert.Equal(first, deflater.Deflate(DeflateSamples.Json(1, 1000)));
        }
    }

    [Fact]
    public void A_writer_of_small_pieces_gets_the_same_bytes()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            byte[] message = DeflateSamples.Any(new Random(seed), 20_000);
            using var deflater = new MessageDeflater(new CompressorSettings(15, 1 + (seed % 9), 8), contextTakeover: false);
            using var inflater = new MessageInflater(15, contextTakeover: false);
            var writer = new SmallPieceWriter(64, 64 + (seed % 70), seed);
            deflater.Deflate(message, writer);
            Assert.Equal(message, inflater.Inflate(writer.ToArray()));
        }
    }

    [Fact]
    public void Warm_it_allocates_nothing()
    {
        byte[] message = DeflateSamples.Json(1, 1000);
        var output = new ArrayBufferWriter<byte>(4096);
        using var deflater = new MessageDeflater(new CompressorSettings(15, 3, 8), contextTakeover: true);
        long before = 0;
        for (int round = 0; round < 2000; round++)
        {
            if (round == 1000)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            output.ResetWrittenCount();
            deflater.Deflate(message, output);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Disposed_it_refuses_and_disposing_twice_is_nothing()
    {
        var deflater = new MessageDeflater(new CompressorSettings(9, 1, 1), contextTakeover: true);
        deflater.Dispose();
        deflater.Dispose();
        Assert.Throws<ObjectDisposedException>(() => deflater.Deflate("x"u8, new ArrayBufferWriter<byte>()));
        Assert.Throws<ObjectDisposedException>(deflater.Reset);
    }

    [Theory]
    [InlineData(8, 1, 1)]
    [InlineData(16, 1, 1)]
    [InlineData(9, -1, 1)]
    [InlineData(9, 10, 1)]
    [InlineData(9, 1, 0)]
    [InlineData(9, 1, 10)]
    public void Settings_out_of_range_are_refused(int windowBits, int level, int memoryLevel) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompressorSettings(windowBits, level, memoryLevel));

    [Fact]
    public void Settings_left_at_nothing_are_refused() =>
        Assert.Throws<ArgumentException>(() => new MessageDeflater(default, contextTakeover: true));

    [Theory]
    [InlineData(15, 8, 352_256)]
    [InlineData(12, 5, 165_888)]
    [InlineData(9, 1, 141_952)]
    public void The_memory_of_a_compressor_is_what_zlib_ng_takes(int windowBits, int memoryLevel, int bytes) =>
        Assert.Equal(bytes, new CompressorSettings(windowBits, 6, memoryLevel).MemoryBytes);

    [Fact]
    public void Nothing_is_written_for_an_empty_part_before_a_message_begins()
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 6, 8), contextTakeover: true);
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(0, deflater.DeflatePart([], output, flush: true));
        Assert.Equal(0, output.WrittenCount);
        deflater.DeflatePart("a"u8, output);
        Assert.True(deflater.InsideMessage);
        Assert.NotEqual(0, deflater.DeflatePart([], output, flush: true));
        deflater.Reset();
        Assert.False(deflater.InsideMessage);
    }

    [Fact]
    public void An_output_that_throws_leaves_the_message_unfinished()
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 6, 8), contextTakeover: true);
        Assert.Throws<NotSupportedException>(() => deflater.Deflate("message"u8, new NoWriter()));
        Assert.True(deflater.InsideMessage);
    }

    [Fact]
    public void An_output_is_needed()
    {
        using var deflater = new MessageDeflater(new CompressorSettings(15, 6, 8), contextTakeover: true);
        Assert.Throws<ArgumentNullException>("output", () => deflater.Deflate("a"u8, null!));
        Assert.Throws<ArgumentNullException>("output", () => deflater.DeflatePart("a"u8, null!));
        Assert.Throws<ArgumentException>("settings", static () => new MessageDeflater(default, contextTakeover: true));
    }

    private sealed class NoWriter : IBufferWriter<byte>
    {
        public void Advance(int count) => throw new NotSupportedException();

        public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

        public Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();
    }
}
