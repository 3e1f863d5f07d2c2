namespace Longwire.Tests;

/// <summary>The end of one direction, and what it leaves to the other.</summary>
public sealed class WebSocketConnectionEndingTests
{
    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void After_the_peers_end_a_reader_answers_what_came_before_and_then_TCP_ends(WebSocketRole role)
    {
        var bench = new Bench(role, pull: true);
        bench.Transport.FeedText("one");
        bench.Transport.FeedText("two");
        bench.Transport.EndPeer();
        Assert.Equal((WebSocketPhase.CloseReceived, CloseStatus.Abnormal), (bench.Connection.State, bench.Connection.CloseStatus));
        Assert.Equal("one", bench.ReadNow().Text);
        Assert.True(bench.Send("re one"));
        Assert.Equal("two", bench.ReadNow().Text);
        Assert.True(bench.Send("re two"));
        Assert.False(bench.Transport.Closed);
        AskForMore(bench);
        Assert.Equal(["Text 're one'", "Text 're two'"], bench.Transport.PeerSees());
        Assert.True(bench.Transport.Closed);
        Assert.False(bench.Transport.Aborted);
        Assert.True(bench.Connection.Completion.IsCompletedSuccessfully);
        Assert.False(bench.Send("too late"));
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void The_Close_that_is_owed_goes_out_after_the_peers_end(WebSocketRole role)
    {
        var bench = new Bench(role, pull: true);
        bench.Transport.FeedText("one");
        bench.Transport.FeedClose(4001);
        bench.Transport.EndPeer();
        Assert.Equal("one", bench.ReadNow().Text);
        Assert.True(bench.Send("re one"));
        AskForMore(bench);
        Assert.Equal(["Text 're one'", Transcript.Close(4001)], bench.Transport.PeerSees());
        Assert.True(bench.Transport.Closed, "The peer's end has come: a client has nothing to wait for either.");
        Assert.False(bench.Transport.Aborted);
        Assert.Equal((CloseStatus)4001, bench.Connection.CloseStatus);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void What_a_handler_has_answered_leaves_after_the_peers_end(WebSocketRole role)
    {
        var handler = new RecordingHandler { WhenMessage = (connection, _) => connection.TrySend("answer"u8, MessageType.Text) };
        var bench = new Bench(role, handler: handler);
        bench.Transport.HoldsFlushes = true;
        bench.Transport.FeedText("question");
        bench.Transport.EndPeer();
        Assert.False(bench.Transport.Closed);
        bench.Transport.ReleaseFlush();
        Assert.True(bench.Transport.Closed);
        Assert.Equal(["Text 'answer'"], bench.Transport.PeerSees());
        Assert.Equal(["open", "Text 'question'", "closed 1006"], bench.Handler.Calls);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public async Task A_peer_that_takes_nothing_any_more_keeps_no_reader_from_the_rest(WebSocketRole role)
    {
        var bench = new Bench(role, pull: true);
        for (int i = 0; i < 10; i++)
        {
            bench.Transport.FeedText($"{i}");
        }

        bench.Connection.SendingEnded(new IOException("reset"));
        bench.Transport.FeedText("10");
        bench.Transport.End(new IOException("reset"));
        for (int i = 0; i <= 10; i++)
        {
            Assert.False(bench.Connection.Completion.IsCompleted);
            Assert.Equal($"{i}", bench.ReadNow().Text);
            await bench.SendAsync("an answer that reaches nobody");
            await using WebSocketWriteStream message = await bench.Connection.OpenMessageAsync(MessageType.Text);
            await message.CompleteAsync(Wire.Utf8("nor does this"));
            Assert.False(bench.Send("nor this"));
        }

        AskForMore(bench);
        Assert.True(bench.Connection.Completion.IsCompletedSuccessfully);
        await Assert.ThrowsAsync<WebSocketClosedException>(async () => await bench.SendAsync("too late"));
    }

    [Fact]
    public void Without_a_message_left_a_send_to_a_peer_that_is_gone_fails()
    {
        var bench = new Bench(pull: true);
        bench.Transport.End(new IOException("reset"));
        Assert.IsType<WebSocketClosedException>(Record.Exception(() => bench.SendAsync("x").GetAwaiter().GetResult()));
        Assert.True(bench.Connection.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public void Answers_to_nobody_are_taken_up_to_the_send_queues_size_for_each_message()
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { SendQueueBytes = 1000 }, pull: true);
        bench.Transport.FeedText("one");
        bench.Transport.FeedText("two");
        bench.Transport.End(new IOException("reset"));
        for (int round = 0; round < 2; round++)
        {
            bench.ReadNow();
            int sent = 0;
            while (bench.SendAsync("x").IsCompletedSuccessfully)
            {
                Assert.InRange(++sent, 1, 20);
            }

            Assert.InRange(sent, 15, 17);
        }
    }

    [Fact]
    public void A_reader_that_goes_on_slowly_is_waited_for_and_one_that_stands_still_is_not()
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { ReceiveQueueBytes = 1 << 20 }, pull: true);
        for (int i = 0; i < 10; i++)
        {
            bench.Transport.FeedText($"{i}");
        }

        bench.Transport.End(new IOException("reset"));
        for (int i = 0; i < 5; i++)
        {
            bench.Advance(4);
            Assert.Equal($"{i}", bench.ReadNow().Text);
        }

        Assert.False(bench.Connection.Completion.IsCompleted);
        bench.Advance(5.2);
        Assert.True(bench.Connection.Completion.IsCompletedSuccessfully);
        Assert.Equal("5", bench.ReadNow().Text);
    }

    [Fact]
    public void A_peers_end_that_comes_instead_of_its_Close_ends_a_closing_at_once()
    {
        foreach (WebSocketRole role in (WebSocketRole[])[WebSocketRole.Server, WebSocketRole.Client])
        {
            var bench = new Bench(role);
            Task closing = bench.Connection.CloseAsync();
            bench.Transport.EndPeer();
            Assert.True(closing.IsCompletedSuccessfully);
            Assert.False(bench.Transport.Aborted);
            Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
        }
    }

    [Fact]
    public void An_application_that_closes_after_the_peers_end_sends_its_Close()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedText("never read");
        bench.Transport.EndPeer();
        Assert.True(bench.Connection.CloseAsync((CloseStatus)4000).IsCompletedSuccessfully);
        Assert.Equal([Transcript.Close(4000)], bench.Transport.PeerSees());
        Assert.Equal(CloseStatus.Abnormal, bench.Connection.CloseStatus);
    }

    [Fact]
    public void A_connection_that_is_opened_before_it_is_started_holds_what_it_sends()
    {
        var handler = new RecordingHandler { WhenOpen = connection => connection.TrySend("welcome"u8, MessageType.Text) };
        var transport = new ManualTransport();
        var connection = new WebSocketConnection(transport, WebSocketRole.Server, handler: handler);
        connection.Open();
        Assert.Equal(["open"], handler.Calls);
        Assert.Empty(transport.PeerSees());
        connection.Start();
        Assert.Equal(["open"], handler.Calls);
        Assert.Equal(["Text 'welcome'"], transport.PeerSees());
        transport.FeedClose();
        Assert.Equal(["open", "closed 1000"], handler.Calls);
    }

    [Fact]
    public void A_connection_that_was_opened_and_never_started_is_closed()
    {
        var handler = new RecordingHandler { WhenOpen = connection => connection.TrySend("welcome"u8, MessageType.Text) };
        var connection = new WebSocketConnection(new ManualTransport(), WebSocketRole.Server, handler: handler);
        connection.Open();
        connection.Ended(new IOException("no answer"));
        Assert.Equal(["open", "closed 1006"], handler.Calls);
        Assert.True(connection.Completion.IsCompletedSuccessfully);
    }

    private static void AskForMore(Bench bench) =>
        Assert.IsType<WebSocketClosedException>(Record.Exception(() => bench.Connection.ReadAsync().GetAwaiter().GetResult()));
}
