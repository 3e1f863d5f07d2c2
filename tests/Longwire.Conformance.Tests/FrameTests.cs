using System.Buffers;

namespace Longwire.Conformance.Tests;

public sealed class FrameTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void What_is_encoded_is_decoded_masked_and_not(int length)
    {
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        foreach (bool masked in (bool[])[false, true])
        {
            FrameDecoder decoder = new();
            decoder.Append(Encode(new WireFrame(WireFrame.Binary, payload, Fin: false, Rsv: 5), masked));

            Assert.True(decoder.TryRead(out ReceivedFrame frame));
            Assert.Equal(payload, frame.Payload);
            Assert.Equal(
                (false, (byte)5, WireFrame.Binary, masked, true),
                (frame.Fin, frame.Rsv, frame.Opcode, frame.Masked, frame.MinimalLength)
            );
            Assert.Equal(0, decoder.PendingBytes);
        }
    }

    [Fact]
    public void Frames_are_decoded_octet_by_octet()
    {
        FrameDecoder decoder = new();
        byte[] octets = [.. Encode(WireFrame.OfText("Hello"), true), .. Encode(WireFrame.OfPing("p"), false)];
        List<ReceivedFrame> frames = [];
        foreach (byte octet in octets)
        {
            decoder.Append([octet]);
            while (decoder.TryRead(out ReceivedFrame frame))
            {
                frames.Add(frame);
            }
        }

        Assert.Equal(["Hello", "p"], frames.Select(f => System.Text.Encoding.ASCII.GetString(f.Payload)));
    }

    [Theory]
    [InlineData(5, 7, true)]
    [InlineData(5, 16, false)]
    [InlineData(5, 64, false)]
    [InlineData(126, 16, true)]
    [InlineData(126, 64, false)]
    [InlineData(65535, 64, false)]
    [InlineData(65536, 64, true)]
    public void A_length_that_is_not_in_its_shortest_form_is_seen(int length, int bits, bool minimal)
    {
        FrameDecoder decoder = new();
        decoder.Append(Encode(new WireFrame(WireFrame.Binary, new byte[length]) { LengthBits = bits }, true));

        Assert.True(decoder.TryRead(out ReceivedFrame frame));
        Assert.Equal(minimal, frame.MinimalLength);
    }

    [Fact]
    public void The_example_of_the_RFC_comes_out_octet_by_octet()
    {
        WireFrame hello = WireFrame.OfText("Hello") with { MaskingKey = BitConverter.ToUInt32([0x37, 0xFA, 0x21, 0x3D]) };

        Assert.Equal("818537fa213d7f9f4d5158", Convert.ToHexStringLower(Encode(hello, true)));
        Assert.Equal("810548656c6c6f", Convert.ToHexStringLower(Encode(hello, false)));
    }

    [Fact]
    public void A_frame_beyond_all_measure_is_a_fault_and_nothing_is_reserved_for_it()
    {
        FrameDecoder decoder = new();
        decoder.Append(Encode(new WireFrame(WireFrame.Binary, default) { AnnouncedLength = long.MaxValue }, false));

        Assert.False(decoder.TryRead(out _));
        Assert.NotNull(decoder.Fault);
    }

    [Fact]
    public void Masking_in_parts_is_masking_in_whole()
    {
        byte[] whole = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        byte[] parts = [.. whole];
        FrameEncoder.Mask(whole, 0x12345678, 0);
        FrameEncoder.Mask(parts.AsSpan(0, 37), 0x12345678, 0);
        FrameEncoder.Mask(parts.AsSpan(37), 0x12345678, 37);

        Assert.Equal(whole, parts);
    }

    private static byte[] Encode(WireFrame frame, bool masked)
    {
        ArrayBufferWriter<byte> output = new();
        FrameEncoder.Write(output, frame, masked);
        return output.WrittenSpan.ToArray();
    }
}
