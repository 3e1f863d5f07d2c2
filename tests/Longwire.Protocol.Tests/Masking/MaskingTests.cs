namespace Longwire.Protocol.Tests;

public sealed class MaskingTests
{
    // RFC 6455 §5.3, word for word.
    private static byte[] Naive(byte[] data, byte[] key) => [.. data.Select((value, i) => (byte)(value ^ key[i % 4]))];

    private static byte[] RandomBytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public void The_example_of_the_RFC_comes_out()
    {
        byte[] data = Wire.Utf8("Hello");
        Masking.Apply(data, BitConverter.ToUInt32(Wire.Key));
        Assert.Equal([0x7F, 0x9F, 0x4D, 0x51, 0x58], data);
    }

    [Fact]
    public void Every_length_at_every_alignment_is_masked_as_the_naive_way_does_it_and_nothing_beside_it_changes()
    {
        var random = new Random(1);
        byte[] key = RandomBytes(random, 4);
        uint packed = BitConverter.ToUInt32(key);
        for (int length = 0; length <= 300; length++)
        {
            byte[] data = RandomBytes(random, length);
            byte[] expected = Naive(data, key);
            for (int offset = 0; offset < 64; offset += length % 7 == 0 ? 1 : 9)
            {
                byte[] memory = new byte[offset + length + 64];
                data.CopyTo(memory, offset);
                uint next = Masking.Apply(memory.AsSpan(offset, length), packed);
                Assert.True(memory.AsSpan(offset, length).SequenceEqual(expected), $"in place, length {length}, offset {offset}");
                Assert.Equal(Masking.Turn(packed, length), next);

                byte[] copy = new byte[offset + length + 64];
                Assert.Equal(next, Masking.Apply(data, copy.AsSpan(offset), packed));
                Assert.True(copy.AsSpan(offset, length).SequenceEqual(expected), $"copied, length {length}, offset {offset}");
                Assert.False(memory.AsSpan(0, offset).ContainsAnyExcept((byte)0));
                Assert.False(memory.AsSpan(offset + length).ContainsAnyExcept((byte)0));
                Assert.False(copy.AsSpan(0, offset).ContainsAnyExcept((byte)0));
                Assert.False(copy.AsSpan(offset + length).ContainsAnyExcept((byte)0));
            }
        }
    }

    [Fact]
    public void A_whole_payload_is_masked_as_the_naive_way_does_it_and_every_byte_that_is_not_ASCII_is_noticed()
    {
        var random = new Random(3);
        for (int length = 0; length <= 270; length++)
        {
            byte[] key = RandomBytes(random, 4);
            byte[] text = [.. RandomBytes(random, length).Select(value => (byte)(value & 0x7F))];
            for (int high = -1; high < length; high++)
            {
                byte[] expected = [.. text];
                if (high >= 0)
                {
                    expected[high] |= 0x80;
                }

                byte[] memory = [1, 2, 3, .. Naive(expected, key), 4, 5, 6];
                Assert.True(
                    Masking.ApplyToWhole(memory.AsSpan(3, length), BitConverter.ToUInt32(key)) == high < 0,
                    $"length {length}, byte {high}"
                );
                Assert.Equal([1, 2, 3, .. expected, 4, 5, 6], memory);
            }
        }
    }

    [Fact]
    public void Two_bytes_beyond_ASCII_do_not_cancel_each_other_wherever_they_stand()
    {
        var random = new Random(3);
        byte[] key = RandomBytes(random, 4);
        for (int length = 2; length <= 200; length++)
        {
            for (int first = 0; first < Math.Min(length, 70); first += 3)
            {
                foreach (int distance in (int[])[1, 4, 8, 16, 32, 64])
                {
                    byte[] data = new byte[length];
                    data[first] = 0x80;
                    data[Math.Min(first + distance, length - 1)] = 0x80;
                    byte[] masked = Naive(data, key);
                    Assert.False(Masking.ApplyToWhole(masked, BitConverter.ToUInt32(key)), $"length {length}, {first} and {distance}");
                    Assert.Equal(data, masked);
                }
            }
        }
    }

    [Fact]
    public void A_payload_in_any_two_parts_is_masked_as_in_one()
    {
        var random = new Random(2);
        byte[] key = RandomBytes(random, 4);
        byte[] data = RandomBytes(random, 300);
        byte[] expected = Naive(data, key);
        for (int cut = 0; cut <= data.Length; cut++)
        {
            byte[] parts = [.. data];
            uint next = Masking.Apply(parts.AsSpan(0, cut), BitConverter.ToUInt32(key));
            Masking.Apply(parts.AsSpan(cut), next);
            Assert.Equal(expected, parts);
        }
    }

    [Fact]
    public void A_payload_in_random_parts_is_masked_as_in_one() =>
        Seeded.Run(
            200,
            random =>
            {
                byte[] key = RandomBytes(random, 4);
                byte[] data = RandomBytes(random, random.Next(5000));
                uint next = BitConverter.ToUInt32(key);
                var masked = new List<byte>();
                foreach (byte[] piece in Splits.Random(data, random))
                {
                    byte[] part = [.. piece];
                    next = Masking.Apply(part, next);
                    masked.AddRange(part);
                }

                Assert.Equal(Naive(data, key), masked);
            }
        );

    [Fact]
    public void Masking_twice_gives_back_what_was_there() =>
        Seeded.Run(
            50,
            random =>
            {
                byte[] data = RandomBytes(random, random.Next(2000));
                byte[] twice = [.. data];
                uint key = (uint)random.NextInt64();
                Masking.Apply(twice, key);
                Masking.Apply(twice, key);
                Assert.Equal(data, twice);
            }
        );

    [Fact]
    public void A_destination_that_is_too_short_is_the_callers_fault() =>
        Assert.Throws<ArgumentException>(() => Masking.Apply(new byte[5], new byte[4], 1));
}
