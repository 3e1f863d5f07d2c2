namespace Longwire.Protocol.Tests;

/// <summary>
/// Messages that are handed out in parts: put together they are what is handed out whole, and no rule is lost on the way.
/// </summary>
public sealed class MessageReceiverPartsTests
{
    private const int LargestPart = (16 << 10) + (256 * 1032);

    [Theory]
    [InlineData(WebSocketRole.Server)]
    [InlineData(WebSocketRole.Client)]
    public void Put_together_they_are_what_the_naive_receiver_finds(WebSocketRole role) =>
        Seeded.Run(
            500,
            random =>
            {
                int limit = random.Next(3) == 0 ? random.Next(1, 300) : 1 << 20;
                int fragments = random.Next(3) == 0 ? random.Next(1, 6) : 1000;
                byte[] stream = MessageReceiverPropertyTests.RandomStream(role, random);
                if (random.Next(2) == 0)
                {
                    stream[random.Next(stream.Length)] ^= (byte)(1 << random.Next(8));
                }

                List<string> expected = NaiveReceiver.Transcript(
                    role,
                    stream,
                    new ReceiverLimits { MaxMessageBytes = limit, MaxFragments = fragments }
                );
                var limits = new ReceiverLimits
                {
                    MaxMessageBytes = 1,
                    MaxStreamedMessageBytes = limit,
                    MaxFragments = fragments,
                };
                Assert.Equal(expected, Merged(role, Splits.Random(stream, random), limits));
            }
        );

    [Fact]
    public void Compressed_messages_are_inflated_part_by_part_however_they_are_cut()
    {
        foreach (WebSocketRole role in Enum.GetValues<WebSocketRole>())
        {
            using PerMessageDeflate peer = Deflate(role == WebSocketRole.Server ? WebSocketRole.Client : WebSocketRole.Server);
            byte[] first = Compress(peer, Wire.Utf8("grüße, grüße, grüße und Grüße"));
            byte[] second = Compress(peer, Wire.Utf8("noch mehr grüße"));
            byte[] bytes =
            [
                .. Wire.To(role, 1, first[..5], fin: false, reserved: 4),
                .. Wire.To(role, 9, Wire.Utf8("p")),
                .. Wire.To(role, 0, first[5..]),
                .. Wire.To(role, 1, second, reserved: 4),
                .. Wire.To(role, 2, Wire.Utf8("plain")),
            ];
            foreach (IReadOnlyList<byte[]> pieces in Splits.Of(bytes))
            {
                Assert.Equal(
                    [
                        "Ping 'p'",
                        Transcript.Message(MessageType.Text, Wire.Utf8("grüße, grüße, grüße und Grüße")),
                        Transcript.Message(MessageType.Text, Wire.Utf8("noch mehr grüße")),
                        Transcript.Message(MessageType.Binary, Wire.Utf8("plain")),
                    ],
                    Merged(role, pieces, new ReceiverLimits { MaxStreamedMessageBytes = 100 })
                );
            }
        }
    }

    [Fact]
    public void What_inflates_to_very_much_comes_in_bounded_parts()
    {
        const long Size = 64 << 20;
        using PerMessageDeflate peer = Deflate(WebSocketRole.Client);
        byte[] frame = Wire.To(WebSocketRole.Server, 2, Compress(peer, new byte[Size]), reserved: 4);
        using PerMessageDeflate deflate = Deflate(WebSocketRole.Server);
        var receiver = new MessageReceiver(WebSocketRole.Server, new ReceiverLimits { MaxStreamedMessageBytes = Size }, deflate);
        Span<byte> input = frame;
        long sum = 0;
        bool ended = false;
        while (receiver.Read(ref input, out Received received) is var kind and not ReceivedKind.Nothing)
        {
            Assert.Equal(ReceivedKind.Part, kind);
            Assert.False(ended);
            Assert.InRange(received.Payload.Length, 0, LargestPart);
            sum += received.Payload.Length;
            ended = received.EndOfMessage;
        }

        Assert.True(ended);
        Assert.Equal(Size, sum);
        receiver.End();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_over_the_limit_fails(bool compressed)
    {
        using PerMessageDeflate peer = Deflate(WebSocketRole.Client);
        byte[] half = new byte[500];
        byte[] bytes = compressed
            ? Wire.To(WebSocketRole.Server, 2, Compress(peer, new byte[1000]), reserved: 4)
            : [.. Wire.To(WebSocketRole.Server, 2, half, fin: false), .. Wire.To(WebSocketRole.Server, 0, half)];
        foreach (IReadOnlyList<byte[]> pieces in Splits.Of(bytes))
        {
            Assert.Equal(
                [Transcript.Message(MessageType.Binary, new byte[1000])],
                Merged(WebSocketRole.Server, pieces, new ReceiverLimits { MaxStreamedMessageBytes = 1000 })
            );
            Assert.Equal(
                [Transcript.Error(ProtocolErrors.MessageTooBig)],
                Merged(WebSocketRole.Server, pieces, new ReceiverLimits { MaxStreamedMessageBytes = 999 })
            );
        }
    }

    [Fact]
    public void A_message_in_parts_is_copied_and_kept_nowhere()
    {
        var receiver = new MessageReceiver(WebSocketRole.Client, new ReceiverLimits { MaxStreamedMessageBytes = 1L << 40 });
        Span<byte> input = Wire.Header(2, 1L << 39);
        Assert.Equal(ReceivedKind.Nothing, receiver.Read(ref input, out _));
        byte[] piece = new byte[64 << 10];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            input = piece;
            Assert.True(
                receiver.Read(ref input, out Received received) == ReceivedKind.Part && received.Payload == piece && !received.EndOfMessage
            );
            Assert.False(receiver.TryTakeAssembly(out _));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static List<string> Merged(WebSocketRole role, IEnumerable<byte[]> pieces, ReceiverLimits limits)
    {
        using PerMessageDeflate deflate = Deflate(role);
        var receiver = new MessageReceiver(role, limits, limits.MaxMessageBytes == 1 ? null : deflate);
        var lines = new List<string>();
        var message = new List<byte>();
        foreach (byte[] piece in pieces)
        {
            byte[] buffer = [.. piece];
            Span<byte> input = buffer;
            while (receiver.Read(ref input, out Received received) is var kind and not ReceivedKind.Nothing)
            {
                if (kind == ReceivedKind.Part)
                {
                    message.AddRange(received.Payload);
                    if (received.EndOfMessage)
                    {
                        lines.Add(Transcript.Message(received.Type, message.ToArray()));
                        message.Clear();
                    }

                    continue;
                }

                lines.Add(Transcript.Show(received));
            }

            Array.Fill(buffer, (byte)0xEE);
        }

        receiver.End();
        return lines;
    }

    private static PerMessageDeflate Deflate(WebSocketRole role)
    {
        var parameters = new DeflateParameters(ServerNoContextTakeover: false, ClientNoContextTakeover: false);
        var options = new DeflateOptions { Enabled = true };
        return role == WebSocketRole.Server
            ? PerMessageDeflate.ForServer(parameters, options)
            : PerMessageDeflate.ForClient(parameters, options);
    }

    private static byte[] Compress(PerMessageDeflate deflate, byte[] message)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        deflate.Deflate(message, output);
        return output.WrittenSpan.ToArray();
    }
}
