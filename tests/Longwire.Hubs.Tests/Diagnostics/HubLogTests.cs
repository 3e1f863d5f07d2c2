using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

public abstract class HubLogTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : HubLogTests(null);

    public sealed class OnKestrel() : HubLogTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : HubLogTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : HubLogTests(ServerTransport.IoUring);

    [Fact]
    public async Task Tokens_secrets_and_what_people_write_are_never_logged_and_clients_make_no_errors()
    {
        var log = new RecordingLoggerFactory();
        await using TestHub hub = await StartHubAsync(
            options => options.RateLimit = new RateLimitOptions { Burst = 8, MessagesPerSecond = 1 },
            validator: new DemoTokenValidator("token-of-ours"),
            loggerFactory: log
        );
        var handshake = new HubHandshake { Token = "token-of-ours", Session = "token-of-somebody.else" };
        TestClient client = await hub.ConnectAsync(handshake);
        await client.JoinAsync("general");
        await client.AskAsync("""{"type":"message","room":"general","content":"token-in-words"}""", "message");
        await client.ExpectErrorAsync("token-no-json", "invalid-json");
        await client.ExpectErrorAsync("""{"type":"token-type"}""", "unknown-type");
        await client.ExpectErrorAsync("""{"type":"leave-room","room":"token-room"}""", "unknown-room");
        await client.LoseAsync();
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = client.Secret });
        await again.AskAsync("""{"type":"auth","token":"token-bad"}""", "auth-failed");
        await again.ClosedAsync();
        await (await hub.OpenAsync(new HubHandshake { Token = "token-bad" })).ClosedAsync();
        await hub.Hub.StopAsync().WaitAsync(TimeSpan.FromMinutes(2));

        string secret = client.Secret.Split('.')[1];
        Assert.NotEmpty(log.Entries);
        Assert.All(
            log.Entries,
            entry =>
            {
                Assert.True(entry.Level <= LogLevel.Information, entry.Text);
                Assert.DoesNotContain("token-", entry.Text);
                Assert.DoesNotContain(secret, entry.Text);
            }
        );
        Assert.Contains(log.Entries, entry => entry.Text.Contains(client.ClientId));
        Assert.DoesNotContain("token-of-ours", handshake.ToString());
        Assert.DoesNotContain("token-of-ours", new TokenRequest("token-of-ours", null, "c", null).ToString());
    }
}
