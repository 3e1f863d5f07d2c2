using System.Buffers.Binary;

namespace Longwire.Tests;

public sealed class WebSocketConnectionLivenessTests
{
    private static byte[] Number(long number)
    {
        byte[] payload = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(payload, number);
        return payload;
    }

    private static string Ping(long number) => Transcript.Ping(Number(number));

    private static void Pong(Bench bench, long number) => bench.Transport.Feed(Wire.To(bench.Connection.Role, 10, Number(number)));

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public async Task A_ping_is_answered_by_its_pong_and_the_time_between_is_measured(WebSocketRole role)
    {
        var bench = new Bench(role);
        Assert.Null(bench.Connection.RoundTripTime);
        Task<TimeSpan> ping = bench.Connection.PingAsync();
        Assert.Equal([Ping(1)], bench.Transport.PeerSees());
        bench.Time.Advance(TimeSpan.FromMilliseconds(42));
        Pong(bench, 1);
        Assert.Equal(TimeSpan.FromMilliseconds(42), await ping);
        Assert.Equal(TimeSpan.FromMilliseconds(42), bench.Connection.RoundTripTime);
    }

    [Fact]
    public async Task A_pong_answers_all_pings_before_its_own()
    {
        var bench = new Bench();
        Task<TimeSpan>[] pings = [bench.Connection.PingAsync(), bench.Connection.PingAsync(), bench.Connection.PingAsync()];
        Pong(bench, 2);
        await Task.WhenAll(pings[0], pings[1]);
        Assert.False(pings[2].IsCompleted);
        bench.Transport.End();
        await Assert.ThrowsAsync<WebSocketClosedException>(() => pings[2]);
    }

    [Fact]
    public void Pongs_unasked_are_ignored()
    {
        var bench = new Bench();
        Task<TimeSpan> ping = bench.Connection.PingAsync();
        foreach (
            byte[] payload in (byte[][])
                [
                    [],
                    [1],
                    Number(0),
                    Number(-1),
                    Number(2),
                    Number(long.MinValue),
                    Number(long.MaxValue),
                    new byte[125],
                ]
        )
        {
            bench.Transport.Feed(Wire.To(WebSocketRole.Server, 10, payload));
        }

        Assert.False(ping.IsCompleted);
        Assert.Equal(WebSocketPhase.Open, bench.Connection.State);
        Assert.Null(bench.Connection.RoundTripTime);
    }

    [Fact]
    public async Task Cancelling_a_ping_ends_the_wait_and_nothing_else()
    {
        var bench = new Bench();
        using var cancellation = new CancellationTokenSource();
        Task<TimeSpan> first = bench.Connection.PingAsync(cancellation.Token);
        Task<TimeSpan> second = bench.Connection.PingAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Pong(bench, 2);
        await second;
        Assert.True(bench.Send("alive"));
    }

    [Fact]
    public async Task A_ping_on_a_closing_connection_is_refused()
    {
        var bench = new Bench();
        bench.Connection.TryClose(CloseStatus.NormalClosure);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => bench.Connection.PingAsync());
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void After_a_silence_a_ping_asks_and_a_peer_that_says_nothing_is_dead(WebSocketRole role)
    {
        var bench = new Bench(role);
        bench.Advance(29.9);
        Assert.Empty(bench.Transport.PeerSees());
        bench.Advance(0.3);
        Assert.Equal([Ping(1)], bench.Transport.PeerSees());
        bench.Advance(19.7);
        Assert.False(bench.Transport.Closed);
        bench.Advance(0.4);
        Assert.True(bench.Transport.Aborted);
        Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
        Assert.Equal(0, bench.Time.ActiveTimers);
    }

    [Fact]
    public void A_pong_keeps_the_connection_and_the_round_trip_time_is_measured()
    {
        var bench = new Bench();
        for (int round = 1; round <= 5; round++)
        {
            bench.Advance(30.2);
            Assert.Equal(Ping(round), bench.Transport.PeerSees()[^1]);
            bench.Time.Advance(TimeSpan.FromMilliseconds(7));
            Pong(bench, round);
            Assert.NotNull(bench.Connection.RoundTripTime);
            Assert.InRange(bench.Connection.RoundTripTime.Value, TimeSpan.FromMilliseconds(7), TimeSpan.FromMilliseconds(307));
        }

        Assert.Equal(5, bench.Transport.PeerSees().Count);
        Assert.False(bench.Transport.Closed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [InlineData(3.4)]
    public void A_ping_follows_every_interval_of_silence_however_long_a_pong_may_take(double pongAfter)
    {
        var bench = new Bench(
            options: new WebSocketConnectionOptions { PingInterval = TimeSpan.FromSeconds(1), PongTimeout = TimeSpan.FromSeconds(20) }
        );
        for (int round = 1; round <= 10; round++)
        {
            bench.Advance(1.3);
            Assert.Equal(round, bench.Transport.PeerSees().Count);
            Assert.Equal(Ping(round), bench.Transport.PeerSees()[^1]);
            bench.Advance(pongAfter);
            Pong(bench, round);
        }

        Assert.False(bench.Transport.Closed);
    }

    [Fact]
    public void Only_one_ping_asks_while_its_pong_may_still_come()
    {
        var bench = new Bench(
            options: new WebSocketConnectionOptions { PingInterval = TimeSpan.FromSeconds(1), PongTimeout = TimeSpan.FromSeconds(20) }
        );
        bench.Advance(20.9);
        Assert.Equal([Ping(1)], bench.Transport.PeerSees());
        Assert.False(bench.Transport.Closed);
        bench.Advance(0.6);
        Assert.True(bench.Transport.Aborted);
    }

    [Fact]
    public void Whatever_comes_is_a_sign_of_life_also_a_part_of_a_frame()
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { MinDataRateBytesPerSecond = 0 });
        bench.Advance(30.2);
        byte[] message = Wire.To(WebSocketRole.Server, 1, Wire.Utf8("a long message that drips in"));
        for (int i = 0; i < message.Length - 1; i++)
        {
            bench.Transport.Feed(message[i]);
            bench.Advance(15);
        }

        Assert.False(bench.Transport.Closed);
        Assert.Equal([Ping(1)], bench.Transport.PeerSees());
    }

    [Fact]
    public void A_reader_that_does_not_read_is_not_a_dead_peer()
    {
        var bench = new Bench(
            options: new WebSocketConnectionOptions { ReceiveQueueBytes = 1, IdleTimeout = TimeSpan.FromMinutes(5) },
            pull: true
        );
        bench.Transport.FeedText("one");
        bench.Transport.FeedText("two");
        Assert.True(bench.Transport.IsPaused);
        bench.Advance(3600);
        Assert.False(bench.Transport.Closed);
        Assert.Equal(WebSocketPhase.Open, bench.Connection.State);
        Assert.Equal("one", bench.ReadNow().Text);
        Assert.Equal("two", bench.ReadNow().Text);
        bench.Advance(60);
        Assert.True(bench.Transport.Aborted, "Once it is read again, silence counts.");
    }

    [Fact]
    public void Without_a_ping_interval_silence_is_no_death()
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { PingInterval = Timeout.InfiniteTimeSpan });
        bench.Advance(100_000);
        Assert.Empty(bench.Transport.PeerSees());
        Assert.False(bench.Transport.Closed);
    }

    [Fact]
    public void A_peer_that_sends_no_message_for_the_idle_time_is_sent_away_with_1001_though_it_answers_pings()
    {
        var bench = new Bench(
            options: new WebSocketConnectionOptions { IdleTimeout = TimeSpan.FromSeconds(70), PingInterval = TimeSpan.FromSeconds(20) }
        );
        bench.Advance(10);
        bench.Transport.FeedText("busy");
        for (int i = 1; bench.Connection.State == WebSocketPhase.Open && i < 10; i++)
        {
            bench.Advance(9);
            Pong(bench, i);
        }

        Assert.Equal(Transcript.Close(1001, "Idle"), bench.Transport.PeerSees()[^1]);
        Assert.InRange(bench.Time.GetTimestamp(), 80 * TimeSpan.TicksPerSecond, 91 * TimeSpan.TicksPerSecond);
    }

    [Fact]
    public void An_early_close_time_out_is_not_overwritten_by_a_later_check()
    {
        var bench = new Bench();
        bench.Advance(29);
        bench.Connection.TryClose(CloseStatus.NormalClosure);
        bench.Transport.FeedText("alive");
        bench.Advance(5.2);
        Assert.True(bench.Transport.Closed);
    }

    [Fact]
    public void A_machine_that_slept_for_days_finds_its_connections_and_ends_the_dead_ones()
    {
        var bench = new Bench();
        bench.Time.Jump(TimeSpan.FromDays(10));
        Assert.Equal([Ping(1)], bench.Transport.PeerSees());
        bench.Time.Jump(TimeSpan.FromDays(10));
        Assert.True(bench.Transport.Aborted);
    }
}
