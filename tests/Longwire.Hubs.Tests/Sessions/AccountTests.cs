using System.Net;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>Limits hold for a user, and for an address when there is no user, however many sessions there are.</summary>
public abstract class AccountTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : AccountTests(null);

    public sealed class OnKestrel() : AccountTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : AccountTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : AccountTests(ServerTransport.IoUring);

    private const string Ping = """{"type":"ping"}""";

    private static readonly HubHandshake _ann = new() { Identity = new HubIdentity("ann") };
    private static readonly HubHandshake _bob = new() { Identity = new HubIdentity("bob") };

    [Fact]
    public async Task A_user_has_one_rate_on_all_connections()
    {
        await using TestHub hub = await StartHubAsync(options =>
            options.RateLimit = new RateLimitOptions { MessagesPerSecond = 1, Burst = 3 }
        );
        TestClient first = await hub.ConnectAsync(_ann);
        TestClient second = await hub.ConnectAsync(_ann);
        TestClient other = await hub.ConnectAsync(_bob);
        await first.AskAsync(Ping, "pong");
        await second.AskAsync(Ping, "pong");
        await first.AskAsync(Ping, "pong");
        await second.ExpectErrorAsync(Ping, "rate-limited");
        await first.ExpectErrorAsync(Ping, "rate-limited");
        await other.AskAsync(Ping, "pong");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await second.AskAsync(Ping, "pong");
        await first.ExpectErrorAsync(Ping, "rate-limited");
    }

    [Fact]
    public async Task Reconnecting_gives_no_new_burst()
    {
        await using TestHub hub = await StartHubAsync(options =>
            options.RateLimit = new RateLimitOptions { MessagesPerSecond = 1, Burst = 2 }
        );
        TestClient first = await hub.ConnectAsync(_ann);
        await first.AskAsync(Ping, "pong");
        await first.AskAsync(Ping, "pong");
        await first.CloseAsync();
        await first.Server.Completion;
        TestClient second = await hub.ConnectAsync(_ann);
        await second.ExpectErrorAsync(Ping, "rate-limited");
        await second.CloseAsync();
        await second.Server.Completion;

        // A bucket is kept until it is full again, and not longer.
        hub.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(0, hub.Hub.Sessions.Accounts.Count);
        await (await hub.ConnectAsync(_ann)).AskAsync(Ping, "pong");
    }

    [Fact]
    public async Task A_noisy_tab_does_not_use_up_what_its_users_other_tab_may_send()
    {
        await using TestHub hub = await StartHubAsync(static options =>
        {
            options.RateLimit = new RateLimitOptions { MessagesPerSecond = 2, Burst = 5 };
            options.SessionRateLimit = new RateLimitOptions { MessagesPerSecond = 1, Burst = 2 };
        });
        TestClient noisy = await hub.ConnectAsync(_ann);
        TestClient quiet = await hub.ConnectAsync(_ann);
        TestClient third = await hub.ConnectAsync(_ann);
        await noisy.AskAsync(Ping, "pong");
        await noisy.AskAsync(Ping, "pong");
        for (int count = 0; count < 20; count++)
        {
            Assert.Equal(1_000, (await noisy.ExpectErrorAsync(Ping, "rate-limited")).Number("retryAfterMs"));
        }

        await quiet.AskAsync(Ping, "pong");
        await quiet.AskAsync(Ping, "pong");
        Assert.Equal(1_000, (await quiet.ExpectErrorAsync(Ping, "rate-limited")).Number("retryAfterMs"));
        // All of them together have their user's rate as before.
        await third.AskAsync(Ping, "pong");
        Assert.Equal(500, (await third.ExpectErrorAsync(Ping, "rate-limited")).Number("retryAfterMs"));
    }

    [Fact]
    public async Task Resuming_gives_a_session_no_new_burst()
    {
        await using TestHub hub = await StartHubAsync(static options =>
            options.SessionRateLimit = new RateLimitOptions { MessagesPerSecond = 1, Burst = 2 }
        );
        TestClient first = await hub.ConnectAsync(_ann);
        await first.AskAsync(Ping, "pong");
        await first.AskAsync(Ping, "pong");
        await first.LoseAsync();
        TestClient back = await hub.ConnectAsync(new HubHandshake { Identity = _ann.Identity, Session = first.Secret });
        Assert.Equal(first.ClientId, back.ClientId);
        await back.ExpectErrorAsync(Ping, "rate-limited");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await back.AskAsync(Ping, "pong");
    }

    [Fact]
    public async Task Who_has_not_signed_in_has_the_rate_of_a_session()
    {
        await using TestHub hub = await StartHubAsync(static options =>
            options.SessionRateLimit = new RateLimitOptions { MessagesPerSecond = 1, Burst = 2 }
        );
        TestClient client = await hub.ConnectAsync();
        await client.AskAsync(Ping, "pong");
        await client.AskAsync("""{"type":"auth","token":"valid-token"}""", "auth-success");
        await client.ExpectErrorAsync(Ping, "rate-limited");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await client.AskAsync(Ping, "pong");
    }

    [Fact]
    public async Task A_guest_has_the_rates_of_a_session_and_of_a_user_and_shares_that_of_its_address()
    {
        await using TestHub hub = await StartHubAsync(static options =>
        {
            options.AllowGuests = true;
            options.SessionRateLimit = new RateLimitOptions { MessagesPerSecond = 4, Burst = 2 };
            options.RateLimit = new RateLimitOptions { MessagesPerSecond = 1, Burst = 3 };
            options.AddressRateLimit = new RateLimitOptions { MessagesPerSecond = 0.5, Burst = 5 };
        });
        TestClient guest = await hub.ConnectAsync(From("192.0.2.1"));
        TestClient neighbour = await hub.ConnectAsync(From("192.0.2.1"));
        await guest.AskAsync(Ping, "pong");
        await guest.AskAsync(Ping, "pong");
        Assert.Equal(250, (await guest.ExpectErrorAsync(Ping, "rate-limited")).Number("retryAfterMs"));
        hub.Time.Advance(TimeSpan.FromMilliseconds(250));
        await guest.AskAsync(Ping, "pong");
        hub.Time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(500, (await guest.ExpectErrorAsync(Ping, "rate-limited")).Number("retryAfterMs"));
        await neighbour.AskAsync(Ping, "pong");
        await neighbour.AskAsync(Ping, "pong");
        hub.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(1_000, (await neighbour.ExpectErrorAsync(Ping, "rate-limited")).Number("retryAfterMs"));
    }

    [Fact]
    public async Task Guests_of_one_address_share_a_rate()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.AllowGuests = true;
            options.AddressRateLimit = new RateLimitOptions { MessagesPerSecond = 1, Burst = 3 };
        });
        TestClient[] guests = [await hub.ConnectAsync(From("192.0.2.1")), await hub.ConnectAsync(From("192.0.2.1"))];
        TestClient other = await hub.ConnectAsync(From("192.0.2.2"));
        await guests[0].AskAsync(Ping, "pong");
        await guests[1].AskAsync(Ping, "pong");
        await guests[0].AskAsync(Ping, "pong");
        JsonElement error = await guests[1].ExpectErrorAsync("""{"type":"ping","id":"x"}""", "rate-limited");
        Assert.Equal(("x", 1000), (error.Text("id"), error.Number("retryAfterMs")));
        await other.AskAsync(Ping, "pong");
    }

    [Fact]
    public async Task A_user_may_be_in_so_many_rooms_with_all_sessions()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxRoomsPerUser = 2);
        TestClient first = await hub.ConnectAsync(_ann);
        TestClient second = await hub.ConnectAsync(_ann);
        TestClient other = await hub.ConnectAsync(_bob);
        await first.JoinAsync("a");
        await second.JoinAsync("b");
        JsonElement error = await second.ExpectErrorAsync("""{"type":"join-room","room":"c","id":"x"}""", "forbidden");
        Assert.Equal("Too many rooms", error.Text("message"));
        await other.JoinAsync("c");
        await first.AskAsync("""{"type":"leave-room","room":"a"}""", "left-room");
        await second.JoinAsync("c");
    }

    [Fact]
    public async Task Guests_of_one_address_do_not_take_all_rooms()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.AllowGuests = true;
            options.MaxRoomsPerAddress = 3;
        });
        TestClient[] guests = [await hub.ConnectAsync(From("192.0.2.1")), await hub.ConnectAsync(From("::ffff:192.0.2.1"))];
        await guests[0].JoinAsync("a");
        await guests[1].JoinAsync("b");
        await guests[1].JoinAsync("c");
        await guests[0].ExpectErrorAsync("""{"type":"join-room","room":"d"}""", "forbidden");
        await (await hub.ConnectAsync(From("192.0.2.2"))).JoinAsync("d");
        await guests[1].CloseAsync();
        await guests[1].Server.Completion;
        await Eventually.TrueAsync(() => hub.Hub.RoomCount == 2);
        await guests[0].JoinAsync("e");
    }

    [Fact]
    public async Task A_client_of_a_network_of_IPv6_counts_with_its_network()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxConnectionsPerAddress = 1);
        await hub.ConnectAsync(From("2001:db8:1:2::1"));
        Assert.Equal("Too many connections", (await (await hub.OpenAsync(From("2001:db8:1:2:ffff::1"))).ClosedAsync()).Reason);
        await hub.ConnectAsync(From("2001:db8:1:3::1"));
    }

    [Fact]
    public async Task An_address_may_have_so_many_connections_that_have_not_signed_in()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxConnectionsPerAddress = 1);
        TestClient first = await hub.ConnectAsync(From("192.0.2.1"));
        (CloseStatus status, string reason, List<JsonElement> messages) = await (await hub.OpenAsync(From("192.0.2.1"))).ClosedAsync();
        Assert.Equal((CloseStatus.PolicyViolation, "Too many connections"), (status, reason));
        Assert.Empty(messages);
        await hub.ConnectAsync(From("192.0.2.2"));
        await first.AskAsync("""{"type":"auth","token":"valid-token","username":"ann"}""", "auth-success");
        await hub.ConnectAsync(From("192.0.2.1"));
        await Eventually.TrueAsync(() => hub.Hub.ConnectionCount == 3);
    }

    [Fact]
    public async Task A_user_may_have_so_many_connections()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxConnectionsPerUser = 1);
        TestClient first = await hub.ConnectAsync(_ann);
        (CloseStatus status, string reason, List<JsonElement> messages) = await (await hub.OpenAsync(_ann)).ClosedAsync();
        Assert.Equal((CloseStatus.PolicyViolation, "Too many connections"), (status, reason));
        Assert.Empty(messages);
        TestClient second = await hub.ConnectAsync();
        JsonElement error = await second.ExpectErrorAsync(
            """{"type":"auth","token":"valid-token","username":"ann","id":"a"}""",
            "forbidden"
        );
        Assert.Equal(("Too many connections", "a"), (error.Text("message"), error.Text("id")));
        await first.LoseAsync();

        // A session that is resumed counts once.
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = first.Secret });
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        await again.CloseAsync();
        await again.Server.Completion;
        await second.AskAsync("""{"type":"auth","token":"valid-token","username":"ann"}""", "auth-success");
    }

    [Fact]
    public async Task A_user_may_leave_so_many_lost_sessions_behind()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.MaxLostSessionsPerUser = 1;
            options.MaxLostSessions = 2;
        });
        TestClient[] clients = [await hub.ConnectAsync(_ann), await hub.ConnectAsync(_ann), await hub.ConnectAsync(_bob)];
        foreach (TestClient client in clients)
        {
            await client.LoseAsync();
        }

        await Eventually.TrueAsync(() => hub.Hub.FindSession(clients[1].ClientId) is null);
        Assert.NotNull(hub.Hub.FindSession(clients[0].ClientId));
        Assert.NotNull(hub.Hub.FindSession(clients[2].ClientId));
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = clients[0].Secret });
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        await again.LoseAsync();
        Assert.NotNull(hub.Hub.FindSession(clients[0].ClientId));
    }

    private static HubHandshake From(string address) => new() { RemoteAddress = IPAddress.Parse(address) };
}
