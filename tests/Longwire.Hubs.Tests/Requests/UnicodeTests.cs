using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>JSON can name half of a surrogate pair by an escape. That is no text, and most parsers of other clients fail at it.</summary>
public abstract class UnicodeTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : UnicodeTests(null);

    public sealed class OnKestrel() : UnicodeTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : UnicodeTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : UnicodeTests(ServerTransport.IoUring);

    [Theory]
    [InlineData("""{"\uD800":1}""")]
    [InlineData("""{"\uDC00x":1}""")]
    [InlineData("""{"\uD83D\u0041":1}""")]
    [InlineData("""{"\uD83D\uD83D\uDE00":1}""")]
    [InlineData("""{"type":"ping","x":{"y":[{"\udfff":1}]}}""")]
    [InlineData("""{"type":"ping","x":"\uD800"}""")]
    [InlineData("""{"type":"ping","x":"\\\uD800"}""")]
    [InlineData("""{"type":"\ud800"}""")]
    [InlineData("""{"type":"ping","id":"\udfff"}""")]
    [InlineData("""["\uD800"]""")]
    [InlineData("\"\\uD800\"")]
    public async Task Half_of_a_surrogate_pair_is_an_error_and_the_session_lives(string message)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        for (int count = 0; count < 3; count++)
        {
            await client.ExpectErrorAsync(message, "invalid-format");
        }

        await client.ExpectNothingAsync();
        await client.AskAsync("""{"type":"auth","token":"valid-token","username":"ann"}""", "auth-success");
    }

    [Theory]
    [InlineData("""{"type":"join-room","room":"a","recover":{"\uD800":1,"epoch":"e","offset":1},"id":"x"}""")]
    [InlineData("""{"type":"join-room","room":"a","recover":{"epoch":"\uD800","offset":1},"id":"x"}""")]
    [InlineData("""{"type":"join-room","room":"\uD800","id":"x"}""")]
    [InlineData("""{"type":"leave-room","room":"\uD800","id":"x"}""")]
    [InlineData("""{"type":"message","room":"general","content":"\uD800","id":"x"}""")]
    [InlineData("""{"type":"message","room":"general","content":{"\uDC00":1},"id":"x"}""")]
    [InlineData("""{"id":"x","\uD800":1,"type":"message","room":"general","content":1}""")]
    [InlineData("""{"type":"chat","message":"\uD800","id":"x"}""")]
    [InlineData("""{"type":"direct","userId":"\uD800","content":1,"id":"x"}""")]
    [InlineData("""{"type":"direct","userId":"ann","content":["\uD800"],"id":"x"}""")]
    [InlineData("""{"type":"history","room":"\uD800","id":"x"}""")]
    [InlineData("""{"type":"presence","room":"\uD800","id":"x"}""")]
    [InlineData("""{"type":"auth","token":"\uD800","id":"x"}""")]
    [InlineData("""{"type":"auth","token":"valid-token","username":"\uD800","id":"x"}""")]
    [InlineData("""{"type":"of-ours","\uD800":1,"id":"x"}""")]
    public async Task The_error_carries_the_requests_id_and_nobody_else_gets_anything(string message)
    {
        await using TestHub hub = await StartHubAsync();
        hub.Hub.On("of-ours", _ => throw new InvalidOperationException("It must not get here."));
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        TestClient client = await hub.JoinAsAsync("ann", "general");
        await witness.NextAsync("user-joined");
        Assert.Equal("x", (await client.ExpectErrorAsync(message, "invalid-format")).Text("id"));
        await client.ExpectNothingAsync();
        await witness.ExpectNothingAsync();
        await client.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
        await witness.NextAsync("message");
    }

    [Theory]
    [InlineData("""{"type":"ping","x\uD83D\uDE00":"\uD83D\uDE00\\uD800 \\\\uDC00"}""")]
    [InlineData("""{"type":"ping","\u0000":"\uFFFF\uFFFE\uD7FF\uE000"}""")]
    public async Task Whole_pairs_and_what_only_looks_like_an_escape_are_taken(string message)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        await client.AskAsync(message, "pong");
    }

    [Fact]
    public async Task A_client_that_is_too_fast_is_told_so_whatever_it_sends()
    {
        await using TestHub hub = await StartHubAsync(options =>
            options.RateLimit = new RateLimitOptions { Burst = 1, MessagesPerSecond = 1 }
        );
        TestClient client = await hub.ConnectAsync();
        await client.AskAsync("""{"type":"ping"}""", "pong");
        await client.ExpectErrorAsync("""{"\uD800":1}""", "rate-limited");
    }

    [Theory]
    [InlineData("""{"type":"x","\uD800":1}""")]
    [InlineData("""{"type":"\uD800"}""")]
    [InlineData("""{"type":"x","y":["\uDC00"]}""")]
    public async Task What_the_application_sends_is_held_to_the_same(string json)
    {
        byte[] message = Encoding.UTF8.GetBytes(json);
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        HubSession session = hub.Hub.FindSession(ann.ClientId)!;
        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.SendToAllAsync(message));
        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.SendToUserAsync("ann", message));
        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.SendToRoomAsync("general", message));
        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.PublishAsync("general", message));
        Assert.Throws<ArgumentException>(() => session.TrySend(message));
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_the_application_sends_is_valid_UTF_8()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        byte[] message = [.. """{"type":"x","y":" """u8, 0xFF, .. "\"}"u8];
        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.SendToAllAsync(message));
        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.PublishAsync("general", message));
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task Names_and_notifications_of_the_application_are_text()
    {
        const string NoText = "\uD800";
        using var data = JsonDocument.Parse("""{"\uD800":"\uDC00"}""");
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        foreach (
            HubNotification notification in new[]
            {
                new HubNotification(NoText, "Text"),
                new HubNotification("Title", NoText),
                new HubNotification("Title", "Text") { Priority = NoText },
                new HubNotification("Title", "Text") { Data = data.RootElement },
            }
        )
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.NotifyAllAsync(notification));
        }

        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.PublishAsync(NoText, "1"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => new HubIdentity(NoText));
        Assert.Throws<ArgumentException>(() => new HubIdentity("ann", NoText));
        Assert.Throws<ArgumentException>(() => new HubIdentity("ann") { Metadata = data.RootElement });
        await ann.ExpectNothingAsync();
    }
}
