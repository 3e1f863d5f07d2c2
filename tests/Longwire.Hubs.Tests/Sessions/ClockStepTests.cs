using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A machine's date may be set while a hub runs. Only a token's expiry is a date; all else is a duration.</summary>
public abstract class ClockStepTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ClockStepTests(null);

    public sealed class OnKestrel() : ClockStepTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ClockStepTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ClockStepTests(ServerTransport.IoUring);

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_lost_session_stays_as_long_as_it_should(int hours)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await witness.NextAsync("user-joined");
        await ann.LoseAsync();
        hub.Time.StepDate(TimeSpan.FromHours(hours));
        hub.Time.Advance(TimeSpan.FromSeconds(14));
        await witness.ExpectNothingAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await witness.NextAsync("user-left");
        hub.Time.Advance(TimeSpan.FromSeconds(104));
        Assert.NotNull(hub.Hub.FindSession(ann.ClientId));
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(hub.Hub.FindSession(ann.ClientId));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task The_time_to_sign_in_is_what_it_should_be(int hours)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        hub.Time.StepDate(TimeSpan.FromHours(hours));
        hub.Time.Advance(TimeSpan.FromSeconds(9));
        await client.ExpectNothingAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Authentication failed", (await client.ClosedAsync()).Reason);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task An_id_is_remembered_as_long_as_it_should_be(int hours)
    {
        const string Message = """{"type":"message","room":"general","content":1,"id":"m1"}""";
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.AskAsync(Message, "message");
        await ann.NextAsync("ack");
        hub.Time.StepDate(TimeSpan.FromHours(hours));
        hub.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        await ann.AskAsync(Message, "ack");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await ann.AskAsync(Message, "message");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task History_is_as_old_as_it_should_be(int hours)
    {
        await using TestHub hub = await StartHubAsync(options => options.Rooms.Default!.HistorySize = 10);
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
        hub.Time.StepDate(TimeSpan.FromHours(hours));
        hub.Time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Assert.Equal(1, await CountAsync(ann));
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await CountAsync(ann));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_room_without_members_is_kept_as_long_as_it_should_be(int hours)
    {
        await using TestHub hub = await StartHubAsync(options => options.Rooms.Default!.HistorySize = 10);
        RoomPosition first = await hub.Hub.PublishAsync("general", "1"u8.ToArray());
        hub.Time.StepDate(TimeSpan.FromHours(hours));
        hub.Time.Advance(TimeSpan.FromMinutes(59));
        await hub.Hub.PublishAsync("other", "1"u8.ToArray());
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        Assert.Equal(first.Epoch, (await ann.JoinAsync("general")).Text("epoch"));
        await ann.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        hub.Time.Advance(TimeSpan.FromMinutes(61));
        await hub.Hub.PublishAsync("third", "1"u8.ToArray());
        Assert.NotEqual(first.Epoch, (await ann.JoinAsync("general")).Text("epoch"));
    }

    [Fact]
    public async Task A_tokens_expiry_is_a_date()
    {
        await using TestHub hub = await StartHubAsync(options => options.ExpiryGrace = TimeSpan.Zero);
        var identity = new HubIdentity("ann") { ExpiresAt = hub.Time.GetUtcNow() + TimeSpan.FromMinutes(30) };
        TestClient ann = await hub.ConnectAsync(new HubHandshake { Identity = identity });
        hub.Time.StepDate(TimeSpan.FromHours(-1));
        hub.Time.Advance(TimeSpan.FromMinutes(31));
        await ann.ExpectNothingAsync();
        hub.Time.StepDate(TimeSpan.FromHours(1));
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HubCloseStatus.TokenExpired, (await ann.ClosedAsync()).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task The_rate_is_what_it_should_be(int hours)
    {
        await using TestHub hub = await StartHubAsync(options =>
            options.RateLimit = new RateLimitOptions { MessagesPerSecond = 1, Burst = 1 }
        );
        TestClient client = await hub.ConnectAsync();
        await client.AskAsync("""{"type":"ping"}""", "pong");
        hub.Time.StepDate(TimeSpan.FromHours(hours));
        await client.ExpectErrorAsync("""{"type":"ping"}""", "rate-limited");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await client.AskAsync("""{"type":"ping"}""", "pong");
    }

    private static async Task<int> CountAsync(TestClient client)
    {
        JsonElement history = await client.AskAsync("""{"type":"history","room":"general"}""", "history");
        return history.GetProperty("messages").GetArrayLength();
    }
}
