using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A node that was not told everything tells its members what was missing, in order, or that something is.</summary>
public sealed class SequenceTests
{
    [Fact]
    public async Task What_a_node_missed_while_it_was_cut_off_is_read_and_told_in_order()
    {
        await using SequenceWorld world = await SequenceWorld.StartAsync(historySize: 100);
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
        await using SequenceWorld world = await SequenceWorld.StartAsync(historySize: 100, inner => engine = new LossyEngine(inner));
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
        await using SequenceWorld world = await SequenceWorld.StartAsync(historySize: 100, inner => engine = new LossyEngine(inner));
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
        await using SequenceWorld world = await SequenceWorld.StartAsync(historySize: 0, inner => engine = new LossyEngine(inner));
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
        await using SequenceWorld world = await SequenceWorld.StartAsync(historySize: 100);
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
        await using SequenceWorld world = await SequenceWorld.StartAsync(historySize: 100, inner => engine = new LossyEngine(inner));
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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_offset_given_twice_is_noticed_by_a_member_that_read_it_before_its_node_was_told(int members)
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine _, TestClient ann, JsonElement _) = await StartAheadAsync(members);
        await using SequenceWorld disposed = world;
        world.Store.LoseNewest(2);
        engine.Loses = false;
        await world.PublishAsync(11);
        await ann.ExpectNothingAsync();
        await world.PublishAsync(22);
        Assert.Equal(1, (await ann.NextAsync("room-reset")).Number("offset"));
        await ExpectAsync(ann, 22);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_is_lost_after_a_member_read_it_and_before_its_node_was_told_is_noticed_when_the_engine_is_back(int members)
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine _, TestClient ann, JsonElement _) = await StartAheadAsync(members);
        await using SequenceWorld disposed = world;
        world.Store.LoseNewest(1);
        engine.Loses = false;
        world.ComeBack();
        Assert.Equal(1, (await ann.NextAsync("room-reset")).Number("offset"));
        await world.PublishAsync(22);
        await ExpectAsync(ann, 22);
    }

    [Fact]
    public async Task What_was_read_for_a_joiner_before_the_engine_was_away_is_read_again()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine pausing, TestClient ann, JsonElement joined) = await StartAheadAsync(
            members: 2
        );
        await using SequenceWorld disposed = world;
        pausing.HistoryGate = new TaskCompletionSource();
        TaskCompletionSource gate = pausing.HistoryGate;
        await ann.SendAsync(Recover(joined));
        pausing.ReadGate.SetResult();
        await pausing.HistoryRead.Task.WaitAsync(TimeSpan.FromMinutes(2));
        pausing.HistoryGate = null;
        world.Store.LoseNewest(2);
        engine.Loses = false;
        world.ComeBack();
        await world.PublishAsync(11);
        gate.SetResult();
        joined = await ann.NextAsync("joined-room");
        Assert.True(joined.GetProperty("recovered").GetBoolean());
        Assert.Equal([11], joined.GetProperty("messages").EnumerateArray().Select(static message => message.Number("message")));
        await world.PublishAsync(22);
        await ExpectAsync(ann, 22);
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_node_that_cannot_read_what_is_missing_tries_again()
    {
        var engine = default(PausingEngine);
        await using SequenceWorld world = await SequenceWorld.StartAsync(historySize: 100, inner => engine = new PausingEngine(inner));
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
    public async Task What_a_node_was_told_before_it_asked_and_the_engine_has_lost_since_is_told_to_nobody()
    {
        var engine = default(PausingEngine);
        await using SequenceWorld world = await SequenceWorld.StartAsync(historySize: 100, inner => engine = new PausingEngine(inner));
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        engine!.FailingCall = EngineCall.ReadHistory;
        engine.Failure = new HubUnavailableException("away");
        world.ComeBack();
        await Eventually.TrueAsync(() => engine.Failures > 0);
        await world.PublishAsync(1);
        world.Store.LoseNewest(1);
        engine.Failure = null;
        world.Two.Time.Advance(TimeSpan.FromSeconds(1));
        await world.PublishAsync(11);
        await ExpectAsync(ann, 11);
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_is_missing_before_a_publication_that_comes_while_a_node_reads_is_read_too()
    {
        var engine = default(LossyEngine);
        var pausing = default(PausingEngine);
        await using SequenceWorld world = await SequenceWorld.StartAsync(
            historySize: 100,
            inner => pausing = new PausingEngine(engine = new LossyEngine(inner))
        );
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        var gate = new TaskCompletionSource();
        pausing!.HistoryGate = gate;
        pausing.ReadGate.SetResult();
        world.Two.Hub.FindRoom("general")!.Verify();
        await pausing.HistoryRead.Task.WaitAsync(TimeSpan.FromMinutes(2));
        pausing.HistoryGate = null;
        engine!.Loses = true;
        await world.PublishAsync(1);
        engine.Loses = false;
        await world.PublishAsync(2);
        gate.SetResult();
        await ExpectAsync(ann, 1, 2);
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_node_that_was_taken_for_dead_has_its_members_again_when_it_is_back()
    {
        await using SequenceWorld world = await SequenceWorld.StartAsync(historySize: 0);
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

    /// <summary>A member has read two publications of which its node has not been told; with the answer to its first join.</summary>
    private static async Task<(SequenceWorld, LossyEngine, PausingEngine, TestClient, JsonElement Joined)> StartAheadAsync(int members)
    {
        var engine = default(LossyEngine);
        var pausing = default(PausingEngine);
        SequenceWorld world = await SequenceWorld.StartAsync(
            historySize: 100,
            inner => pausing = new PausingEngine(engine = new LossyEngine(inner) { Loses = true })
        );
        TestClient ann = await world.Two.ConnectAsAsync("ann");
        JsonElement joined = await ann.JoinAsync("general");
        for (int others = 1; others < members; others++)
        {
            await world.Two.JoinAsAsync("bob", "general");
            await ann.NextAsync("user-joined");
        }

        await world.PublishAsync(1, 2);
        JsonElement again = await ann.AskAsync(Recover(joined), "joined-room");
        Assert.Equal((2, true), (again.Number("offset"), again.GetProperty("recovered").GetBoolean()));
        return (world, engine!, pausing!, ann, joined);
    }

    private static string Recover(JsonElement joined) =>
        $$$"""{"type":"join-room","room":"general","recover":{"epoch":"{{{joined.Text("epoch")}}}","offset":0,"tag":"{{{joined.Text("tag")}}}"}}""";

    private static async Task ExpectAsync(TestClient client, params int[] contents)
    {
        foreach (int content in contents)
        {
            JsonElement message = await client.NextAsync("message");
            Assert.Equal(content, message.GetProperty("message").GetInt32());
        }
    }
}
