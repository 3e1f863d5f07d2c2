namespace Longwire.Protocol.Tests;

/// <summary>The rules on frames where permessage-deflate was agreed on (RFC 7692 §6), for both roles, however the bytes are cut.</summary>
public sealed class MessageReceiverDeflateTests
{
    // RFC 7692 §7.2.3.1.
    private static readonly byte[] _hello = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];

    private static void AssertSeen(Func<WebSocketRole, byte[]> bytes, ReceiverLimits limits, params string[] expected)
    {
        foreach (WebSocketRole role in Enum.GetValues<WebSocketRole>())
        {
            foreach (IReadOnlyList<byte[]> pieces in Splits.Of(bytes(role)))
            {
                var parameters = new DeflateParameters(ServerNoContextTakeover: true, ClientNoContextTakeover: true);
                var options = new DeflateOptions { Enabled = true };
                using PerMessageDeflate deflate =
                    role == WebSocketRole.Server
                        ? PerMessageDeflate.ForServer(parameters, options)
                        : PerMessageDeflate.ForClient(parameters, options);
                var receiver = new MessageReceiver(role, limits, deflate);
                var found = new List<string>();
                foreach (byte[] piece in pieces)
                {
                    Transcript.Feed(ref receiver, piece, found);
                }

                Assert.Equal(expected, found);
                receiver.End();
            }
        }
    }

    [Fact]
    public void A_compressed_message_whole_and_in_fragments_with_a_ping_between_is_inflated() =>
        AssertSeen(
            role =>
                [
                    .. Wire.To(role, 1, _hello, reserved: 4),
                    .. Wire.To(role, 1, _hello[..3], fin: false, reserved: 4),
                    .. Wire.To(role, 9, Wire.Utf8("p")),
                    .. Wire.To(role, 0, _hello[3..]),
                    .. Wire.To(role, 1, Wire.Utf8("plain")),
                ],
            ReceiverLimits.Default,
            "Text 'Hello'",
            "Ping 'p'",
            "Text 'Hello'",
            "Text 'plain'"
        );

    [Fact]
    public void RSV1_on_a_control_frame_fails() =>
        AssertSeen(role => Wire.To(role, 9, [], reserved: 4), ReceiverLimits.Default, Transcript.Error(ProtocolErrors.Rsv1Misplaced));

    [Fact]
    public void RSV1_on_a_continuation_frame_fails() =>
        AssertSeen(
            role => [.. Wire.To(role, 1, _hello[..3], fin: false, reserved: 4), .. Wire.To(role, 0, _hello[3..], reserved: 4)],
            ReceiverLimits.Default,
            Transcript.Error(ProtocolErrors.Rsv1Misplaced)
        );

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(6)]
    public void The_other_reserved_bits_fail_still(int reserved) =>
        AssertSeen(
            role => Wire.To(role, 1, _hello, reserved: reserved),
            ReceiverLimits.Default,
            Transcript.Error(ProtocolErrors.ReservedBits)
        );

    [Fact]
    public void A_message_that_inflates_over_the_limit_fails()
    {
        AssertSeen(role => Wire.To(role, 1, _hello, reserved: 4), new ReceiverLimits { MaxMessageBytes = 5 }, "Text 'Hello'");
        AssertSeen(
            role => Wire.To(role, 1, _hello, reserved: 4),
            new ReceiverLimits { MaxMessageBytes = 4 },
            Transcript.Error(ProtocolErrors.MessageTooBig)
        );
    }

    [Fact]
    public void Bad_deflate_data_fails() =>
        AssertSeen(
            role => Wire.To(role, 2, [0xFF, 0xFF, 0xFF], reserved: 4),
            ReceiverLimits.Default,
            Transcript.Error(ProtocolErrors.BadDeflateData)
        );

    [Fact]
    public void Text_that_inflates_to_something_else_fails() =>
        AssertSeen(
            role => Wire.To(role, 1, [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xC0, 0x00], reserved: 4),
            ReceiverLimits.Default,
            Transcript.Error(ProtocolErrors.TextNotUtf8)
        );

    [Fact]
    public void What_comes_first_in_a_message_is_what_is_wrong_with_it_however_it_is_cut()
    {
        // A stored block with bytes that are no text, then a block of the reserved type.
        byte[] noTextThenDamage = [0x00, 0x02, 0x00, 0xFD, 0xFF, 0x41, 0xC0, 0x07, 0x00];
        AssertSeen(
            role => Wire.To(role, 1, noTextThenDamage, reserved: 4),
            ReceiverLimits.Default,
            Transcript.Error(ProtocolErrors.TextNotUtf8)
        );
        byte[] noTextThenTooMuch = [0x00, 0x03, 0x00, 0xFC, 0xFF, 0x41, 0xC0, 0x42, 0x00];
        AssertSeen(
            role => Wire.To(role, 1, noTextThenTooMuch, reserved: 4),
            new ReceiverLimits { MaxMessageBytes = 2 },
            Transcript.Error(ProtocolErrors.TextNotUtf8)
        );
    }

    [Theory]
    [InlineData(100_000 + 390 + 1024, null)]
    [InlineData(100_000 + 390 + 1025, "1009")]
    public void A_compressed_frame_may_be_longer_than_the_message_by_what_stored_blocks_take(int length, string? error)
    {
        using PerMessageDeflate deflate = Client();
        var receiver = new MessageReceiver(WebSocketRole.Client, new ReceiverLimits { MaxMessageBytes = 100_000 }, deflate);
        Span<byte> input = Wire.Header(1, length, reserved: 4);
        ReceivedKind kind = receiver.Read(ref input, out Received received);
        Assert.Equal(error, kind == ReceivedKind.Error ? $"{(int)received.Error.Status}" : null);
        receiver.End();
    }

    [Fact]
    public void A_message_that_does_not_compress_is_taken_up_to_its_limit()
    {
        byte[] message = new byte[1 << 20];
        new Random(11).NextBytes(message);
        using var deflater = new MessageDeflater(new CompressorSettings(15, 0, 1), contextTakeover: false);
        var compressed = new System.Buffers.ArrayBufferWriter<byte>();
        deflater.Deflate(message, compressed);
        Assert.True(compressed.WrittenCount > message.Length);
        using PerMessageDeflate deflate = Client();
        var receiver = new MessageReceiver(WebSocketRole.Client, new ReceiverLimits { MaxMessageBytes = message.Length }, deflate);
        Span<byte> input = Wire.To(WebSocketRole.Client, 2, compressed.WrittenSpan.ToArray(), reserved: 4);
        Assert.Equal(ReceivedKind.Message, receiver.Read(ref input, out Received received));
        Assert.True(received.Payload.SequenceEqual(message));
        receiver.End();
    }

    private static PerMessageDeflate Client() =>
        PerMessageDeflate.ForClient(
            new DeflateParameters(ServerNoContextTakeover: true, ClientNoContextTakeover: true),
            new DeflateOptions { Enabled = true }
        );
}
