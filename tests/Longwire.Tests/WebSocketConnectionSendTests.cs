namespace Longwire.Tests;

public sealed class WebSocketConnectionSendTests
{
    // 100 bytes of payload and the 64 that each message counts beside it.
    private const int Counted = 164;

    private static WebSocketConnectionOptions Room(int messages, SendQueueFullMode mode = SendQueueFullMode.Wait) =>
        new() { SendQueueBytes = messages * Counted, SendQueueFullMode = mode };

    private static string Message(int number) => number.ToString("D3") + new string('x', 97);

    private static string Seen(string text) => Transcript.Message(MessageType.Text, Wire.Utf8(text));

    private static string[] Seen(params IEnumerable<int> numbers) => [.. numbers.Select(number => Seen(Message(number)))];

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void A_message_is_framed_for_the_role_and_flushed_at_once(WebSocketRole role)
    {
        var bench = new Bench(role);
        Assert.True(bench.Send("Hello"));
        Assert.Equal(["Text 'Hello'"], bench.Transport.PeerSees());
        Assert.Equal(role == WebSocketRole.Client ? 11 : 7, bench.Transport.Sent.Length);
        Assert.Equal(1, bench.Transport.Flushes);
        Assert.Equal(0, bench.Connection.PendingSendBytes);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void Messages_of_every_size_arrive_whole(WebSocketRole role)
    {
        foreach (bool held in (bool[])[false, true])
        {
            // A large message that leaves without a pause is handed to another thread now and then; here all is on one.
            int[] sizes = [0, 1, 125, 126, 127, 65535, 65536, 65537, (64 << 10) - 14, 200_000, held ? 16 << 20 : 1 << 20];
            var bench = new Bench(role);
            bench.Transport.HoldsFlushes = held;
            var expected = new List<string>();
            foreach (int size in sizes)
            {
                byte[] payload = new byte[size];
                new Random(size).NextBytes(payload);
                expected.Add(Transcript.Message(MessageType.Binary, payload));
                ValueTask sending = bench.Connection.SendAsync(payload, MessageType.Binary);
                while (!sending.IsCompleted)
                {
                    bench.Transport.EndFlush();
                }

                Assert.True(sending.IsCompletedSuccessfully);
            }

            while (bench.Transport.FlushIsUnderWay)
            {
                bench.Transport.EndFlush();
            }

            Assert.Equal(expected, bench.Transport.PeerSees());
            Assert.Equal(0, bench.Connection.PendingSendBytes);
        }
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void What_is_sent_during_a_flush_leaves_in_the_next_in_order(WebSocketRole role)
    {
        var bench = new Bench(role);
        bench.Transport.HoldsFlushes = true;
        for (int i = 0; i < 5; i++)
        {
            Assert.True(bench.Send(Message(i)));
        }

        Assert.Equal(400, bench.Connection.PendingSendBytes);
        Assert.Equal(1, bench.Transport.Flushes);
        bench.Transport.ReleaseFlush();
        Assert.Equal(2, bench.Transport.Flushes);
        Assert.Equal(Seen(Enumerable.Range(0, 5)), bench.Transport.PeerSees());
    }

    [Fact]
    public void All_that_a_handler_sends_while_one_read_is_worked_through_leaves_in_one_flush()
    {
        var handler = new RecordingHandler { WhenMessage = (connection, _) => connection.TrySend("reply"u8, MessageType.Text) };
        var bench = new Bench(handler: handler);
        byte[] message = Wire.To(WebSocketRole.Server, 1, Wire.Utf8("a"));
        bench.Transport.Feed(Wire.Join(Enumerable.Repeat(message, 100)));
        Assert.Equal(1, bench.Transport.Flushes);
        Assert.Equal(100, bench.Transport.PeerSees().Count);
    }

    [Fact]
    public void Text_is_sent_as_UTF8_and_a_lone_surrogate_as_the_replacement_character()
    {
        var bench = new Bench();
        Assert.True(bench.Connection.SendTextAsync("a€\uD800").IsCompletedSuccessfully);
        Assert.Equal([Seen("a€\uFFFD")], bench.Transport.PeerSees());
    }

    [Fact]
    public void A_full_queue_says_false_to_TrySend_and_lets_SendAsync_wait_in_order()
    {
        var bench = new Bench(options: Room(2));
        bench.Transport.HoldsFlushes = true;
        Assert.True(bench.Send(Message(0)));
        Assert.True(bench.Send(Message(1)));
        Assert.True(bench.Send(Message(2)));
        Assert.False(bench.Send(Message(99)));
        ValueTask third = bench.SendAsync(Message(3));
        ValueTask fourth = bench.SendAsync(Message(4));
        Assert.False(bench.Send("small"), "Nobody overtakes who waits.");
        Assert.False(third.IsCompleted || fourth.IsCompleted);
        bench.Transport.EndFlush();
        Assert.True(third.IsCompletedSuccessfully && fourth.IsCompletedSuccessfully);
        bench.Transport.ReleaseFlush();
        Assert.Equal(Seen(Enumerable.Range(0, 5)), bench.Transport.PeerSees());
    }

    [Fact]
    public void A_queued_send_that_is_cancelled_is_not_sent_and_the_connection_lives_on()
    {
        var bench = new Bench(options: Room(1));
        bench.Transport.HoldsFlushes = true;
        bench.Send(Message(0));
        bench.Send(Message(1));
        using var cancellation = new CancellationTokenSource();
        ValueTask second = bench.SendAsync(Message(2), cancellation.Token);
        ValueTask third = bench.SendAsync(Message(3));
        cancellation.Cancel();
        Assert.True(second.IsCanceled);
        bench.Transport.ReleaseFlush();
        Assert.True(third.IsCompletedSuccessfully);
        Assert.Equal(WebSocketPhase.Open, bench.Connection.State);
        Assert.True(bench.Send(Message(4)));
        Assert.Equal(Seen(0, 1, 3, 4), bench.Transport.PeerSees());
        Assert.True(bench.SendAsync(Message(5), cancellation.Token).IsCanceled);
    }

    [Fact]
    public void Cancelling_a_message_that_was_taken_changes_nothing()
    {
        var bench = new Bench(options: Room(1));
        bench.Transport.HoldsFlushes = true;
        bench.Send(Message(0));
        bench.Send(Message(1));
        using var cancellation = new CancellationTokenSource();
        ValueTask second = bench.SendAsync(Message(2), cancellation.Token);
        bench.Transport.ReleaseFlush();
        cancellation.Cancel();
        Assert.True(second.IsCompletedSuccessfully);
        Assert.Equal(Seen(0, 1, 2), bench.Transport.PeerSees());
    }

    [Fact]
    public void Drop_oldest_drops_the_oldest_whole_messages_and_no_control_frame()
    {
        var bench = new Bench(options: Room(3, SendQueueFullMode.DropOldest));
        bench.Transport.HoldsFlushes = true;
        bench.Send(Message(0));
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 9, Wire.Utf8("ping")));
        for (int i = 1; i <= 6; i++)
        {
            Assert.True(bench.Send(Message(i)));
        }

        Assert.InRange(bench.Connection.PendingSendBytes, 1, 3 * Counted);
        bench.Transport.ReleaseFlush();
        Assert.Equal([Seen(Message(0)), "Pong 'ping'", .. Seen(5, 6)], bench.Transport.PeerSees());
    }

    [Fact]
    public void Drop_oldest_never_drops_a_message_that_has_begun()
    {
        var bench = new Bench(options: Room(2, SendQueueFullMode.DropOldest));
        bench.Transport.HoldsFlushes = true;
        string big = new('b', 200_000);
        Assert.True(bench.Send(big));
        Assert.True(bench.Send(Message(1)));
        Assert.True(bench.Send(Message(2)));
        Assert.True(bench.Send(Message(3)));
        bench.Transport.ReleaseFlush();
        Assert.Equal([Seen(big), Seen(Message(3))], bench.Transport.PeerSees());
    }

    [Fact]
    public void Disconnect_empties_the_queue_and_closes_with_1008_Too_slow()
    {
        var bench = new Bench(options: Room(2, SendQueueFullMode.Disconnect));
        bench.Transport.HoldsFlushes = true;
        for (int i = 0; i < 3; i++)
        {
            Assert.True(bench.Send(Message(i)));
        }

        Assert.False(bench.Send(Message(3)));
        Assert.Equal(WebSocketPhase.CloseSent, bench.Connection.State);
        bench.Transport.ReleaseFlush();
        Assert.Equal([Seen(Message(0)), Transcript.Close(1008, "Too slow")], bench.Transport.PeerSees());
        Assert.False(bench.Send("late"));
    }

    [Fact]
    public void Empty_messages_take_room_too()
    {
        foreach (SendQueueFullMode mode in Enum.GetValues<SendQueueFullMode>())
        {
            var bench = new Bench(options: Room(100, mode));
            bench.Transport.HoldsFlushes = true;
            int taken = 0;
            for (int i = 0; i < 10_000; i++)
            {
                taken += bench.Connection.TrySend([], MessageType.Binary) ? 1 : 0;
            }

            bench.Transport.ReleaseFlush();
            Assert.InRange(bench.Transport.PeerSees().Count, 1, 400);
            Assert.Equal(mode == SendQueueFullMode.DropOldest, taken == 10_000);
        }
    }

    [Fact]
    public void A_message_larger_than_the_queue_is_taken_when_nothing_waits_and_never_else()
    {
        var bench = new Bench(options: Room(1));
        bench.Transport.HoldsFlushes = true;
        bench.Send(Message(0));
        byte[] big = new byte[1 << 20];
        Assert.True(bench.Connection.TrySend(big, MessageType.Binary));
        Assert.False(bench.Connection.TrySend(big, MessageType.Binary));
        bench.Transport.ReleaseFlush();
        Assert.Equal([Seen(Message(0)), Transcript.Message(MessageType.Binary, big)], bench.Transport.PeerSees());
    }

    [Fact]
    public void A_flood_of_pings_while_nothing_can_be_sent_is_answered_once_with_the_newest()
    {
        var bench = new Bench();
        bench.Transport.HoldsFlushes = true;
        bench.Send("first");
        for (int i = 0; i < 100_000; i++)
        {
            bench.Transport.Feed(Wire.To(WebSocketRole.Server, 9, BitConverter.GetBytes(i)));
        }

        Assert.Equal(4, bench.Connection.PendingSendBytes);
        bench.Send("second");
        bench.Transport.ReleaseFlush();
        Assert.Equal(["Text 'first'", Transcript.Pong(BitConverter.GetBytes(99_999)), "Text 'second'"], bench.Transport.PeerSees());
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 9, Wire.Utf8("again")));
        Assert.Equal("Pong 'again'", bench.Transport.PeerSees()[^1]);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void A_prepared_message_goes_to_many_connections_queued_or_not(WebSocketRole role)
    {
        byte[] payload = new byte[70_000];
        new Random(5).NextBytes(payload);
        var small = new PreparedMessage("small"u8, MessageType.Text);
        var large = new PreparedMessage(payload, MessageType.Binary);
        Bench[] benches = [.. Enumerable.Range(0, 20).Select(_ => new Bench(role))];
        foreach (Bench bench in benches)
        {
            bench.Transport.HoldsFlushes = bench == benches[0] || bench == benches[7];
            Assert.True(bench.Connection.TrySend(small));
            Assert.True(bench.Connection.TrySend(large));
            Assert.True(bench.Connection.SendAsync(small).IsCompletedSuccessfully);
        }

        foreach (Bench bench in benches)
        {
            if (bench.Transport.FlushIsUnderWay)
            {
                bench.Transport.ReleaseFlush();
            }

            Assert.Equal(["Text 'small'", Transcript.Message(MessageType.Binary, payload), "Text 'small'"], bench.Transport.PeerSees());
        }

        Assert.Equal(payload, large.Payload.ToArray());
    }

    [Fact]
    public void After_closing_nothing_is_taken_and_whoever_waits_is_told()
    {
        var bench = new Bench(options: Room(1));
        bench.Transport.HoldsFlushes = true;
        bench.Send(Message(0));
        bench.Send(Message(1));
        ValueTask waiting = bench.SendAsync(Message(2));
        Assert.True(bench.Connection.TryClose(CloseStatus.NormalClosure));
        Assert.True(waiting.IsFaulted);
        Assert.IsType<WebSocketClosedException>(Record.Exception(() => waiting.GetAwaiter().GetResult()));
        Assert.False(bench.Send(Message(3)));
        Assert.IsType<WebSocketClosedException>(Record.Exception(() => bench.SendAsync(Message(4)).GetAwaiter().GetResult()));
        Assert.IsType<WebSocketClosedException>(Record.Exception(() => bench.Connection.SendTextAsync("x").GetAwaiter().GetResult()));
        bench.Transport.ReleaseFlush();
        Assert.Equal([.. Seen(0, 1), Transcript.Close(1000)], bench.Transport.PeerSees());
    }

    [Fact]
    public void When_the_transport_takes_nothing_any_more_sending_ends_and_what_had_come_is_still_received()
    {
        var bench = new Bench(options: Room(1), pull: true);
        bench.Transport.HoldsFlushes = true;
        bench.Transport.HoldsEnd = true;
        bench.Send(Message(0));
        bench.Send(Message(1));
        ValueTask waiting = bench.SendAsync(Message(2));
        bench.Connection.SendingEnded(new IOException("gone"));
        bench.Connection.SendingEnded();
        Assert.True(waiting.IsFaulted);
        // A caller that asks why the send failed must not find the connection open.
        Assert.Equal(WebSocketPhase.CloseSent, bench.Connection.State);
        Assert.False(bench.Send("late"));
        bench.Transport.FeedText("last words");
        bench.Transport.FeedClose(1000, "bye");
        bench.Transport.ReleaseFlush();
        Assert.True(bench.Transport.Closed);
        bench.Transport.End();
        Assert.Equal("last words", bench.ReadNow().Text);
        Assert.Equal((CloseStatus.NormalClosure, "bye"), (bench.Connection.CloseStatus, bench.Connection.CloseReason));
        Assert.Equal("gone", bench.Connection.Error?.Message);
    }

    [Fact]
    public void When_the_transport_takes_nothing_any_more_and_nothing_comes_the_connection_ends_within_a_second()
    {
        var bench = new Bench();
        bench.Connection.SendingEnded();
        bench.Advance(0.9);
        Assert.False(bench.Transport.Closed);
        bench.Advance(0.2);
        Assert.True(bench.Transport.Aborted);
        Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
    }

    [Fact]
    public void A_send_from_inside_of_a_flush_is_queued_and_sent()
    {
        var bench = new Bench();
        int nested = 0;
        bench.Transport.DuringFlush = () =>
        {
            if (nested++ < 3)
            {
                Assert.True(bench.Send("nested"));
            }
        };
        bench.Send("first");
        Assert.Equal(["Text 'first'", "Text 'nested'", "Text 'nested'", "Text 'nested'"], bench.Transport.PeerSees());
    }

    [Fact]
    public void A_type_that_is_no_message_is_the_callers_fault()
    {
        var bench = new Bench();
        Assert.Throws<ArgumentOutOfRangeException>(() => bench.Connection.TrySend("x"u8, (MessageType)8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PreparedMessage("x"u8, 0));
        Assert.Throws<ArgumentNullException>(() => bench.Connection.TrySend(null!));
        Assert.Empty(bench.Transport.PeerSees());
    }
}
