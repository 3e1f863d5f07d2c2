namespace Longwire.Tests;

public sealed class WebSocketConnectionReceiveTests
{
    private static Bench Pull(int receiveQueueBytes = 64 << 10, WebSocketRole role = WebSocketRole.Server) =>
        new(role, new WebSocketConnectionOptions { ReceiveQueueBytes = receiveQueueBytes }, pull: true);

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void The_handler_is_called_in_order_open_messages_closed(WebSocketRole role)
    {
        byte[] wire =
        [
            .. Wire.To(role, 1, Wire.Utf8("a"), fin: false),
            .. Wire.To(role, 9, Wire.Utf8("p")),
            .. Wire.To(role, 0, Wire.Utf8("b")),
            .. Wire.To(role, 10, Wire.Utf8("unasked")),
            .. Wire.To(role, 2, [1]),
            .. Wire.To(role, 8, Wire.ClosePayload(1000)),
        ];
        foreach (IReadOnlyList<byte[]> pieces in Splits.Of(wire))
        {
            var bench = new Bench(role);
            foreach (byte[] piece in pieces)
            {
                bench.Transport.Feed(piece);
            }

            bench.Transport.End();
            Assert.Equal(["open", "Text 'ab'", "Binary 01", "closed 1000"], bench.Handler.Calls);
            Assert.Equal(["Pong 'p'", Transcript.Close(1000)], bench.Transport.PeerSees());
        }
    }

    [Fact]
    public void Messages_are_read_in_order_also_after_the_end()
    {
        Bench bench = Pull();
        bench.Transport.FeedText("one");
        bench.Transport.FeedText("two");
        bench.Transport.FeedClose(4000, "done");
        Assert.Equal("one", bench.ReadNow().Text);
        Assert.Equal("two", bench.ReadNow().Text);
        WebSocketClosedException closed = Assert.IsType<WebSocketClosedException>(
            Record.Exception(() => bench.Connection.ReadAsync().GetAwaiter().GetResult())
        );
        Assert.Equal(((CloseStatus)4000, "done"), (closed.Status, closed.Reason));
    }

    [Fact]
    public async Task ReadAllAsync_just_ends_when_the_connection_closes_in_whatever_way()
    {
        foreach (bool clean in (bool[])[true, false])
        {
            Bench bench = Pull();
            bench.Transport.FeedText("one");
            var texts = new List<string>();
            Task reading = Task.Run(async () =>
            {
                await foreach (WebSocketMessage message in bench.Connection.ReadAllAsync())
                {
                    texts.Add(message.Text);
                }
            });
            bench.Transport.FeedText("two");
            if (clean)
            {
                bench.Transport.FeedClose();
            }

            bench.Transport.End();
            await reading;
            Assert.Equal(["one", "two"], texts);
            Assert.Equal(clean ? CloseStatus.NormalClosure : CloseStatus.Abnormal, bench.Connection.CloseStatus);
        }
    }

    [Fact]
    public async Task Cancelling_a_read_ends_the_wait_and_the_next_read_gets_the_message()
    {
        Bench bench = Pull();
        for (int round = 0; round < 3; round++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<WebSocketMessage> read = bench.Connection.ReadAsync(cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
            Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        }

        Assert.True(bench.Connection.ReadAsync(new CancellationToken(canceled: true)).IsCanceled);
        Assert.Equal(WebSocketPhase.Open, bench.Connection.State);
        Task<WebSocketMessage> next = bench.Connection.ReadAsync().AsTask();
        bench.Transport.FeedText("for the next");
        Assert.Equal("for the next", (await next).Text);
    }

    [Fact]
    public async Task Two_reads_at_a_time_are_the_callers_fault_and_harm_nobody()
    {
        Bench bench = Pull();
        Task<WebSocketMessage> first = bench.Connection.ReadAsync().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => bench.Connection.ReadAsync().AsTask());
        bench.Transport.FeedText("a");
        Assert.Equal("a", (await first).Text);
    }

    [Fact]
    public void A_connection_with_a_handler_cannot_be_read()
    {
        var bench = new Bench();
        Assert.IsType<InvalidOperationException>(Record.Exception(() => bench.Connection.ReadAsync().GetAwaiter().GetResult()));
    }

    [Fact]
    public void A_reader_that_falls_behind_pauses_receiving_until_it_has_read_half()
    {
        // Each message counts its 36 bytes and 64 more.
        Bench bench = Pull(receiveQueueBytes: 400);
        byte[] message = Wire.To(WebSocketRole.Server, 1, Wire.Utf8(new string('m', 36)));
        bench.Transport.Feed(Wire.Join(Enumerable.Repeat(message, 10)));
        Assert.True(bench.Transport.IsPaused);
        int read = 0;
        while (bench.Transport.IsPaused)
        {
            Assert.True(bench.Connection.ReadAsync().IsCompletedSuccessfully);
            read++;
            Assert.InRange(read, 1, 10);
        }

        Assert.Equal(8, read);
        for (; read < 10; read++)
        {
            Assert.Equal(36, bench.ReadNow().Payload.Length);
        }

        ValueTask<WebSocketMessage> next = bench.Connection.ReadAsync();
        Assert.False(next.IsCompleted);
        Assert.False(bench.Transport.IsPaused);
    }

    [Fact]
    public void Empty_messages_take_room_too()
    {
        Bench bench = Pull(receiveQueueBytes: 6400);
        byte[] empty = Wire.To(WebSocketRole.Server, 2, []);
        bench.Transport.Feed(Wire.Join(Enumerable.Repeat(empty, 1000)));
        Assert.True(bench.Transport.IsPaused);
        int read = 0;
        for (; read < 100; read++)
        {
            Assert.True(bench.Connection.ReadAsync().IsCompletedSuccessfully);
        }

        for (; read < 1000; read++)
        {
            Assert.True(bench.Connection.ReadAsync().IsCompletedSuccessfully);
        }
    }

    [Fact]
    public void One_message_is_taken_whatever_its_size()
    {
        Bench bench = Pull(receiveQueueBytes: 1);
        bench.Transport.FeedText(new string('m', 100_000));
        Assert.True(bench.Transport.IsPaused);
        Assert.Equal(100_000, bench.ReadNow().Payload.Length);
        Assert.False(bench.Transport.IsPaused);
    }

    [Fact]
    public void A_message_keeps_its_bytes_until_the_next_read()
    {
        Bench bench = Pull();
        for (int i = 0; i < 50; i++)
        {
            bench.Transport.FeedText($"message {i}");
        }

        for (int i = 0; i < 50; i++)
        {
            WebSocketMessage message = bench.ReadNow();
            bench.Transport.FeedText($"more {i}");
            Assert.Equal($"message {i}", message.Text);
            Assert.Equal(MessageType.Text, message.Type);
        }
    }

    [Fact]
    public void A_handler_pauses_and_resumes_receiving()
    {
        var handler = new RecordingHandler { WhenMessage = (connection, _) => connection.PauseReceiving() };
        var bench = new Bench(handler: handler);
        byte[] message = Wire.To(WebSocketRole.Server, 1, Wire.Utf8("a"));
        bench.Transport.Feed([.. message, .. message, .. message]);
        Assert.True(bench.Transport.IsPaused);
        Assert.Equal(2, handler.Calls.Length);
        bench.Connection.ResumeReceiving();
        Assert.Equal(3, handler.Calls.Length);
        bench.Connection.ResumeReceiving();
        Assert.Equal(4, handler.Calls.Length);
        bench.Connection.TryClose(CloseStatus.NormalClosure);
        bench.Transport.FeedClose();
        Assert.Equal("closed 1000", handler.Calls[^1]);
    }

    [Fact]
    public void A_handler_that_paused_and_resumed_in_one_call_is_not_held_up()
    {
        var handler = new RecordingHandler
        {
            WhenMessage = (connection, _) =>
            {
                connection.PauseReceiving();
                connection.ResumeReceiving();
            },
        };
        var bench = new Bench(handler: handler);
        bench.Transport.FeedText("a");
        bench.Transport.FeedText("b");
        Assert.Equal(["open", "Text 'a'", "Text 'b'"], handler.Calls);
    }

    [Fact]
    public void The_applications_own_object_stays_with_the_connection()
    {
        object state = new();
        var handler = new RecordingHandler { WhenOpen = connection => connection.UserState = state };
        var bench = new Bench(handler: handler);
        Assert.Same(state, bench.Connection.UserState);
        bench.Transport.End();
        Assert.Same(state, bench.Connection.UserState);
    }

    [Fact]
    public void Limits_of_the_options_hold()
    {
        foreach (
            (byte[] wire, string close) in ((byte[], string)[])
                [
                    (Wire.To(WebSocketRole.Server, 2, new byte[11]), Transcript.Close(1009, ProtocolErrors.MessageTooBig.Reason)),
                    (
                        [
                            .. Wire.To(WebSocketRole.Server, 2, [], fin: false),
                            .. Wire.To(WebSocketRole.Server, 0, [], fin: false),
                            .. Wire.To(WebSocketRole.Server, 0, []),
                        ],
                        Transcript.Close(1008, ProtocolErrors.TooManyFragments.Reason)
                    ),
                ]
        )
        {
            var bench = new Bench(options: new WebSocketConnectionOptions { MaxMessageBytes = 10, MaxFragments = 2 });
            bench.Transport.Feed(wire);
            Assert.Equal([close], bench.Transport.PeerSees());
        }
    }
}
