using System.Text;

namespace Longwire.Hubs.Tests;

/// <summary>What every engine has to do. An engine's tests derive from this and say how to make one.</summary>
public abstract class HubEngineSpecification
{
    private static readonly CancellationToken _none = CancellationToken.None;

    /// <summary>Makes an engine whose rooms named <c>kept</c> keep 5 publications, and the others none.</summary>
    protected abstract IHubEngine CreateEngine(TimeProvider timeProvider);

    [Fact]
    public async Task Offsets_count_from_one_within_an_epoch()
    {
        (IHubEngine? engine, Receiver? receiver, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        RoomPosition start = await engine.SubscribeAsync("room", _none);
        Assert.Equal(0, start.Offset);
        Assert.Equal(start with { Offset = 1 }, await engine.PublishAsync("room", Json(1), _none));
        Assert.Equal(start with { Offset = 2 }, await engine.PublishAsync("room", Json(2), _none));
        Assert.Equal([1, 2], receiver.Offsets("room"));
        Assert.Equal(start with { Offset = 2 }, await engine.SubscribeAsync("room", _none));
    }

    [Fact]
    public async Task Publications_arrive_in_rising_offsets_however_many_publish()
    {
        (IHubEngine? engine, Receiver? receiver, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        await engine.SubscribeAsync("room", _none);
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(publisher =>
                    Task.Run(async () =>
                    {
                        for (int number = 0; number < 250; number++)
                        {
                            await engine.PublishAsync("room", Json(number), _none);
                        }
                    })
                )
        );
        Assert.Equal(Enumerable.Range(1, 1000).Select(offset => (long)offset), receiver.Offsets("room"));
    }

    [Fact]
    public async Task Who_is_not_subscribed_gets_nothing()
    {
        (IHubEngine? engine, Receiver? receiver, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        await engine.SubscribeAsync("other", _none);
        await engine.PublishAsync("room", Json(1), _none);
        await engine.SubscribeAsync("room", _none);
        await engine.UnsubscribeAsync("room", _none);
        await engine.PublishAsync("room", Json(2), _none);
        Assert.Empty(receiver.Offsets("room"));
    }

    [Fact]
    public async Task History_is_read_since_before_or_newest()
    {
        (IHubEngine? engine, Receiver _, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        await engine.SubscribeAsync("kept", _none);
        for (int number = 1; number <= 8; number++)
        {
            await engine.PublishAsync("kept", Json(number), _none);
        }

        Assert.Equal("4 5 6 7 8", await ReadAsync(engine, new HistoryQuery { Limit = 100 }));
        Assert.Equal("7 8", await ReadAsync(engine, new HistoryQuery { Limit = 2 }));
        Assert.Equal("6 7 8", await ReadAsync(engine, new HistoryQuery { Since = 5, Limit = 100 }));
        Assert.Equal("6", await ReadAsync(engine, new HistoryQuery { Since = 5, Limit = 1 }));
        Assert.Equal("4 5", await ReadAsync(engine, new HistoryQuery { Before = 6, Limit = 100 }));
        Assert.Equal("5", await ReadAsync(engine, new HistoryQuery { Before = 6, Limit = 1 }));
        Assert.Empty(await ReadAsync(engine, new HistoryQuery { Limit = 0 }));
        Assert.Empty(await ReadAsync(engine, new HistoryQuery { Since = 8, Limit = 1 }));
        HistoryPage page = await engine.ReadHistoryAsync("kept", new HistoryQuery { Limit = 1 }, _none);
        Assert.Equal(8, page.Position.Offset);
        Assert.Equal(Json(8).ToArray(), page.Publications[0].Json.ToArray());
    }

    [Fact]
    public async Task A_room_without_history_has_a_position_all_the_same()
    {
        (IHubEngine? engine, Receiver _, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        await engine.SubscribeAsync("room", _none);
        RoomPosition position = await engine.PublishAsync("room", Json(1), _none);
        HistoryPage page = await engine.ReadHistoryAsync("room", new HistoryQuery { Limit = 10 }, _none);
        Assert.Equal(position, page.Position);
        Assert.Empty(page.Publications);
    }

    [Fact]
    public async Task History_outlives_the_subscription_in_the_same_epoch_until_its_age()
    {
        (IHubEngine? engine, Receiver _, ManualTimeProvider? time) = await StartAsync();
        await using IHubEngine _ = engine;
        await engine.SubscribeAsync("kept", _none);
        RoomPosition position = await engine.PublishAsync("kept", Json(1), _none);
        await engine.UnsubscribeAsync("kept", _none);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(position, await engine.SubscribeAsync("kept", _none));
        Assert.Equal("1", await ReadAsync(engine, new HistoryQuery { Limit = 10 }));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(await ReadAsync(engine, new HistoryQuery { Limit = 10 }));
    }

    [Fact]
    public async Task Members_are_counted_and_told_in_order()
    {
        (IHubEngine? engine, Receiver? receiver, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        await engine.SubscribeAsync("room", _none);
        Assert.Equal(1, await engine.JoinAsync("room", Member("a"), _none));
        Assert.Equal(2, await engine.JoinAsync("room", Member("b"), _none));
        Assert.Equal(2, await engine.JoinAsync("room", Member("b"), _none));
        Assert.Equal(1, await engine.LeaveAsync("room", Member("a"), _none));
        Assert.Equal(1, await engine.LeaveAsync("room", Member("a"), _none));
        Assert.Equal(["+a 1", "+b 2", "-a 1"], receiver.Changes("room"));
        Assert.Equal(["b"], (await engine.ReadMembersAsync("room", 10, _none)).Select(member => member.ClientId));
        Assert.Empty(await engine.ReadMembersAsync("room", 0, _none));
        Assert.Empty(await engine.ReadMembersAsync("elsewhere", 10, _none));
    }

    [Fact]
    public async Task The_first_and_the_last_member_of_a_user_are_told_as_such()
    {
        (IHubEngine? engine, Receiver? receiver, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        await engine.SubscribeAsync("room", _none);
        var first = new RoomMember("a", "ann", "Ann", Metadata: null);
        RoomMember second = first with { ClientId = "b" };
        await engine.JoinAsync("room", first, _none);
        await engine.JoinAsync("room", second, _none);
        await engine.JoinAsync("room", Member("c"), _none);
        await engine.LeaveAsync("room", first, _none);
        await engine.LeaveAsync("room", second, _none);
        await engine.JoinAsync("room", first, _none);
        Assert.Equal([true, false, true, false, true, true], receiver.FirstOrLast("room"));
    }

    [Fact]
    public async Task Members_that_have_not_left_go_with_the_subscription()
    {
        (IHubEngine? engine, Receiver _, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        await engine.SubscribeAsync("kept", _none);
        await engine.PublishAsync("kept", Json(1), _none);
        await engine.JoinAsync("kept", Member("a"), _none);
        await engine.UnsubscribeAsync("kept", _none);
        await engine.UnsubscribeAsync("kept", _none);
        await engine.SubscribeAsync("kept", _none);
        Assert.Empty(await engine.ReadMembersAsync("kept", 10, _none));
        Assert.Equal(1, await engine.JoinAsync("kept", Member("b"), _none));
    }

    [Fact]
    public async Task Signals_come_back_to_this_node()
    {
        (IHubEngine? engine, Receiver? receiver, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        var signal = new HubSignal
        {
            Target = HubSignalTarget.User,
            Name = "ann",
            Json = Json(1),
            ExceptClientId = "c",
            Kick = true,
        };
        await engine.SignalAsync(signal, _none);
        HubSignal got = Assert.Single(receiver.Signals);
        Assert.Equal(
            (signal.Target, signal.Name, signal.ExceptClientId, signal.Kick),
            (got.Target, got.Name, got.ExceptClientId, got.Kick)
        );
        Assert.Equal(signal.Json.ToArray(), got.Json.ToArray());
    }

    [Fact]
    public async Task An_engine_is_started_once()
    {
        (IHubEngine? engine, Receiver? receiver, ManualTimeProvider _) = await StartAsync();
        await using IHubEngine _ = engine;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await engine.StartAsync(receiver, _none));
    }

    private static ReadOnlyMemory<byte> Json(int number) => Encoding.UTF8.GetBytes($$"""{"type":"message","message":{{number}}}""");

    private static RoomMember Member(string clientId) => new(clientId, "user-" + clientId, "User " + clientId, Metadata: null);

    private static async Task<string> ReadAsync(IHubEngine engine, HistoryQuery query) =>
        string.Join(
            ' ',
            (await engine.ReadHistoryAsync("kept", query, _none)).Publications.Select(publication => publication.Position.Offset)
        );

    private async Task<(IHubEngine Engine, Receiver Receiver, ManualTimeProvider Time)> StartAsync()
    {
        var time = new ManualTimeProvider();
        IHubEngine engine = CreateEngine(time);
        var receiver = new Receiver();
        await engine.StartAsync(receiver, _none);
        return (engine, receiver, time);
    }

    private sealed class Receiver : IHubEngineReceiver
    {
        private readonly Lock _gate = new();
        private readonly List<(string Room, long Offset)> _publications = [];
        private readonly List<(string Room, string Change)> _changes = [];
        private readonly List<(string Room, bool Is)> _firstOrLast = [];

        public string Node => "node";

        public List<HubSignal> Signals { get; } = [];

        public RoomOptions GetRoomOptions(string room) =>
            new() { HistorySize = room == "kept" ? 5 : 0, HistoryAge = TimeSpan.FromMinutes(10) };

        public void OnPublication(string room, Publication publication)
        {
            lock (_gate)
            {
                _publications.Add((room, publication.Position.Offset));
            }
        }

        public void OnMembership(string room, MembershipChange change)
        {
            lock (_gate)
            {
                _changes.Add((room, $"{(change.Joined ? '+' : '-')}{change.Member.ClientId} {change.Members}"));
                _firstOrLast.Add((room, change.IsFirstOrLastOfUser));
            }
        }

        public void OnSignal(HubSignal signal) => Signals.Add(signal);

        public long[] Offsets(string room) => [.. _publications.Where(entry => entry.Room == room).Select(entry => entry.Offset)];

        public bool[] FirstOrLast(string room) => [.. _firstOrLast.Where(entry => entry.Room == room).Select(entry => entry.Is)];

        public string[] Changes(string room) => [.. _changes.Where(entry => entry.Room == room).Select(entry => entry.Change)];
    }
}
