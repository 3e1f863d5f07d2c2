using Longwire.Hubs.Testing;

namespace Longwire.Yjs.Tests;

public abstract class AwarenessTests(ServerTransport transport) : YjsTests(transport)
{
    public sealed class OnKestrel() : AwarenessTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : AwarenessTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : AwarenessTests(ServerTransport.IoUring);

    [Fact]
    public async Task Everyone_sees_a_state_the_sender_and_whoever_joins_later_included()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        await using YjsPeer bob = await server.JoinAsync();
        ann.Show((1, 1, """{"name":"Ann"}"""));
        await ann.SeesAsync(1, 1, """{"name":"Ann"}""");
        await bob.SeesAsync(1, 1, """{"name":"Ann"}""");
        await using YjsPeer cid = await server.JoinAsync();
        await cid.SeesAsync(1, 1, """{"name":"Ann"}""");
    }

    [Fact]
    public async Task A_connection_that_is_cut_takes_its_states_along_with_the_clock_that_they_had()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        await using YjsPeer bob = await server.JoinAsync();
        ann.Show((1, 5, "{}"), (2, 6, "{}"));
        await bob.SeesAsync(2, 6, "{}");
        ann.Connection.Abort();
        await bob.SeesAsync(1, 5, "null");
        await bob.SeesAsync(2, 6, "null");
    }

    [Fact]
    public async Task A_client_that_came_back_on_another_connection_stays_when_the_old_one_ends()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer old = await server.JoinAsync();
        await using YjsPeer bob = await server.JoinAsync();
        old.Show((1, 1, "{}"));
        await bob.SeesAsync(1, 1, "{}");
        await using YjsPeer back = await server.JoinAsync();
        back.Show((1, 2, "{}"));
        await bob.SeesAsync(1, 2, "{}");
        await old.DisposeAsync();
        back.Show((9, 1, "{}"));
        await bob.SeesAsync(9, 1, "{}");
        Assert.DoesNotContain(bob.Messages.SelectMany(YjsPeer.States), static state => state.State == "null");
    }

    [Fact]
    public async Task A_query_is_answered_with_all_states()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        ann.Show((1, 1, "{}"), (2, 1, "1"));
        await ann.SeesAsync(2, 1, "1");
        int before = ann.Messages.Count;
        ann.Send([3]);
        byte[] answer = await ann.WaitForAsync(static message => message is [1, ..], "the answer", before);
        Assert.Equal([(1, 1, "{}"), (2, 1, "1")], YjsPeer.States(answer).Order());
    }

    [Fact]
    public async Task Changes_are_gathered_and_told_in_one_message()
    {
        var time = new HubTestClock();
        await using YjsServer server = await StartServerAsync(options =>
            options.Endpoint.Connection = options.Endpoint.Connection with { TimeProvider = time }
        );
        await using YjsPeer ann = await server.JoinAsync();
        ann.Show((1, 1, "{}"));
        await ann.SeesAsync(1, 1, "{}");
        int before = ann.Messages.Count;
        for (int clock = 2; clock < 50; clock++)
        {
            ann.Show((1, clock, "{}"), (clock, 1, "{}"));
        }

        // A later question is answered, so all have come.
        ann.Ask();
        await ann.WaitForAsync(static message => message is [0, 1, ..], "the answer", before);
        time.Advance(TimeSpan.FromMilliseconds(100));
        byte[] all = await ann.WaitForAsync(static message => message is [1, ..], "the states", before);
        Assert.Equal(49, YjsPeer.States(all).Count);
        Assert.Contains((1, 49, "{}"), YjsPeer.States(all));
    }

    [Fact]
    public async Task A_state_goes_when_nothing_is_heard_of_it_for_30_seconds_and_a_silent_server_shows_that_it_lives()
    {
        var time = new HubTestClock();
        await using YjsServer server = await StartServerAsync(options =>
            options.Endpoint.Connection = options.Endpoint.Connection with { TimeProvider = time, PingInterval = Timeout.InfiniteTimeSpan }
        );
        await using YjsPeer ann = await server.JoinAsync();
        ann.Show((1, 1, "{}"));
        await ann.SeesAsync(1, 1, "{}");
        int before = ann.Messages.Count;
        time.Advance(TimeSpan.FromSeconds(16));
        await ann.WaitForAsync(static message => message is [1, 1, 0], "a sign of life", before);
        time.Advance(TimeSpan.FromSeconds(13));
        Assert.DoesNotContain(ann.Messages.SelectMany(YjsPeer.States), static state => state.State == "null");
        time.Advance(TimeSpan.FromSeconds(2));
        await ann.SeesAsync(1, 1, "null");
    }

    [Fact]
    public async Task A_state_that_is_too_large_closes_its_sender()
    {
        await using YjsServer server = await StartServerAsync(static options => options.MaxAwarenessStateBytes = 100);
        await using YjsPeer ann = await server.JoinAsync();
        ann.Show((1, 1, $"\"{new string('x', 98)}\""));
        await ann.SeesAsync(1, 1, $"\"{new string('x', 98)}\"");
        ann.Show((1, 2, $"\"{new string('x', 99)}\""));
        (CloseStatus status, string reason) = await ann.Closed;
        Assert.Equal(YjsCloseStatus.BadMessage, status);
        Assert.Contains("100 are the most", reason, StringComparison.Ordinal);
    }
}
