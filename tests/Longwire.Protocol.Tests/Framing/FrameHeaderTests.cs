using System.Buffers;

namespace Longwire.Protocol.Tests;

public sealed class FrameHeaderTests
{
    public static TheoryData<long> Lengths => [0, 1, 125, 126, 127, 65535, 65536, int.MaxValue, 1L << 31, long.MaxValue];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_header_is_written_as_the_figure_in_the_RFC_shows_and_read_back(long length)
    {
        foreach (Opcode opcode in Enum.GetValues<Opcode>())
        {
            foreach (bool fin in (bool[])[true, false])
            {
                foreach (bool rsv1 in (bool[])[true, false])
                {
                    foreach (byte[]? key in (byte[]?[])[null, Wire.Key])
                    {
                        FrameHeader header = key is null
                            ? new FrameHeader(opcode, length, fin, rsv1)
                            : new FrameHeader(opcode, length, BitConverter.ToUInt32(key), fin, rsv1);
                        byte[] expected = Wire.Header((int)opcode, length, fin, rsv1 ? 4 : 0, key);
                        byte[] written = new byte[FrameHeader.MaxLength];
                        int count = header.Write(written);
                        Assert.Equal(expected, written[..count]);
                        Assert.Equal(count, header.Length);
                        Assert.Equal(count, FrameHeader.LengthOf(length, key is not null));
                        Assert.Equal(OperationStatus.Done, FrameHeader.TryRead(written, out FrameHeader read, out int consumed, out _));
                        Assert.Equal(count, consumed);
                        Assert.Equal(header, read);
                        Assert.True(header == read && header.GetHashCode() == read.GetHashCode());
                        Assert.Equal((opcode, fin, rsv1, length), (read.Opcode, read.Fin, read.Rsv1, read.PayloadLength));
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_header_that_is_not_all_there_needs_more(long length)
    {
        foreach (byte[]? key in (byte[]?[])[null, Wire.Key])
        {
            byte[] bytes = Wire.Header(2, length, key: key);
            for (int cut = 0; cut < bytes.Length; cut++)
            {
                Assert.Equal(OperationStatus.NeedMoreData, FrameHeader.TryRead(bytes.AsSpan(0, cut), out _, out int consumed, out _));
                Assert.Equal(0, consumed);
            }
        }
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(125, 16)]
    [InlineData(0, 64)]
    [InlineData(125, 64)]
    [InlineData(126, 64)]
    [InlineData(65535, 64)]
    public void A_length_that_is_not_in_its_shortest_form_is_an_error(long length, int form)
    {
        Assert.Equal(
            OperationStatus.InvalidData,
            FrameHeader.TryRead(Wire.Header(2, length, lengthForm: form), out _, out _, out ProtocolError error)
        );
        Assert.Equal(ProtocolErrors.LengthNotMinimal, error);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void A_length_with_its_top_bit_set_is_an_error(long length)
    {
        Assert.Equal(
            OperationStatus.InvalidData,
            FrameHeader.TryRead(Wire.Header(2, length, lengthForm: 64), out _, out _, out ProtocolError error)
        );
        Assert.Equal(ProtocolErrors.LengthTopBit, error);
    }

    [Fact]
    public void Every_first_byte_is_taken_apart_bit_by_bit()
    {
        for (int first = 0; first < 256; first++)
        {
            Assert.Equal(OperationStatus.Done, FrameHeader.TryRead([(byte)first, 0], out FrameHeader header, out int consumed, out _));
            Assert.Equal(2, consumed);
            Assert.Equal((first & 0x80) != 0, header.Fin);
            Assert.Equal((first & 0x40) != 0, header.Rsv1);
            Assert.Equal((first & 0x20) != 0, header.Rsv2);
            Assert.Equal((first & 0x10) != 0, header.Rsv3);
            Assert.Equal(first & 0x0F, (int)header.Opcode);
        }
    }

    [Fact]
    public void A_negative_length_is_the_callers_fault() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameHeader(Opcode.Binary, -1));

    [Fact]
    public void A_destination_that_is_too_short_is_the_callers_fault()
    {
        foreach (long length in (long[])[0, 126, 65536])
        {
            var header = new FrameHeader(Opcode.Binary, length, maskingKey: 1);
            for (int room = 0; room < header.Length; room++)
            {
                byte[] destination = new byte[room];
                Assert.ThrowsAny<Exception>(() => header.Write(destination));
            }
        }
    }

    [Fact]
    public void A_header_shows_its_fields_to_people() =>
        Assert.Equal("Text fin=1 rsv=4 mask=0 length=5", new FrameHeader(Opcode.Text, 5, rsv1: true).ToString());

    [Fact]
    public void Headers_are_equal_when_all_their_fields_are()
    {
        var header = new FrameHeader(Opcode.Text, 5, maskingKey: 7);
        Assert.True(header == new FrameHeader(Opcode.Text, 5, maskingKey: 7));
        Assert.False(header != new FrameHeader(Opcode.Text, 5, maskingKey: 7));
        FrameHeader[] others =
        [
            new(Opcode.Binary, 5, maskingKey: 7),
            new(Opcode.Text, 6, maskingKey: 7),
            new(Opcode.Text, 5, maskingKey: 8),
            new(Opcode.Text, 5, maskingKey: 7, fin: false),
            new(Opcode.Text, 5),
        ];
        Assert.All(
            others,
            other =>
            {
                Assert.False(header == other);
                Assert.True(header != other);
            }
        );
        // A frame without a mask is another than one that is masked with 0.
        Assert.NotEqual(new FrameHeader(Opcode.Text, 5), new FrameHeader(Opcode.Text, 5, maskingKey: 0));
    }

    [Fact]
    public void A_fragment_that_is_masked_shows_that() =>
        Assert.Equal("Binary fin=0 rsv=0 mask=1 length=300", new FrameHeader(Opcode.Binary, 300, maskingKey: 9, fin: false).ToString());
}
