using System.Text.Json;
using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

/// <summary>A node that was not told everything tells its members what was missing, in order, or that something is.</summary>
public sealed class SequenceTests
{
    [Fact]
    public async Task What_a_node_missed_while_it_was_cut_off_is_read_and_told_in_order()
    {
        await using World world = await World.StartAsync(historySize: 100);
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        await world.PublishAsync(1);
        await ExpectAsync(ann, 1);
        world.Link.Cut();
        await world.PublishAsync(2, 3);
        await ann.ExpectNothingAsync();
        world.Link.Heal();
        await ExpectAsync(ann, 2, 3);
        await world.PublishAsync(4);
        await ExpectAsync(ann, 4);
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_gap_that_nothing_announced_is_noticed_at_the_next_publication()
    {
        var engine = default(LossyEngine);
        await using World world = await World.StartAsync(historySize: 100, inner => engine = new LossyEngine(inner));
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        await world.PublishAsync(1);
        engine!.Loses = true;
        await world.PublishAsync(2, 3);
        engine.Loses = false;
        await world.PublishAsync(4);
        await ExpectAsync(ann, 1, 2, 3, 4);
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_gap_behind_which_nothing_comes_is_noticed_within_a_minute()
    {
        var engine = default(LossyEngine);
        await using World world = await World.StartAsync(historySize: 100, inner => engine = new LossyEngine(inner));
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        engine!.Loses = true;
        await world.PublishAsync(1, 2);
        await ann.ExpectNothingAsync();
        world.Two.Time.Advance(TimeSpan.FromMinutes(1));
        await ExpectAsync(ann, 1, 2);
    }

    [Fact]
    public async Task A_gap_that_cannot_be_filled_is_told_and_the_room_goes_on()
    {
        var engine = default(LossyEngine);
        await using World world = await World.StartAsync(historySize: 0, inner => engine = new LossyEngine(inner));
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        await world.PublishAsync(1);
        await ExpectAsync(ann, 1);
        engine!.Loses = true;
        await world.PublishAsync(2);
        engine.Loses = false;
        await world.PublishAsync(3);
        JsonElement reset = await ann.NextAsync("room-reset");
        Assert.Equal(["type", "room", "epoch", "offset", "tag", "recovered"], reset.Names());
        Assert.Equal(("general", 3, false), (reset.Text("room"), reset.Number("offset"), reset.GetProperty("recovered").GetBoolean()));
        await world.PublishAsync(4);
        await ExpectAsync(ann, 4);
    }

    [Fact]
    public async Task An_offset_given_twice_is_noticed_by_its_tag_live_and_by_those_who_come_back()
    {
        await using World world = await World.StartAsync(historySize: 100);
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        await world.PublishAsync(1, 2, 3);
        await ann.NextAsync("message");
        await ann.NextAsync("message");
        JsonElement lost = await ann.NextAsync("message");
        world.Store.LoseNewest(1);
        await world.PublishAsync(33);
        JsonElement reset = await ann.NextAsync("room-reset");
        Assert.Equal(3, reset.Number("offset"));
        Assert.NotEqual(lost.Text("tag"), reset.Text("tag"));
        await world.PublishAsync(4);
        await ExpectAsync(ann, 4);

        JsonElement joined = await ann.AskAsync(
            $$$"""
            {"type":"join-room","room":"general","recover":{"epoch":"{{{lost.Text("epoch")}}}","offset":3,"tag":"{{{lost.Text("tag")}}}"}}
            """,
            "joined-room"
        );
        Assert.False(joined.GetProperty("recovered").GetBoolean());
    }

    [Fact]
    public async Task What_is_lost_under_a_node_that_sees_the_next_offset_is_noticed_by_the_chain_of_tags()
    {
        var engine = default(LossyEngine);
        await using World world = await World.StartAsync(historySize: 100, inner => engine = new LossyEngine(inner));
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        await world.PublishAsync(1, 2);
        await ExpectAsync(ann, 1, 2);
        world.Store.LoseNewest(1);
        engine!.Loses = true;
        await world.PublishAsync(22);
        engine.Loses = false;
        await world.PublishAsync(3);
        Assert.Equal(3, (await ann.NextAsync("room-reset")).Number("offset"));
    }

    [Fact]
    public async Task A_node_that_cannot_read_what_is_missing_tries_again()
    {
        var engine = default(PausingEngine);
        await using World world = await World.StartAsync(historySize: 100, inner => engine = new PausingEngine(inner));
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        world.Link.Cut();
        await world.PublishAsync(1);
        engine!.FailingCall = EngineCall.ReadHistory;
        engine.Failure = new HubUnavailableException("away");
        world.Link.Heal();
        await Eventually.TrueAsync(() => engine.Failures > 0);
        await world.PublishAsync(2);
        await ann.ExpectNothingAsync();
        engine.Failure = null;
        await Eventually.TrueAsync(() =>
        {
            world.Two.Time.Advance(TimeSpan.FromSeconds(1));
            return world.Two.Hub.FindRoom("general")!.Position.Offset == 2;
        });
        await ExpectAsync(ann, 1, 2);
    }

    [Fact]
    public async Task A_node_that_was_taken_for_dead_has_its_members_again_when_it_is_back()
    {
        await using World world = await World.StartAsync(historySize: 0);
        TestClient ann = await world.One.JoinAsAsync("ann", "general");
        TestClient bob = await world.Two.JoinAsAsync("bob", "general");
        Assert.Equal("bob", (await ann.NextAsync("user-joined")).Text("userId"));
        world.Link.Cut();
        world.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("bob", (await ann.UntilAsync("user-left")).Text("userId"));
        world.Link.Heal();
        Assert.Equal("bob", (await ann.NextAsync("user-joined")).Text("userId"));
        Assert.Equal(2, (await bob.JoinAsync("general")).Number("members"));
    }

    private static async Task ExpectAsync(TestClient client, params int[] contents)
    {
        foreach (int content in contents)
        {
            JsonElement message = await client.NextAsync("message");
            Assert.Equal(content, message.GetProperty("message").GetInt32());
        }
    }

    /// <summary>Two nodes on one store; what is published comes from the first.</summary>
    private sealed class World : IAsyncDisposable
    {
        public required MemoryHubStore Store { get; init; }

        public required MemoryHubEngine Link { get; init; }

        public TestHub One { get; private set; } = null!;

        public TestHub Two { get; private set; } = null!;

        public static async Task<World> StartAsync(int historySize, Func<IHubEngine, IHubEngine>? wrap = null)
        {
            var time = new HubTestClock();
            var store = new MemoryHubStore(time);
            var world = new World { Store = store, Link = new MemoryHubEngine(store) };
            world.One = await TestHub.StartAsync(options => Configure(options, "one"), wrapEngine: _ => new MemoryHubEngine(store));
            world.Two = await TestHub.StartAsync(
                options => Configure(options, "two"),
                wrapEngine: _ => wrap?.Invoke(world.Link) ?? world.Link
            );
            world._times = [time];
            return world;

            void Configure(LongwireHubOptions options, string node)
            {
                options.Node = node;
                options.Rooms.Default!.HistorySize = historySize;
            }
        }

        private HubTestClock[] _times = [];

        public async Task PublishAsync(params int[] contents)
        {
            foreach (int content in contents)
            {
                await One.Hub.PublishAsync(
                    "general",
                    System.Text.Encoding.UTF8.GetBytes(content.ToString(System.Globalization.CultureInfo.InvariantCulture))
                );
            }
        }

        /// <summary>Time passes on both nodes and in the store, second by second.</summary>
        public void Advance(TimeSpan by)
        {
            for (TimeSpan passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromSeconds(1))
            {
                foreach (HubTestClock time in (HubTestClock[])[.. _times, One.Time, Two.Time])
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Two.DisposeAsync();
            await One.DisposeAsync();
        }
    }
}
