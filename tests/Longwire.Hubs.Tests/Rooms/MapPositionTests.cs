using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>
/// A map that a member is shown is never ahead of what the member was told: what the engine loses is noticed by the member's position.
/// </summary>
public sealed class MapPositionTests
{
    private const string ReadMap = """{"type":"map-read","room":"general","id":"m1"}""";

    [Fact]
    public async Task A_page_of_which_the_node_was_not_told_yet_comes_behind_the_changes_in_it()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine _, TestClient ann) = await AskAheadAsync();
        await using SequenceWorld disposed = world;
        Task<JsonElement> changed = ann.NextAsync("map-changed");
        await Eventually.TrueAsync(() => IsHeard(world, changed));
        Assert.Equal(1, (await changed).Number("offset"));
        Assert.Equal("k=1:1", TextOf(await ann.NextAsync("map")));
    }

    [Fact]
    public async Task A_page_that_waits_for_its_node_comes_as_soon_as_the_node_is_told()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine _, TestClient ann) = await AskAheadAsync();
        await using SequenceWorld disposed = world;
        engine.Loses = false;
        await world.PublishAsync(2);
        Assert.Equal(1, (await ann.NextAsync("map-changed")).Number("offset"));
        await ann.UntilAsync("message");
        Assert.Equal("k=1:1", TextOf(await ann.NextAsync("map")));
    }

    [Fact]
    public async Task A_page_that_the_engine_lost_while_it_waited_is_read_again()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine _, TestClient ann) = await AskAheadAsync();
        await using SequenceWorld disposed = world;
        world.Store.LoseNewest(1);
        engine.Loses = false;
        await world.PublishAsync(11);
        Assert.Equal(11, (await ann.NextAsync("message")).Number("message"));
        Assert.Equal("", TextOf(await ann.NextAsync("map")));
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_page_that_was_lost_without_a_word_is_read_again()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine _, TestClient ann) = await AskAheadAsync();
        await using SequenceWorld disposed = world;
        engine.DeliversWithoutGaps = true;
        world.Store.LoseNewest(1);
        Task<JsonElement> page = ann.NextAsync("map");
        await Eventually.TrueAsync(() => IsHeard(world, page));
        Assert.Equal("", TextOf(await page));
    }

    [Fact]
    public async Task A_page_that_waits_while_the_engine_is_away_is_read_again()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine _, TestClient ann) = await AskAheadAsync();
        await using SequenceWorld disposed = world;
        world.Store.LoseNewest(1);
        world.ComeBack();
        Assert.Equal("", TextOf(await ann.NextAsync("map")));
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_page_of_a_room_that_reads_what_it_missed_comes_when_it_has_that()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine pausing, TestClient bob) = await StartAsync();
        await using SequenceWorld disposed = world;
        engine.Loses = false;
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        await world.PublishAsync(1, 2);
        await ann.NextAsync("message");
        await ann.NextAsync("message");
        var gate = new TaskCompletionSource();
        pausing.HistoryGate = gate;
        pausing.ReadGate.SetResult();
        world.Store.LoseNewest(2);
        world.Two.Hub.FindRoom("general")!.Verify();
        await pausing.HistoryRead.Task.WaitAsync(TimeSpan.FromMinutes(2));
        pausing.HistoryGate = null;
        await PutAsync(bob);
        // The room is at the second of the messages that are lost, and the page at the first publication behind the loss.
        await ann.SendAsync(ReadMap);
        await pausing.MapRead.Task.WaitAsync(TimeSpan.FromMinutes(2));
        gate.SetResult();
        Assert.Equal(0, (await ann.NextAsync("room-reset")).Number("offset"));
        Assert.Equal(1, (await ann.NextAsync("map-changed")).Number("offset"));
        Assert.Equal("k=1:1", TextOf(await ann.NextAsync("map")));
    }

    [Fact]
    public async Task A_page_that_waits_for_what_cannot_be_read_is_refused_for_now()
    {
        (SequenceWorld world, LossyEngine _, PausingEngine engine, TestClient ann) = await AskAheadAsync();
        await using SequenceWorld disposed = world;
        engine.FailingCall = EngineCall.ReadHistory;
        engine.Failure = new HubUnavailableException("away");
        Task<JsonElement> error = ann.NextAsync("error");
        await Eventually.TrueAsync(() => IsHeard(world, error));
        Assert.Equal("unavailable", (await error).Text("code"));
    }

    [Fact]
    public async Task A_joiner_who_begins_where_the_room_stood_reads_what_was_changed_since_by_itself()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine _, TestClient bob) = await StartAsync();
        await using SequenceWorld disposed = world;
        await world.Two.JoinAsAsync("joe", "general");
        TestClient ann = await world.Two.ConnectAsAsync("ann");
        await PutAsync(bob);
        await ann.SendAsync("""{"type":"join-room","room":"general","map":true}""");
        await ExpectLossAsync(world, engine, ann);
    }

    [Fact]
    public async Task A_joiner_whose_history_was_read_before_the_map_reads_what_was_changed_since_by_itself()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine pausing, TestClient bob) = await StartAsync();
        await using SequenceWorld disposed = world;
        TestClient ann = await world.Two.ConnectAsAsync("ann");
        pausing.HistoryGate = new TaskCompletionSource();
        pausing.ReadGate.SetResult();
        await ann.SendAsync("""{"type":"join-room","room":"general","map":true,"history":10}""");
        await pausing.HistoryRead.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await PutAsync(bob);
        pausing.HistoryGate.SetResult();
        await ExpectLossAsync(world, engine, ann);
    }

    /// <summary>The client has joined before a change that is lost then: it never hears of it.</summary>
    private static async Task ExpectLossAsync(SequenceWorld world, LossyEngine engine, TestClient client)
    {
        JsonElement joined = await client.NextAsync("joined-room");
        Assert.Equal(0, joined.Number("offset"));
        Assert.Equal("""{"whole":true,"entries":[],"next":0}""", joined.GetProperty("map").GetRawText());
        world.Store.LoseNewest(1);
        engine.Loses = false;
        await world.PublishAsync(11);
        Assert.Equal(11, (await client.NextAsync("message")).Number("message"));
        await client.SendAsync(ReadMap);
        Assert.Equal("", TextOf(await client.NextAsync("map")));
    }

    /// <summary>A client has asked for the map, and a page of it was read with a change that the client's node was not told of.</summary>
    private static async Task<(SequenceWorld, LossyEngine, PausingEngine, TestClient)> AskAheadAsync()
    {
        (SequenceWorld world, LossyEngine engine, PausingEngine pausing, TestClient bob) = await StartAsync();
        TestClient ann = await world.Two.JoinAsAsync("ann", "general");
        await PutAsync(bob);
        await ann.SendAsync(ReadMap);
        await pausing.MapRead.Task.WaitAsync(TimeSpan.FromMinutes(2));
        return (world, engine, pausing, ann);
    }

    /// <summary>The second node is told of no publications; a member of the room is on the first.</summary>
    private static async Task<(SequenceWorld, LossyEngine, PausingEngine, TestClient Bob)> StartAsync()
    {
        var engine = default(LossyEngine);
        var pausing = default(PausingEngine);
        SequenceWorld world = await SequenceWorld.StartAsync(
            historySize: 100,
            inner => pausing = new PausingEngine(engine = new LossyEngine(inner) { Loses = true })
        );
        return (world, engine!, pausing!, await world.One.JoinAsAsync("bob", "general"));
    }

    private static async Task PutAsync(TestClient client)
    {
        await client.SendAsync("""{"type":"map-put","room":"general","key":"k","value":1,"id":"put"}""");
        await client.UntilAsync("ack");
    }

    /// <summary>Whether it has come, or comes in the second that passes now.</summary>
    private static bool IsHeard(SequenceWorld world, Task heard)
    {
        world.Two.Time.Advance(TimeSpan.FromSeconds(1));
        return heard.IsCompleted;
    }

    private static string TextOf(JsonElement page) =>
        string.Join(
            ' ',
            page.GetProperty("entries")
                .EnumerateArray()
                .Select(static entry => $"{entry.Text("key")}={entry.Number("value")}:{entry.Number("version")}")
        );
}
