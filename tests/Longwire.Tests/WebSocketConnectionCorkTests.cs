using System.Globalization;

namespace Longwire.Tests;

/// <summary>While a connection works through a read, its handler writes straight into the output, and other threads send as well.</summary>
public sealed class WebSocketConnectionCorkTests
{
    [Theory]
    [InlineData(WebSocketRole.Server)]
    [InlineData(WebSocketRole.Client)]
    public void What_another_thread_sends_meanwhile_keeps_its_place_between_what_the_handler_sends(WebSocketRole role)
    {
        var handler = new RecordingHandler();
        var bench = new Bench(role, handler: handler);
        handler.WhenMessage = (_, message) =>
        {
            string text = message[6..^1];
            Assert.True(bench.Send(text + " 1"));
            OnAnotherThread(() => Assert.True(bench.Send(text + " 2")));
            Assert.True(bench.Send(text + " 3"));
            OnAnotherThread(() => Assert.True(bench.Send(text + " 4")));
        };
        bench.Transport.Feed([
            .. Wire.To(role, 1, Wire.Utf8("a")),
            .. Wire.To(role, 9, Wire.Utf8("ping")),
            .. Wire.To(role, 1, Wire.Utf8("b")),
        ]);
        Assert.Equal(
            ["Text 'a 1'", "Text 'a 2'", "Text 'a 3'", "Text 'a 4'", "Pong 'ping'", "Text 'b 1'", "Text 'b 2'", "Text 'b 3'", "Text 'b 4'"],
            bench.Transport.PeerSees()
        );
        Assert.Equal(0, bench.Connection.PendingSendBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(128)]
    [InlineData(4096)]
    public void Answers_of_every_length_leave_in_order_in_one_flush_whatever_room_the_transport_has(int room)
    {
        string[] texts = [.. Enumerable.Range(0, 400).Select(i => new string((char)('a' + (i % 26)), i * 7 % 150))];
        var handler = new RecordingHandler();
        var bench = new Bench(handler: handler);
        bench.Transport.Room = room;
        var expected = new List<byte>();
        handler.WhenMessage = (connection, _) =>
        {
            foreach (string text in texts)
            {
                Assert.True(
                    text.Length % 5 == 0 ? connection.TrySend(new PreparedMessage(Wire.Utf8(text), MessageType.Text)) : bench.Send(text)
                );
                expected.AddRange(Wire.To(WebSocketRole.Client, 1, Wire.Utf8(text)));
            }
        };
        bench.Transport.Feed([.. Wire.To(WebSocketRole.Server, 1, Wire.Utf8("a")), .. Wire.To(WebSocketRole.Server, 9, Wire.Utf8("ping"))]);
        Assert.Equal([.. expected, .. Wire.To(WebSocketRole.Client, 10, Wire.Utf8("ping"))], bench.Transport.Sent.ToArray());
        Assert.Equal(1, bench.Transport.Flushes);
    }

    [Fact]
    public void A_connection_that_is_fed_while_another_works_through_a_read_on_this_thread_keeps_to_itself()
    {
        (RecordingHandler? outerHandler, RecordingHandler? innerHandler) = (new RecordingHandler(), new RecordingHandler());
        (Bench? outer, Bench? inner) = (new Bench(handler: outerHandler), new Bench(handler: innerHandler));
        outerHandler.WhenMessage = (_, _) =>
        {
            Assert.True(outer.Send("outer 1"));
            Assert.True(outer.Send("outer 2"));
            Assert.True(outer.Send("outer 3"));
            inner.Transport.FeedText("a");
            Assert.True(outer.Send("outer 5"));
            Assert.True(inner.Send("inner 4"));
        };
        innerHandler.WhenMessage = (_, _) =>
        {
            Assert.True(inner.Send("inner 1"));
            Assert.True(inner.Send("inner 2"));
            Assert.True(outer.Send("outer 4"));
            Assert.True(inner.Send("inner 3"));
        };
        outer.Transport.FeedText("a");
        Assert.Equal(Enumerable.Range(1, 5).Select(i => $"Text 'outer {i}'"), outer.Transport.PeerSees());
        Assert.Equal(Enumerable.Range(1, 4).Select(i => $"Text 'inner {i}'"), inner.Transport.PeerSees());
    }

    [Fact]
    public void A_long_answer_between_short_ones_keeps_its_place()
    {
        string text = new('x', 70_000);
        var handler = new RecordingHandler();
        var bench = new Bench(handler: handler);
        handler.WhenMessage = (_, _) => Assert.All(["1", "2", "3", text, "4", "5", "6"], answer => Assert.True(bench.Send(answer)));
        bench.Transport.FeedText("a");
        string[] seen = [.. bench.Transport.PeerSees().Select(frame => frame.Split(',')[0])];
        Assert.Equal(["Text '1'", "Text '2'", "Text '3'", "Text 70000 bytes", "Text '4'", "Text '5'", "Text '6'"], seen);
    }

    [Fact]
    public void What_only_others_send_meanwhile_leaves_when_the_read_is_worked_through()
    {
        var handler = new RecordingHandler();
        var bench = new Bench(handler: handler);
        handler.WhenMessage = (_, _) => OnAnotherThread(() => Assert.True(bench.Send("from beside")));
        bench.Transport.FeedText("a");
        Assert.Equal(["Text 'from beside'"], bench.Transport.PeerSees());
        Assert.Equal(1, bench.Transport.Flushes);
    }

    [Fact]
    public void A_Close_of_another_thread_meanwhile_is_the_last_frame()
    {
        var handler = new RecordingHandler();
        var bench = new Bench(handler: handler);
        handler.WhenMessage = (_, text) =>
        {
            Assert.Equal(text == "Text 'a'", bench.Send("echo"));
            OnAnotherThread(() => bench.Connection.TryClose((CloseStatus)4000, "over"));
            Assert.False(bench.Send("too late"));
        };
        bench.Transport.Feed([.. Wire.To(WebSocketRole.Server, 1, Wire.Utf8("a")), .. Wire.To(WebSocketRole.Server, 1, Wire.Utf8("b"))]);
        Assert.Equal(["Text 'echo'", Transcript.Close(4000, "over")], bench.Transport.PeerSees());
    }

    [Fact]
    public void After_an_abort_by_another_thread_meanwhile_nothing_is_taken()
    {
        var handler = new RecordingHandler();
        var bench = new Bench(handler: handler);
        handler.WhenMessage = (_, _) =>
        {
            Assert.True(bench.Send("a"));
            OnAnotherThread(bench.Connection.Abort);
            Assert.False(bench.Send("b"));
        };
        bench.Transport.FeedText("a");
        Assert.Equal(WebSocketPhase.Closed, bench.Connection.State);
    }

    [Fact]
    public async Task A_message_in_fragments_that_another_thread_opens_meanwhile_is_not_broken_into()
    {
        var handler = new RecordingHandler();
        var bench = new Bench(handler: handler);
        WebSocketWriteStream? message = null;
        handler.WhenMessage = (connection, _) =>
        {
            Assert.True(bench.Send("before"));
            OnAnotherThread(() =>
            {
                message = connection.OpenMessageAsync(MessageType.Text).AsTask().GetAwaiter().GetResult();
                Assert.True(message.WriteAsync(Wire.Utf8("one, ")).IsCompletedSuccessfully);
                Assert.True(bench.Send("behind"));
            });
            Assert.True(bench.Send("too"));
        };
        bench.Transport.FeedText("a");
        Assert.Equal(["Text 'before'"], bench.Transport.PeerSees());
        await message!.CompleteAsync(Wire.Utf8("two"));
        Assert.Equal(["Text 'before'", "Text 'one, two'", "Text 'behind'", "Text 'too'"], bench.Transport.PeerSees());
    }

    [Theory]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task Threads_that_send_at_once_keep_their_order_and_lose_nothing_beside_a_handler_that_echoes(Joint joint)
    {
        const int Senders = 3,
            Messages = 5000;
        var pair = new Pair(joint, serverHandler: new EchoingHandler());
        (WebSocketConnection client, WebSocketConnection server) = (pair.Client, pair.Server);
        var received = new List<int>[Senders + 1];
        foreach (ref List<int> list in received.AsSpan())
        {
            list = [];
        }

        Task[] senders =
        [
            .. Enumerable
                .Range(0, Senders)
                .Select(sender =>
                    Task.Run(async () =>
                    {
                        for (int i = 0; i < Messages; i++)
                        {
                            await server.SendTextAsync(FormattableString.Invariant($"{sender} {i}"));
                        }
                    })
                ),
        ];
        Task asking = Task.Run(async () =>
        {
            for (int i = 0; i < Messages; i++)
            {
                await client.SendTextAsync(FormattableString.Invariant($"{Senders} {i}"));
            }
        });
        for (int i = 0; i < (Senders + 1) * Messages; i++)
        {
            string[] words = (await client.ReadAsync()).Text.Split(' ');
            received[int.Parse(words[0], CultureInfo.InvariantCulture)].Add(int.Parse(words[1], CultureInfo.InvariantCulture));
        }

        await Task.WhenAll([.. senders, asking]);
        Assert.All(received, list => Assert.Equal(Enumerable.Range(0, Messages), list));
        await client.CloseAsync();
    }

    private static void OnAnotherThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }

    private sealed class EchoingHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            if (!connection.TrySend(payload, type))
            {
                connection.PauseReceiving();
                byte[] copy = payload.ToArray();
                _ = ResumeAsync();

                async Task ResumeAsync()
                {
                    await connection.SendAsync(copy, type);
                    connection.ResumeReceiving();
                }
            }
        }
    }
}
