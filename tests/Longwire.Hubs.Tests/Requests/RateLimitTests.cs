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

    private Task<TestHub> StartAsync() =>
        StartHubAsync(options => options.RateLimit = new RateLimitOptions { MessagesPerSecond = 2, Burst = 2 });
}
