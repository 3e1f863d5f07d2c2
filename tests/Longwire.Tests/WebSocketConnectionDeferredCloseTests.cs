namespace Longwire.Tests;

public sealed class WebSocketConnectionDeferredCloseTests
{
    [Fact]
    public void A_reader_answers_what_came_before_the_peers_Close_and_the_Close_is_answered_behind_it()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedText("question");
        bench.Transport.FeedClose(4001);
        Assert.Empty(bench.Transport.PeerSees());
        Assert.Equal(WebSocketPhase.CloseReceived, bench.Connection.State);
        Assert.Equal("question", bench.ReadNow().Text);
        Assert.True(bench.Send("answer"));
        AskForMore(bench);
        Assert.Equal(["Text 'answer'", Transcript.Close(4001)], bench.Transport.PeerSees());
        Assert.True(bench.Transport.Closed);
        Assert.False(bench.Send("too late"));
    }

    [Fact]
    public void A_reader_answers_what_came_before_a_broken_rule_and_the_failure_follows()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedText("question");
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 3, []));
        Assert.Equal("question", bench.ReadNow().Text);
        Assert.True(bench.Send("answer"));
        AskForMore(bench);
        Assert.Equal(["Text 'answer'", Transcript.Close(1002, "Reserved opcode")], bench.Transport.PeerSees());
    }

    [Fact]
    public void A_reader_that_does_not_come_back_delays_the_answer_by_half_the_close_time_out()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedText("never read");
        bench.Transport.FeedClose(4001);
        bench.Advance(2.3);
        Assert.Empty(bench.Transport.PeerSees());
        bench.Advance(0.4);
        Assert.Equal([Transcript.Close(4001)], bench.Transport.PeerSees());
        Assert.True(bench.Transport.Closed);
        Assert.False(bench.Transport.Aborted);
    }

    [Fact]
    public void With_nothing_left_to_answer_the_Close_is_answered_at_once()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedClose(4001);
        Assert.Equal([Transcript.Close(4001)], bench.Transport.PeerSees());
    }

    [Fact]
    public void Who_closes_while_a_failure_waits_sends_the_failure()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedText("question");
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 3, []));
        Assert.False(bench.Connection.TryClose(CloseStatus.NormalClosure));
        Assert.Equal([Transcript.Close(1002, "Reserved opcode")], bench.Transport.PeerSees());
    }

    [Fact]
    public void An_end_of_TCP_while_the_Close_waits_ends_it_all()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedText("question");
        bench.Transport.FeedClose(4001);
        bench.Transport.End();
        Assert.False(bench.Connection.Completion.IsCompleted, "The reader is waited for.");
        Assert.Equal("question", bench.ReadNow().Text);
        Assert.False(bench.Send("answer"));
        AskForMore(bench);
        Assert.Empty(bench.Transport.PeerSees());
        Assert.True(bench.Connection.Completion.IsCompleted);
        Assert.Equal((WebSocketPhase.Closed, (CloseStatus)4001), (bench.Connection.State, bench.Connection.CloseStatus));
    }

    [Fact]
    public async Task A_reader_that_closes_when_it_learns_of_the_end_does_not_overtake_the_failure()
    {
        // The last look at the clock while the Close is owed is in front of sending it: the reader knows of the end by then.
        int looks = 0;
        var rehearsal = new Bench(pull: true);
        rehearsal.Time.Looked = () => looks += OwesClose(rehearsal.Connection) ? 1 : 0;
        rehearsal.Transport.Feed(Wire.To(WebSocketRole.Server, 3, []));
        Assert.NotEqual(0, looks);

        var bench = new Bench(pull: true);
        Task reading = ReadToTheEndAndCloseAsync(bench.Connection);
        int feeder = Environment.CurrentManagedThreadId;
        bench.Time.Looked = () =>
        {
            if (Environment.CurrentManagedThreadId == feeder && OwesClose(bench.Connection) && --looks == 0)
            {
                Assert.True(reading.Wait(TimeSpan.FromMinutes(2)));
            }
        };
        bench.Transport.Feed(Wire.To(WebSocketRole.Server, 3, []));
        await reading;
        Assert.Equal(0, looks);
        Assert.Equal([Transcript.Close(1002, "Reserved opcode")], bench.Transport.PeerSees());
    }

    [Fact]
    public async Task A_reader_that_asks_for_more_in_the_middle_of_the_peers_Close_answers_it()
    {
        var bench = new Bench(pull: true);
        bench.Transport.FeedText("question");
        Assert.Equal("question", bench.ReadNow().Text);
        Assert.True(bench.Send("answer"));
        int looks = 0;
        Task? asking = null;
        // The first look at the clock is at what has arrived, the next while the connection acts upon the Close: the reader asks there.
        bench.Time.Looked = () => asking = ++looks == 2 ? bench.Connection.ReadAsync().AsTask() : asking;
        bench.Transport.FeedClose(4001);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => asking!);
        Assert.Equal(["Text 'answer'", Transcript.Close(4001)], bench.Transport.PeerSees());
        Assert.True(bench.Transport.Closed);
    }

    private static bool OwesClose(WebSocketConnection connection) => connection is { CloseStatus: not null, State: WebSocketPhase.Open };

    private static async Task ReadToTheEndAndCloseAsync(WebSocketConnection connection)
    {
        await foreach (WebSocketMessage _ in connection.ReadAllAsync()) { }

        connection.TryClose(CloseStatus.NormalClosure);
    }

    private static void AskForMore(Bench bench) =>
        Assert.IsType<WebSocketClosedException>(Record.Exception(() => bench.Connection.ReadAsync().GetAwaiter().GetResult()));
}
