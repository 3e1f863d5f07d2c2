using System.Text.Json;
using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

public abstract class ExactlyOnceTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ExactlyOnceTests(null);

    public sealed class OnKestrel() : ExactlyOnceTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ExactlyOnceTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ExactlyOnceTests(ServerTransport.IoUring);

    private const string Message = """{"type":"message","room":"general","content":"hello","id":"1"}""";

    public static TheoryData<string> Requests =>
        [Message, """{"type":"chat","message":"hello","id":"1"}""", """{"type":"direct","userId":"ann","content":"hello","id":"1"}"""];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task What_is_sent_again_on_another_session_of_the_same_producer_counts_once(string request)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient first = await ConnectAsync(hub, "ann", "outbox");
        await first.SendAsync(request);
        Assert.False((await first.UntilAsync("ack")).Has("repeated"));
        await first.CloseAsync();

        TestClient second = await ConnectAsync(hub, "ann", "outbox");
        Assert.NotEqual(first.ClientId, second.ClientId);
        Assert.True((await second.AskAsync(request, "ack")).GetProperty("repeated").GetBoolean());
        await second.ExpectNothingAsync();
        Assert.True((await second.AskAsync(request, "ack")).GetProperty("repeated").GetBoolean());
    }

    [Fact]
    public async Task A_producer_named_in_auth_counts_from_there()
    {
        await using TestHub hub = await StartHubAsync();
        for (int round = 0; round < 2; round++)
        {
            TestClient client = await hub.ConnectAsync();
            await client.AskAsync("""{"type":"auth","token":"valid-token","username":"ann","producer":"outbox"}""", "auth-success");
            await client.JoinAsync("general");
            JsonElement answer = await client.AskAsync(Message, round == 0 ? "message" : "ack");
            Assert.Equal(round == 1, answer.Has("repeated"));
            await client.CloseAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Two_tabs_that_both_count_from_one_with_the_same_texts_are_both_heard(string request)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient[] tabs = [await hub.JoinAsAsync("ann", "general"), await hub.JoinAsAsync("ann", "general")];
        foreach (TestClient tab in tabs)
        {
            await tab.SendAsync(request);
            Assert.False((await tab.UntilAsync("ack")).Has("repeated"));
        }
    }

    [Fact]
    public async Task Users_and_producers_do_not_share_ids()
    {
        await using TestHub hub = await StartHubAsync();
        foreach ((string user, string producer) in new[] { ("ann", "a"), ("ann", "b"), ("bob", "a"), ("an", "na"), ("a", "nna") })
        {
            TestClient client = await ConnectAsync(hub, user, producer);
            await client.SendAsync(Message);
            // The one before may be told to have left only now.
            await client.UntilAsync("message");
            await client.CloseAsync();
        }
    }

    [Fact]
    public async Task A_guest_that_names_its_producer_is_recognised_on_its_next_session()
    {
        await using TestHub hub = await StartHubAsync(options => options.AllowGuests = true);
        TestClient first = await hub.ConnectAsync(new HubHandshake { Producer = "random" });
        await first.JoinAsync("general");
        await first.AskAsync(Message, "message");
        await first.CloseAsync();
        TestClient second = await hub.ConnectAsync(new HubHandshake { Producer = "random" });
        await second.JoinAsync("general");
        await second.AskAsync(Message, "ack");

        // Nobody meets a guest that names none, whatever he calls himself.
        TestClient third = await hub.ConnectAsync();
        await third.JoinAsync("general");
        TestClient thief = await hub.ConnectAsync(new HubHandshake { Producer = third.ClientId });
        await thief.AskAsync("""{"type":"join-room","room":"general"}""", "joined-room");
        await thief.SendAsync(Message);
        await thief.UntilAsync("ack");
        await third.SendAsync(Message);
        Assert.False((await third.UntilAsync("ack")).Has("repeated"));
    }

    [Fact]
    public async Task What_is_sent_again_to_another_node_counts_once()
    {
        var store = new MemoryHubStore();
        await using TestHub one = await StartHubAsync(wrapEngine: _ => new MemoryHubEngine(store));
        await using TestHub two = await StartHubAsync(options => options.Node = "two", wrapEngine: _ => new MemoryHubEngine(store));
        TestClient first = await ConnectAsync(one, "ann", "outbox");
        await first.AskAsync(Message, "message");
        await first.LoseAsync();
        TestClient second = await ConnectAsync(two, "ann", "outbox");
        Assert.Equal(1, (await second.AskAsync(Message, "ack")).Number("offset"));
    }

    [Fact]
    public async Task A_producer_that_is_too_long_is_refused()
    {
        await using TestHub hub = await StartHubAsync();
        string tooLong = new('p', HubHandshake.MaxProducerLength + 1);
        TestClient client = await hub.OpenAsync(new HubHandshake { Producer = tooLong });
        (CloseStatus status, string reason, _) = await client.ClosedAsync();
        Assert.Equal((CloseStatus.PolicyViolation, "Invalid producer"), (status, reason));
        TestClient other = await hub.ConnectAsync();
        await other.ExpectErrorAsync($$"""{"type":"auth","token":"valid-token","producer":"{{tooLong}}"}""", "invalid-format");
    }

    [Fact]
    public async Task An_older_version_of_the_same_key_is_stale_and_not_published()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        JsonElement newest = await ann.AskAsync(Versioned("a", 5), "message");
        Assert.Equal(("a", 5), (newest.Text("key"), newest.Number("version")));
        await ann.NextAsync("ack");
        JsonElement error = await ann.ExpectErrorAsync(Versioned("a", 4), "stale");
        Assert.Equal("a4", error.Text("id"));
        await ann.AskAsync(Versioned("b", 4), "message");
        await ann.NextAsync("ack");
        await ann.AskAsync(Versioned("a", 6), "message");
        await ann.NextAsync("ack");
        await ann.ExpectErrorAsync(Versioned("a", 5).Replace("a5", "again"), "stale");
        await ann.ExpectNothingAsync();

        static string Versioned(string key, int version) =>
            $$"""{"type":"message","room":"general","content":0,"key":"{{key}}","version":{{version}},"id":"{{key}}{{version}}"}""";
    }

    [Fact]
    public async Task Clients_are_told_a_shorter_time_while_there_are_too_many_ids_to_remember()
    {
        var time = new HubTestClock();
        var store = new MemoryHubStore(time, maxKeyBytes: 20_000);
        await using TestHub hub = await StartHubAsync(
            options => (options.RateLimit, options.TimeProvider) = (null, time),
            wrapEngine: _ => new MemoryHubEngine(store)
        );
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        for (int number = 0; number < 100; number++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await ann.SendAsync($$"""{"type":"message","room":"general","content":0,"id":"{{number}}"}""");
            await ann.UntilAsync("ack");
        }

        TestClient bob = await hub.ConnectAsync();
        long told = bob.Connected.Number("idempotencyMs");
        Assert.InRange(told, 10_000, 100_000);
        int oldest = 99 - (int)(told / 1_000);
        Assert.True((await ann.AskAsync(Numbered(oldest), "ack")).Has("repeated"));
        await ann.AskAsync(Numbered(0), "message");

        static string Numbered(int number) => $$"""{"type":"message","room":"general","content":0,"id":"{{number}}"}""";
    }

    private static async Task<TestClient> ConnectAsync(TestHub hub, string user, string producer)
    {
        TestClient client = await hub.ConnectAsync(new HubHandshake { Producer = producer, Identity = new HubIdentity(user) });
        await client.JoinAsync("general");
        return client;
    }
}
