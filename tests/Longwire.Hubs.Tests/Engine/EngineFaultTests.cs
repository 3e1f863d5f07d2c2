using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>
/// Each call of the engine fails in each way, and whatever a session held is given up all the same, at the latest when the engine is back.
/// </summary>
public abstract class EngineFaultTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : EngineFaultTests(null);

    public sealed class OnKestrel() : EngineFaultTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : EngineFaultTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : EngineFaultTests(ServerTransport.IoUring);

    private static readonly string[] _rooms = ["a", "b", "c"];

    public static TheoryData<EngineCall, EngineFault> Faults
    {
        get
        {
            var faults = new TheoryData<EngineCall, EngineFault>();
            // A node reads blocks for itself, and not for a session.
            foreach (EngineCall call in Enum.GetValues<EngineCall>().Where(static call => call != EngineCall.ReadBlocks))
            {
                foreach (EngineFault fault in Enum.GetValues<EngineFault>())
                {
                    faults.Add(call, fault);
                }
            }

            return faults;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whichever_call_fails_the_session_answers_and_is_cleaned_up(EngineCall call, EngineFault fault)
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(
            options => options.Rooms.Default!.HistorySize = 10,
            wrapEngine: inner => engine = new PausingEngine(inner)
        );
        TestClient witness = await hub.JoinAsAsync("eve", "a");
        TestClient ann = await hub.ConnectAsAsync("ann");
        foreach (string room in _rooms)
        {
            await ann.JoinAsync(room);
        }

        HubSession session = hub.Hub.FindSession(ann.ClientId)!;
        engine!.FailingCall = call;
        engine.Fault = fault;
        engine.Failure = new TimeoutException("away");
        string[] requests =
        [
            """{"type":"message","room":"a","content":1,"id":"1"}""",
            """{"type":"chat","message":"hello","id":"2"}""",
            """{"type":"history","room":"a","id":"3"}""",
            """{"type":"presence","room":"a","id":"4"}""",
            """{"type":"leave-room","room":"c","id":"5"}""",
            """{"type":"join-room","room":"d","history":5,"id":"6"}""",
        ];
        foreach (string request in requests)
        {
            string id = JsonDocument.Parse(request).RootElement.Text("id");
            await ann.SendAsync(request);
            await AnswerAsync(ann, id);
        }

        await Record.ExceptionAsync(async () => await hub.Hub.KickSessionAsync("nobody"));
        await ann.CloseAsync();
        await ann.Server.Completion;
        await Eventually.TrueAsync(() => hub.Hub.FindSession(ann.ClientId) is null && session.Rooms.Count == 0);
        await Eventually.TrueAsync(() => hub.Hub.RoomCount == 1);
        Assert.True(engine.Failures > 0);

        engine.Failure = null;
        await PayAsync(hub);
        TestClient bob = await hub.ConnectAsAsync("bob");
        foreach (string room in (string[])[.. _rooms, "d"])
        {
            await bob.SendAsync($$"""{"type":"join-room","room":"{{room}}"}""");
            Assert.Equal(room == "a" ? 2 : 1, (await bob.UntilAsync("joined-room")).Number("members"));
        }

        await bob.SendAsync("""{"type":"presence","room":"a"}""");
        JsonElement members = (await bob.UntilAsync("presence")).GetProperty("members");
        Assert.Equal(["bob", "eve"], members.EnumerateArray().Select(member => member.Text("userId")).Order());
        await bob.CloseAsync();
        await Eventually.TrueAsync(() => hub.Hub.RoomCount == 1);
        await witness.SendAsync("""{"type":"message","room":"a","content":"the end"}""");
        while ((await witness.UntilAsync("message")).GetProperty("message").ToString() != "the end") { }
    }

    [Theory]
    [InlineData(EngineFault.Throws)]
    [InlineData(EngineFault.FailsLater)]
    [InlineData(EngineFault.IsCancelled)]
    public async Task Who_closes_while_the_engine_is_away_leaves_every_room(EngineFault fault)
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner));
        TestClient ann = await hub.ConnectAsAsync("ann");
        foreach (string room in _rooms)
        {
            await ann.JoinAsync(room);
        }

        engine!.Fault = fault;
        engine.Failure = new HubUnavailableException("away");
        await ann.CloseAsync();
        await ann.Server.Completion;
        await Eventually.TrueAsync(() => hub.Hub.FindSession(ann.ClientId) is null && hub.Hub.RoomCount == 0);

        // An owed call is tried again, and again, until the engine is back; then a room is a new one.
        int failures = engine.Failures;
        await Eventually.TrueAsync(() =>
        {
            hub.Time.Advance(TimeSpan.FromSeconds(1));
            return engine.Failures > failures + 10;
        });
        engine.Failure = null;
        await PayAsync(hub);
        TestClient bob = await hub.ConnectAsAsync("bob");
        foreach (string room in _rooms)
        {
            Assert.Equal(1, (await bob.JoinAsync(room)).Number("members"));
        }
    }

    [Fact]
    public async Task A_room_joined_again_before_its_unsubscription_succeeded_stays_subscribed()
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner));
        TestClient ann = await hub.JoinAsAsync("ann", "a");
        engine!.FailingCall = EngineCall.Unsubscribe;
        engine.Failure = new HubUnavailableException("away");
        await ann.AskAsync("""{"type":"leave-room","room":"a"}""", "left-room");
        await ann.ExpectNothingAsync();
        Assert.Equal(0, hub.Hub.RoomCount);
        await ann.JoinAsync("a");
        engine.Failure = null;
        await PayAsync(hub);
        await ann.AskAsync("""{"type":"message","room":"a","content":1}""", "message");
        Assert.Equal(1, (await ann.JoinAsync("a")).Number("members"));
    }

    [Fact]
    public async Task A_member_whose_leaving_failed_is_gone_once_the_engine_is_back_and_may_join_again_before()
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner));
        TestClient eve = await hub.JoinAsAsync("eve", "a");
        TestClient ann = await hub.JoinAsAsync("ann", "a");
        TestClient bob = await hub.JoinAsAsync("bob", "a");
        await eve.NextAsync("user-joined");
        await eve.NextAsync("user-joined");
        engine!.FailingCall = EngineCall.Leave;
        engine.Failure = new HubUnavailableException("away");
        await ann.AskAsync("""{"type":"leave-room","room":"a"}""", "user-joined");
        await ann.NextAsync("left-room");
        await bob.AskAsync("""{"type":"leave-room","room":"a"}""", "left-room");
        await ann.JoinAsync("a");
        engine.Failure = null;
        await PayAsync(hub);
        Assert.Equal("bob", (await eve.NextAsync("user-left")).Text("userId"));
        await eve.ExpectNothingAsync();
        Assert.Equal(2, (await eve.JoinAsync("a")).Number("members"));
    }

    [Fact]
    public async Task A_client_that_asks_in_vain_for_history_of_its_room_goes_on_getting_what_is_said()
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(
            options => options.Rooms.Default!.HistorySize = 10,
            wrapEngine: inner => engine = new PausingEngine(inner)
        );
        TestClient ann = await hub.JoinAsAsync("ann", "a");
        engine!.FailingCall = EngineCall.ReadHistory;
        engine.Failure = new HubUnavailableException("away");
        await ann.ExpectErrorAsync("""{"type":"join-room","room":"a","history":5}""", "unavailable");
        await ann.AskAsync("""{"type":"message","room":"a","content":1}""", "message");

        // A room that could not be joined is not joined halfway.
        await ann.ExpectErrorAsync("""{"type":"join-room","room":"b","history":5}""", "unavailable");
        Assert.Equal(["a"], hub.Hub.FindSession(ann.ClientId)!.Rooms);
        Assert.Equal(1, hub.Hub.RoomCount);
    }

    [Fact]
    public async Task A_hub_that_stops_while_the_engine_is_away_stops()
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner));
        TestClient ann = await hub.ConnectAsAsync("ann");
        foreach (string room in _rooms)
        {
            await ann.JoinAsync(room);
        }

        engine!.Failure = new HubUnavailableException("away");
        Task stopping = hub.Hub.StopAsync();
        await ann.ClosedAsync();
        await stopping.WaitAsync(TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(() => hub.Hub.RoomCount == 0);
    }

    /// <summary>The hub's clock goes on until nothing is owed any more.</summary>
    private static Task PayAsync(TestHub hub) =>
        Eventually.TrueAsync(() =>
        {
            hub.Time.Advance(TimeSpan.FromSeconds(1));
            return !hub.Hub.IsOwing;
        });

    private static async Task AnswerAsync(TestClient client, string id)
    {
        while (true)
        {
            JsonElement answer = await client.NextAsync();
            if (answer.Has("id") && answer.Text("id") == id)
            {
                return;
            }
        }
    }
}
