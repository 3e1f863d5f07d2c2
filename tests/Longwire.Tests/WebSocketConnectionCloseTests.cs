namespace Longwire.Tests;

public sealed class WebSocketConnectionCloseTests
{
    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void The_peers_Close_is_echoed_with_its_code_once_and_the_server_ends_TCP_first(WebSocketRole role)
    {
        var bench = new Bench(role);
        bench.Transport.FeedClose(4001, "bye");
        Assert.Equal([Transcript.Close(4001)], bench.Transport.PeerSees());
        Assert.Equal(role == WebSocketRole.Server, bench.Transport.Closed);
        Assert.False(bench.Transport.Aborted);
        bench.Transport.End();
        Assert.Equal(["open", "closed 4001 bye"], bench.Handler.Calls);
        Assert.Equal(
            (WebSocketPhase.Closed, (CloseStatus)4001, "bye"),
            (bench.Connection.State, bench.Connection.CloseStatus, bench.Connection.CloseReason)
        );
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void An_empty_Close_is_reported_as_1005_and_answered_with_an_empty_one(WebSocketRole role)
    {
        var bench = new Bench(role);
        bench.Transport.Feed(Wire.To(role, 8, []));
        bench.Transport.End();
        Assert.Equal([Transcript.Close(1005)], bench.Transport.PeerSees());
        Assert.Equal(["open", "closed 1005"], bench.Handler.Calls);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void This_sides_Close_goes_behind_what_is_queued_and_waits_for_the_peers(WebSocketRole role)
    {
        var bench = new Bench(role);
        bench.Transport.HoldsFlushes = true;
        bench.Send("first");
        bench.Send("second");
        Task closing = bench.Connection.CloseAsync(CloseStatus.GoingAway, "leaving");
        Assert.Equal(WebSocketPhase.CloseSent, bench.Connection.State);
        bench.Transport.ReleaseFlush();
        Assert.Equal(["Text 'first'", "Text 'second'", Transcript.Close(1001, "leaving")], bench.Transport.PeerSees());
        Assert.False(closing.IsCompleted);
        Assert.False(bench.Transport.Closed);
        bench.Transport.FeedText("still received");
        bench.Transport.FeedClose(1001);
        Assert.Equal(role == WebSocketRole.Server, bench.Transport.Closed);
        bench.Transport.End();
        Assert.True(closing.IsCompletedSuccessfully);
        Assert.Equal(["open", "Text 'still received'", "closed 1001"], bench.Handler.Calls);
        Assert.Equal(3, bench.Transport.PeerSees().Count);
    }

    [Fact]
    public void A_Close_that_crosses_the_peers_is_sent_once_and_ends_TCP_when_it_is_out()
    {
        var bench = new Bench();
        bench.Transport.HoldsFlushes = true;
        Assert.True(bench.Connection.TryClose((CloseStatus)4002));
        bench.Transport.FeedClose(4003, "mine");
        Assert.Equal(WebSocketPhase.CloseReceived, bench.Connection.State);
        Assert.False(bench.Transport.Closed);
        bench.Transport.ReleaseFlush();
        Assert.True(bench.Transport.Closed);
        Assert.False(bench.Transport.Aborted);
        Assert.Equal([Transcript.Close(4002)], bench.Transport.PeerSees());
        Assert.Equal((CloseStatus)4003, bench.Connection.CloseStatus);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void Without_an_answer_TCP_is_ended_after_the_close_time_out(WebSocketRole role)
    {
        var bench = new Bench(role);
        Task closing = bench.Connection.CloseAsync();
        bench.Advance(4.9);
        Assert.False(bench.Transport.Closed);
        bench.Advance(0.3);
        Assert.True(bench.Transport.Closed);
        Assert.False(bench.Transport.Aborted, "What was sent is not taken back.");
        Assert.True(closing.IsCompletedSuccessfully);
        Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
    }

    [Fact]
    public void A_close_while_a_send_is_stuck_is_bounded_in_time()
    {
        var bench = new Bench();
        bench.Transport.HoldsFlushes = true;
        bench.Send("stuck");
        Task closing = bench.Connection.CloseAsync();
        Task again = bench.Connection.CloseAsync((CloseStatus)4000);
        bench.Advance(DataRateMeter.MostCreditMilliseconds / 1000 + 3);
        Assert.True(bench.Transport.Aborted);
        Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
        Assert.False(closing.IsCompleted, "The flush still has the transport's output.");
        bench.Transport.ReleaseFlush();
        Assert.True(closing.IsCompletedSuccessfully && again.IsCompletedSuccessfully);
    }

    [Fact]
    public void The_clients_wait_for_the_server_to_end_TCP_is_bounded_too()
    {
        var bench = new Bench(WebSocketRole.Client);
        bench.Transport.FeedClose();
        Assert.False(bench.Transport.Closed);
        bench.Advance(5.2);
        Assert.True(bench.Transport.Closed);
        Assert.Equal(["open", "closed 1000"], bench.Handler.Calls);
    }

    [Fact]
    public void Closing_twice_sends_one_Close_and_the_first_decides()
    {
        var bench = new Bench();
        Assert.True(bench.Connection.TryClose((CloseStatus)4000, "first"));
        Assert.False(bench.Connection.TryClose((CloseStatus)4001, "second"));
        Task closing = bench.Connection.CloseAsync();
        bench.Transport.FeedClose(4000);
        Assert.True(closing.IsCompletedSuccessfully);
        Assert.True(bench.Connection.CloseAsync().IsCompletedSuccessfully);
        Assert.False(bench.Connection.TryClose(CloseStatus.NormalClosure));
        Assert.Equal([Transcript.Close(4000, "first")], bench.Transport.PeerSees());
    }

    [Fact]
    public async Task Cancelling_CloseAsync_ends_the_wait_and_not_the_closing()
    {
        var bench = new Bench();
        using var cancellation = new CancellationTokenSource();
        Task closing = bench.Connection.CloseAsync(cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closing);
        bench.Transport.FeedClose();
        Assert.Equal(["open", "closed 1000"], bench.Handler.Calls);
    }

    [Fact]
    public void TCP_that_ends_without_a_Close_is_reported_as_1006()
    {
        foreach (Exception? error in (Exception?[])[null, new IOException("reset")])
        {
            var bench = new Bench();
            bench.Transport.Feed(Wire.To(WebSocketRole.Server, 1, Wire.Utf8("whole"))[..6]);
            bench.Transport.End(error);
            Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
            Assert.Same(error, bench.Connection.Error);
            Assert.Null(bench.Connection.HandlerError);
            Assert.True(bench.Connection.Completion.IsCompletedSuccessfully);
            Assert.False(bench.Send("late"));
            bench.Connection.Abort();
            Assert.False(bench.Transport.Closed);
        }
    }

    [Fact]
    public void This_sides_Close_without_the_peers_is_1006_too()
    {
        var bench = new Bench();
        bench.Connection.TryClose(CloseStatus.NormalClosure);
        bench.Transport.End();
        Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void A_broken_rule_is_answered_with_its_status_and_TCP_ends_when_the_peer_is_quiet(WebSocketRole role)
    {
        var bench = new Bench(role);
        bench.Transport.Feed([.. Wire.To(role, 3, []), .. Wire.To(role, 1, Wire.Utf8("ignored"))]);
        Assert.Equal([Transcript.Close(1002, ProtocolErrors.ReservedOpcode.Reason)], bench.Transport.PeerSees());
        bench.Advance(0.15);
        bench.Transport.FeedText("still sending");
        bench.Advance(0.15);
        Assert.False(bench.Transport.Closed);
        bench.Advance(0.3);
        Assert.True(bench.Transport.Closed);
        Assert.False(bench.Transport.Aborted);
        Assert.Equal(["open", "closed 1002 " + ProtocolErrors.ReservedOpcode.Reason], bench.Handler.Calls);
    }

    [Fact]
    public void A_peer_that_goes_on_sending_after_its_fault_is_cut_off_within_little_more_than_a_second()
    {
        var bench = new Bench();
        bench.Transport.Feed(0xFF, 0xFF);
        for (int i = 0; i < 12; i++)
        {
            bench.Transport.FeedText("and more");
            bench.Advance(0.1);
        }

        Assert.True(bench.Transport.Closed);
    }

    [Fact]
    public void A_broken_rule_while_closing_ends_TCP_soon_and_sends_no_second_Close()
    {
        var bench = new Bench();
        bench.Connection.TryClose(CloseStatus.NormalClosure);
        bench.Transport.Feed(0xFF, 0xFF);
        bench.Advance(0.4);
        Assert.True(bench.Transport.Closed);
        Assert.Equal([Transcript.Close(1000)], bench.Transport.PeerSees());
    }

    [Fact]
    public void A_handler_that_throws_fails_the_connection_with_1011_and_is_not_called_again()
    {
        var error = new InvalidOperationException("secret");
        foreach (bool open in (bool[])[true, false])
        {
            var handler = new RecordingHandler();
            handler.WhenOpen = _ => Throw(open);
            handler.WhenMessage = (_, _) => Throw(true);
            var bench = new Bench(handler: handler);
            bench.Transport.Feed([
                .. Wire.To(WebSocketRole.Server, 1, Wire.Utf8("a")),
                .. Wire.To(WebSocketRole.Server, 1, Wire.Utf8("b")),
            ]);
            bench.Advance(0.4);
            Assert.Same(error, bench.Connection.HandlerError);
            Assert.Null(bench.Connection.Error);
            Assert.Equal([Transcript.Close(1011, "Internal error")], bench.Transport.PeerSees());
            Assert.Equal(open ? ["open", "closed 1011 Internal error"] : ["open", "Text 'a'", "closed 1011 Internal error"], handler.Calls);
        }

        void Throw(bool really)
        {
            if (really)
            {
                throw error;
            }
        }
    }

    [Fact]
    public void A_handler_that_throws_in_its_last_call_harms_nobody()
    {
        var error = new InvalidOperationException();
        var bench = new Bench(handler: new RecordingHandler { WhenClosed = _ => throw error });
        bench.Transport.End();
        Assert.True(bench.Connection.Completion.IsCompletedSuccessfully);
        Assert.Same(error, bench.Connection.HandlerError);
    }

    [Fact]
    public void Abort_ends_TCP_at_once_drops_what_waits_and_tells_who_waits()
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { SendQueueBytes = 1 });
        bench.Transport.HoldsFlushes = true;
        bench.Send("begun");
        bench.Send("queued");
        ValueTask waiting = bench.SendAsync("waiting");
        Task completion = bench.Connection.Completion;
        bench.Connection.Abort();
        bench.Connection.Abort();
        Assert.True(bench.Transport.Aborted);
        Assert.True(waiting.IsFaulted);
        Assert.Equal(0, bench.Connection.PendingSendBytes);
        Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
        Assert.False(completion.IsCompleted, "The flush still has the transport's output.");
        bench.Transport.ReleaseFlush();
        Assert.True(completion.IsCompletedSuccessfully);
        Assert.Equal(["Text 'begun'"], bench.Transport.PeerSees());
    }

    [Fact]
    public void After_a_handlers_Abort_no_message_of_the_same_read_follows()
    {
        var bench = new Bench(handler: new RecordingHandler { WhenMessage = (connection, _) => connection.Abort() });
        byte[] message = Wire.To(WebSocketRole.Server, 1, Wire.Utf8("a"));
        bench.Transport.Feed([.. message, .. message, .. message]);
        Assert.Equal(["open", "Text 'a'", "closed 1006"], bench.Handler.Calls);
    }

    [Fact]
    public void A_handler_may_close_in_every_call()
    {
        foreach (string when in (string[])["open", "message", "closed"])
        {
            var handler = new RecordingHandler
            {
                WhenOpen = connection => Close(connection, when == "open"),
                WhenMessage = (connection, _) => Close(connection, when == "message"),
                WhenClosed = connection => Close(connection, when == "closed"),
            };
            var bench = new Bench(handler: handler);
            bench.Transport.FeedText("a");
            bench.Transport.FeedClose(4000);
            Assert.Equal(["open", "Text 'a'", "closed 4000"], handler.Calls);
            Assert.Equal([Transcript.Close(4000)], bench.Transport.PeerSees());
        }

        static void Close(WebSocketConnection connection, bool really)
        {
            if (really)
            {
                connection.TryClose((CloseStatus)4000);
                _ = connection.CloseAsync((CloseStatus)4001);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1004)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(2999)]
    [InlineData(5000)]
    public void A_status_that_must_not_be_on_the_wire_is_the_callers_fault(int status)
    {
        var bench = new Bench();
        Assert.Throws<ArgumentOutOfRangeException>(() => bench.Connection.TryClose((CloseStatus)status));
        Assert.Throws<ArgumentNullException>(() => bench.Connection.TryClose(CloseStatus.NormalClosure, null!));
        Assert.Equal(WebSocketPhase.Open, bench.Connection.State);
    }

    [Fact]
    public void A_Close_from_a_paused_reader_still_gets_the_peers_Close()
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { ReceiveQueueBytes = 1 }, pull: true);
        bench.Transport.FeedText("one");
        bench.Transport.FeedText("two");
        Assert.True(bench.Transport.IsPaused);
        bench.Transport.FeedClose(4000);
        Task closing = bench.Connection.CloseAsync();
        Assert.True(closing.IsCompletedSuccessfully);
        Assert.Equal((CloseStatus)4000, bench.Connection.CloseStatus);
        Assert.Equal("one", bench.ReadNow().Text);
        Assert.Equal(
            (CloseStatus)4000,
            Assert.IsType<WebSocketClosedException>(Record.Exception(() => bench.Connection.ReadAsync().GetAwaiter().GetResult())).Status
        );
    }
}
