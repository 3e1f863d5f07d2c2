using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class EngineFailureTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : EngineFailureTests(null);

    public sealed class OnKestrel() : EngineFailureTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : EngineFailureTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : EngineFailureTests(ServerTransport.IoUring);

    [Theory]
    [InlineData("""{"type":"join-room","room":"other","id":"x"}""")]
    [InlineData("""{"type":"message","room":"general","content":1,"id":"x"}""")]
    [InlineData("""{"type":"chat","message":"hello","id":"x"}""")]
    [InlineData("""{"type":"direct","userId":"ann","content":1,"id":"x"}""")]
    [InlineData("""{"type":"history","room":"general","id":"x"}""")]
    [InlineData("""{"type":"presence","room":"general","id":"x"}""")]
    public async Task When_the_engine_is_away_the_client_is_told_and_can_try_again(string message)
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner));
        TestClient client = await hub.JoinAsAsync("ann", "general");
        engine!.Failure = new HubUnavailableException("redis://secret is away");
        JsonElement error = await client.ExpectErrorAsync(message, "unavailable");
        Assert.Equal(("Temporarily unavailable", "x"), (error.Text("message"), error.Text("id")));

        engine.Failure = null;
        await client.SendAsync(message);
        Assert.NotEqual("error", (await client.NextAsync()).Text("type"));
    }

    [Fact]
    public async Task A_fault_of_ours_is_internal_and_never_told_in_words()
    {
        var log = new RecordingLoggerFactory();
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner), loggerFactory: log);
        TestClient client = await hub.JoinAsAsync("ann", "general");
        engine!.Failure = new InvalidOperationException("a secret of ours");
        JsonElement error = await client.ExpectErrorAsync("""{"type":"presence","room":"general","id":"x"}""", "internal");
        Assert.Equal("Internal error", error.Text("message"));
        Assert.Contains(log.Entries, entry => entry.Level == Microsoft.Extensions.Logging.LogLevel.Error);
        engine.Failure = null;
    }

    [Fact]
    public async Task A_room_whose_subscription_failed_can_be_joined_later()
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner));
        TestClient client = await hub.ConnectAsAsync("ann");
        engine!.Failure = new HubUnavailableException("away");
        await client.ExpectErrorAsync("""{"type":"join-room","room":"general"}""", "unavailable");
        Assert.Equal(0, hub.Hub.RoomCount);
        engine.Failure = null;
        await client.JoinAsync("general");
    }

    [Fact]
    public async Task Who_closes_while_the_engine_is_away_is_forgotten_all_the_same()
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner));
        TestClient client = await hub.JoinAsAsync("ann", "general");
        engine!.Failure = new HubUnavailableException("away");
        await client.CloseAsync();
        await client.Server.Completion;
        Assert.Null(hub.Hub.FindSession(client.ClientId));
        Assert.Equal(0, hub.Hub.RoomCount);
        engine.Failure = null;
    }

    [Fact]
    public async Task Messages_of_one_session_stay_in_order_while_the_engine_takes_its_time()
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner));
        TestClient client = await hub.JoinAsAsync("ann", "general");
        engine!.PublishGate = new TaskCompletionSource();
        for (int number = 0; number < 10; number++)
        {
            await client.SendAsync($$"""{"type":"message","room":"general","content":{{number}}}""");
        }

        TaskCompletionSource gate = engine.PublishGate;
        engine.PublishGate = null;
        gate.SetResult();
        for (int number = 0; number < 10; number++)
        {
            Assert.Equal(number, (await client.NextAsync("message")).Number("message"));
        }
    }

    [Fact]
    public async Task Who_joins_a_room_that_is_being_given_up_gets_the_next_of_that_name()
    {
        var engine = default(PausingEngine);
        await using TestHub hub = await StartHubAsync(wrapEngine: inner => engine = new PausingEngine(inner));
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        TestClient bob = await hub.ConnectAsAsync("bob");
        engine!.UnsubscribeGate = new TaskCompletionSource();
        await ann.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        await engine.UnsubscribeAsked.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await bob.SendAsync("""{"type":"join-room","room":"general"}""");
        engine.UnsubscribeGate.SetResult();
        await bob.NextAsync("joined-room");
        await bob.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
    }
}
