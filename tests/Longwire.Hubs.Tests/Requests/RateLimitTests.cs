using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class RateLimitTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : RateLimitTests(null);

    public sealed class OnKestrel() : RateLimitTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : RateLimitTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : RateLimitTests(ServerTransport.IoUring);

    [Fact]
    public async Task Too_many_messages_are_refused_with_the_time_to_wait_and_the_requests_id()
    {
        await using TestHub hub = await StartAsync();
        TestClient client = await hub.ConnectAsync();
        await client.AskAsync("""{"type":"ping"}""", "pong");
        await client.AskAsync("""{"type":"ping"}""", "pong");
        JsonElement error = await client.ExpectErrorAsync("""{"type":"ping","id":"p3"}""", "rate-limited");
        Assert.Equal(
            """{"type":"error","code":"rate-limited","message":"Rate limit exceeded","retryAfterMs":500,"id":"p3"}""",
            error.GetRawText()
        );
        hub.Time.Advance(TimeSpan.FromMilliseconds(499));
        await client.ExpectErrorAsync("""{"type":"ping"}""", "rate-limited");
        hub.Time.Advance(TimeSpan.FromMilliseconds(1));
        await client.AskAsync("""{"type":"ping"}""", "pong");
    }

    [Fact]
    public async Task Whoever_floods_is_not_read_any_more()
    {
        await using TestHub hub = await StartAsync();
        TestClient client = await hub.ConnectAsync();
        for (int count = 0; count < 2; count++)
        {
            await client.AskAsync("""{"type":"ping","id":"p"}""", "pong");
        }

        for (int count = 0; count < 2; count++)
        {
            Assert.True((await client.ExpectErrorAsync("""{"type":"ping","id":"p"}""", "rate-limited")).Has("id"));
        }

        Assert.False((await client.ExpectErrorAsync("""{"type":"ping","id":"p"}""", "rate-limited")).Has("id"));
        await client.ExpectErrorAsync("no json", "rate-limited");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await client.ExpectErrorAsync("no json", "invalid-json");
    }

    [Fact]
    public async Task One_session_does_not_use_up_the_rate_of_another()
    {
        await using TestHub hub = await StartAsync();
        TestClient greedy = await hub.ConnectAsync();
        TestClient modest = await hub.ConnectAsync();
        await greedy.AskAsync("""{"type":"ping"}""", "pong");
        await greedy.AskAsync("""{"type":"ping"}""", "pong");
        await greedy.ExpectErrorAsync("""{"type":"ping"}""", "rate-limited");
        await modest.AskAsync("""{"type":"ping"}""", "pong");
    }

    [Fact]
    public async Task A_request_does_not_overtake_the_one_it_names_once_that_was_refused_for_now()
    {
        await using TestHub hub = await StartAsync();
        TestClient client = await hub.ConnectAsync();
        await client.AskAsync("""{"type":"auth","token":"valid-token"}""", "auth-success");
        await client.AskAsync("""{"type":"join-room","room":"r"}""", "joined-room");
        await client.AskAsync("""{"type":"ping"}""", "pong");
        await client.ExpectErrorAsync("""{"type":"message","room":"r","content":1,"id":"m1"}""", "rate-limited");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        JsonElement held = await client.ExpectErrorAsync(
            """{"type":"message","room":"r","content":2,"id":"m2","afterId":"m1"}""",
            "unavailable"
        );
        Assert.Equal(
            """{"type":"error","code":"unavailable","message":"Temporarily unavailable","retryAfterMs":0,"id":"m2"}""",
            held.GetRawText()
        );
        // The chain holds, also behind one that was held itself.
        await client.ExpectErrorAsync("""{"type":"message","room":"r","content":3,"id":"m3","afterId":"m2"}""", "unavailable");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await PublishAsync("""{"type":"message","room":"r","content":1,"id":"m1"}"""));
        Assert.Equal(2, await PublishAsync("""{"type":"message","room":"r","content":2,"id":"m2","afterId":"m1"}"""));
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, await PublishAsync("""{"type":"message","room":"r","content":3,"id":"m3","afterId":"m2"}"""));
        Assert.Equal(4, await PublishAsync("""{"type":"message","room":"r","content":4,"id":"m4","afterId":"never sent"}"""));

        async Task<long> PublishAsync(string message)
        {
            await client.AskAsync(message, "message");
            return (await client.NextAsync("ack")).GetProperty("offset").GetInt64();
        }
    }

    private Task<TestHub> StartAsync() =>
        StartHubAsync(options => options.RateLimit = new RateLimitOptions { MessagesPerSecond = 2, Burst = 2 });
}
