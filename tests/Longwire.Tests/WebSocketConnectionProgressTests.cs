namespace Longwire.Tests;

/// <summary>Slowness is no fault above the least rate, and standing still is one.</summary>
public sealed class WebSocketConnectionProgressTests
{
    private const int Rate = 240;

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void What_was_sent_before_a_close_arrives_at_any_rate_above_the_least(WebSocketRole role)
    {
        var bench = new Bench(role);
        bench.Transport.HoldsFlushes = true;
        bench.Transport.PeerProgress = (0, 1 << 20);
        Assert.True(bench.Connection.TrySend(new byte[100_000], MessageType.Binary));
        Task closing = bench.Connection.CloseAsync();
        Take(bench, Rate + 10, seconds: 400);
        while (bench.Transport.FlushIsUnderWay)
        {
            bench.Transport.EndFlush();
        }

        // The kernel has it now, and the peer goes on taking it from there.
        Take(bench, Rate + 10, seconds: 400);
        Assert.False(bench.Transport.Closed);
        bench.Transport.PeerProgress = (1 << 20, 0);
        bench.Advance(1);
        bench.Transport.FeedClose();
        bench.Transport.End();
        Assert.True(closing.IsCompletedSuccessfully);
        Assert.Equal(CloseStatus.NormalClosure, bench.Connection.CloseStatus);
        Assert.Equal(ConnectionAbortCause.None, bench.Connection.AbortCause);
        Assert.Equal(2, bench.Transport.PeerSees().Count);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void A_peer_that_takes_what_waits_more_slowly_than_the_least_rate_is_aborted(WebSocketRole role)
    {
        foreach (bool closing in (bool[])[false, true])
        {
            var bench = new Bench(role);
            bench.Transport.HoldsFlushes = true;
            bench.Transport.PeerProgress = (0, 1 << 20);
            bench.Connection.TrySend(new byte[100_000], MessageType.Binary);
            if (closing)
            {
                bench.Connection.TryClose(CloseStatus.NormalClosure);
            }

            Take(bench, Rate / 2, seconds: 30);
            Assert.True(bench.Transport.Aborted);
            Assert.Equal(ConnectionAbortCause.TooSlow, bench.Connection.AbortCause);
            Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
        }
    }

    [Fact]
    public void A_peer_that_stands_still_is_aborted_after_ten_seconds()
    {
        var bench = new Bench();
        bench.Transport.HoldsFlushes = true;
        bench.Transport.PeerProgress = (0, 1000);
        bench.Send("stuck");
        bench.Advance(10);
        Assert.False(bench.Transport.Closed);
        bench.Advance(4);
        Assert.True(bench.Transport.Aborted);
    }

    [Fact]
    public void A_wait_that_begins_between_two_looks_has_all_of_its_ten_seconds()
    {
        var bench = new Bench();
        bench.Transport.HoldsFlushes = true;
        bench.Transport.PeerProgress = (0, 100);
        bench.Connection.TrySend(new byte[10], MessageType.Binary);
        bench.Advance(9);
        bench.Transport.PeerProgress = (100, 0);
        bench.Transport.EndFlush();
        bench.Connection.TrySend(new byte[10], MessageType.Binary);
        bench.Transport.PeerProgress = (100, 100);
        bench.Advance(9);
        Assert.False(bench.Transport.Aborted);
        bench.Advance(5);
        Assert.Equal(ConnectionAbortCause.TooSlow, bench.Connection.AbortCause);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void A_message_that_begins_in_the_read_that_ends_another_has_all_of_its_ten_seconds(WebSocketRole role)
    {
        var bench = new Bench(role);
        byte[] message = Wire.To(role, 2, new byte[100]);
        bench.Transport.Feed(message[..^1]);
        bench.Advance(11);
        bench.Transport.Feed([message[^1], .. message[..3]]);
        bench.Advance(9);
        Assert.False(bench.Transport.Aborted);
        bench.Advance(5);
        Assert.Equal(ConnectionAbortCause.TooSlow, bench.Connection.AbortCause);
    }

    [Fact]
    public void Without_a_least_rate_a_slow_peer_is_borne_as_long_as_it_goes_on()
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { MinDataRateBytesPerSecond = 0 });
        bench.Transport.HoldsFlushes = true;
        bench.Transport.PeerProgress = (0, 1 << 20);
        bench.Connection.TrySend(new byte[100_000], MessageType.Binary);
        bench.Connection.TryClose(CloseStatus.NormalClosure);
        Take(bench, 1, seconds: 600);
        Assert.False(bench.Transport.Closed);
        bench.Advance(10);
        Assert.True(bench.Transport.Aborted);
    }

    [Fact]
    public void A_ping_behind_much_data_does_not_kill_a_peer_that_takes_it()
    {
        var bench = new Bench();
        bench.Transport.PeerProgress = (0, 20 << 20);
        bench.Connection.TrySend(new byte[60_000], MessageType.Binary);
        Take(bench, 300_000, seconds: 65);
        Assert.False(bench.Transport.Closed);
        Assert.Equal(2, bench.Transport.PeerSees().Count);
        // All of it has come to the peer, which says nothing all the same.
        bench.Transport.PeerProgress = (30 << 20, 0);
        bench.Advance(45);
        Assert.Equal(ConnectionAbortCause.PeerDead, bench.Connection.AbortCause);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void A_message_in_the_making_may_take_any_time_above_the_least_rate(WebSocketRole role)
    {
        var bench = new Bench(role, new WebSocketConnectionOptions { IdleTimeout = TimeSpan.FromSeconds(30) });
        for (int i = 0; i < 200; i++)
        {
            bench.Transport.Feed(Wire.To(role, (byte)(i == 0 ? 1 : 0), new byte[Rate + 10], fin: i == 199));
            bench.Advance(1);
        }

        Assert.False(bench.Transport.Closed);
        Assert.Equal(WebSocketPhase.Open, bench.Connection.State);
        Assert.Equal(2, bench.Handler.Calls.Length);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void A_message_that_stands_still_is_ended_though_pings_go_on(WebSocketRole role)
    {
        var bench = new Bench(role);
        bench.Transport.Feed(Wire.To(role, 1, new byte[100], fin: false));
        for (int i = 0; i < 20; i++)
        {
            bench.Transport.Feed(Wire.To(role, 9, new byte[100]));
            bench.Advance(1);
        }

        Assert.Equal(ConnectionAbortCause.TooSlow, bench.Connection.AbortCause);
        Assert.Equal(["open", "closed 1006"], bench.Handler.Calls);
    }

    [Fact]
    public void A_message_that_the_application_does_not_let_in_is_not_the_peers_slowness()
    {
        var bench = new Bench(options: new WebSocketConnectionOptions { ReceiveQueueBytes = 1 }, pull: true);
        bench.Transport.Feed([
            .. Wire.To(WebSocketRole.Server, 1, Wire.Utf8("whole")),
            .. Wire.To(WebSocketRole.Server, 1, new byte[100])[..50],
        ]);
        bench.Advance(100);
        Assert.False(bench.Transport.Closed);
    }

    // The peer takes so many bytes in each second.
    private static void Take(Bench bench, int bytesPerSecond, int seconds)
    {
        for (int second = 0; second < seconds && !bench.Transport.Aborted; second++)
        {
            (long taken, long waiting) = bench.Transport.PeerProgress!.Value;
            bench.Transport.PeerProgress = (taken + bytesPerSecond, waiting);
            bench.Advance(1);
        }
    }
}
