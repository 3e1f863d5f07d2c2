using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class ConnectTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ConnectTests(null);

    public sealed class OnKestrel() : ConnectTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ConnectTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ConnectTests(ServerTransport.IoUring);

    [Fact]
    public async Task The_first_message_tells_the_client_all_it_needs()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        Assert.Equal(
            ["type", "clientId", "session", "resumed", "node", "pingInterval", "maxMessageBytes", "idempotencyMs"],
            client.Connected.Names()
        );
        Assert.Equal(16, client.ClientId.Length);
        Assert.StartsWith(client.ClientId + ".", client.Secret);
        Assert.False(client.Connected.GetProperty("resumed").GetBoolean());
        Assert.Equal("test-node", client.Connected.Text("node"));
        Assert.Equal(30_000, client.Connected.Number("pingInterval"));
        Assert.Equal((64 + 16) * 1024, client.Connected.Number("maxMessageBytes"));
    }

    [Fact]
    public async Task The_connections_own_limit_is_told_when_it_is_smaller()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.OpenAsync(
            options: new WebSocketConnectionOptions { MaxMessageBytes = 1000, PingInterval = Timeout.InfiniteTimeSpan }
        );
        JsonElement connected = await client.NextAsync("connected");
        Assert.Equal(1000, connected.Number("maxMessageBytes"));
        Assert.Equal(0, connected.Number("pingInterval"));
    }

    [Fact]
    public async Task Then_comes_a_welcome_with_the_number_of_clients()
    {
        await using TestHub hub = await StartHubAsync(options => options.Welcome = "Connected to server");
        await hub.ConnectAsync();
        TestClient second = await hub.ConnectAsync();
        JsonElement welcome = await second.NextAsync("welcome");
        Assert.Equal("Connected to server", welcome.Text("message"));
        Assert.Equal(2, welcome.Number("clients"));
    }

    [Fact]
    public async Task Others_are_told_that_somebody_connects_and_leaves()
    {
        await using TestHub hub = await StartHubAsync(options => options.AnnouncedConnections = 100);
        TestClient first = await hub.ConnectAsAsync("ann");
        TestClient second = await hub.ConnectAsync();
        JsonElement joined = await first.NextAsync("user-joined");
        Assert.Equal(["type", "clients"], joined.Names());
        Assert.Equal(2, joined.Number("clients"));
        await second.CloseAsync();
        Assert.Equal(1, (await first.NextAsync("user-left")).Number("clients"));
    }

    [Fact]
    public async Task Beyond_the_limit_connections_are_not_announced()
    {
        await using TestHub hub = await StartHubAsync(options => options.AnnouncedConnections = 1);
        TestClient first = await hub.ConnectAsAsync("ann");
        await hub.ConnectAsync();
        await first.ExpectNothingAsync();
    }

    [Fact]
    public async Task Who_has_not_authenticated_is_not_told_about_others()
    {
        await using TestHub hub = await StartHubAsync(options => options.AnnouncedConnections = 100);
        TestClient first = await hub.ConnectAsync();
        await hub.ConnectAsync();
        await first.ExpectNothingAsync();
    }

    [Fact]
    public async Task One_client_too_many_is_closed_as_server_full()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxConnections = 1);
        TestClient first = await hub.ConnectAsync();
        (CloseStatus status, string? reason, List<JsonElement>? messages) = await (await hub.OpenAsync()).ClosedAsync();
        Assert.Equal((CloseStatus.PolicyViolation, "Server full"), (status, reason));
        Assert.Empty(messages);

        await first.CloseAsync();
        await first.Server.Completion;
        await hub.ConnectAsync();
    }

    [Fact]
    public async Task Stopping_closes_everyone_with_going_away_and_waits_for_the_end()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "lobby");
        TestClient bob = await hub.JoinAsAsync("bob", "lobby");
        await ann.NextAsync("user-joined");
        Task stopping = hub.Hub.StopAsync();
        foreach (TestClient? client in new[] { ann, bob })
        {
            (CloseStatus status, string? reason, List<JsonElement>? messages) = await client.ClosedAsync();
            Assert.Equal((CloseStatus.GoingAway, "Going away"), (status, reason));
            Assert.Empty(messages);
        }

        await stopping.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(0, hub.Hub.ConnectionCount);
        Assert.Equal(0, hub.Hub.RoomCount);
        Assert.Equal(CloseStatus.GoingAway, (await (await hub.OpenAsync()).ClosedAsync()).Status);
    }

    [Fact]
    public async Task Draining_tells_everyone_when_to_come_back_and_closes_with_service_restart()
    {
        await using TestHub hub = await StartHubAsync();
        var clients = new List<TestClient>();
        for (int index = 0; index < 10; index++)
        {
            clients.Add(await hub.JoinAsAsync("user" + index, "room" + index));
        }

        Task draining = hub.Hub.DrainAsync(new() { Rate = 1_000, ReconnectOver = TimeSpan.FromSeconds(30) });
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        var delays = new HashSet<long>();
        foreach (TestClient client in clients)
        {
            (CloseStatus status, string? reason, List<JsonElement>? messages) = await client.ClosedAsync();
            Assert.Equal((CloseStatus.ServiceRestart, "Service restart"), (status, reason));
            JsonElement drain = Assert.Single(messages);
            Assert.Equal(["type", "reconnectAfterMs"], drain.Names());
            Assert.InRange(drain.Number("reconnectAfterMs"), 0, 30_000);
            delays.Add(drain.Number("reconnectAfterMs"));
        }

        await draining.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(delays.Count > 5, "The clients must not come back all at once.");
    }

    [Fact]
    public async Task A_hub_is_started_once_and_may_be_stopped_and_disposed_of_twice()
    {
        var hub = new Hub();
        Assert.Throws<InvalidOperationException>(() => hub.Accept(new SilentConnection(), HubHandshake.Anonymous));
        await hub.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await hub.StartAsync());
        await hub.StopAsync();
        await hub.StopAsync();
        await hub.DisposeAsync();
        await hub.DisposeAsync();
    }

    [Fact]
    public async Task Ids_and_secrets_come_from_the_source_given()
    {
        byte next = 0;
        await using TestHub hub = await StartHubAsync(options => options.FillRandom = bytes => bytes.Fill(next++));
        TestClient client = await hub.ConnectAsync();
        Assert.Equal("AAAAAAAAAAAAAAAA", client.ClientId);
        Assert.Equal("AAAAAAAAAAAAAAAA.AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE", client.Secret);
    }

    [Fact]
    public async Task Options_are_copied_and_checked()
    {
        var options = new LongwireHubOptions { MaxConnections = 5 };
        await using var hub = new Hub(options);
        options.MaxConnections = 6;
        Assert.Equal(5, hub.Options.MaxConnections);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Hub(new LongwireHubOptions { MaxConnections = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new Hub(new LongwireHubOptions { Rooms = { Default = new RoomOptions { HistorySize = -1 } } })
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new Hub(new LongwireHubOptions { RateLimit = new RateLimitOptions { Burst = 0 } })
        );
    }

    [Fact]
    public async Task Options_are_copied_whole()
    {
        var options = new LongwireHubOptions
        {
            MaxConnections = 5,
            RateLimit = new RateLimitOptions { Burst = 7 },
        };
        var room = new RoomOptions { HistorySize = 3 };
        options.Rooms.Add("listed", room);
        options.Rooms.Add("of-*", room);
        await using var hub = new Hub(options);
        options.Rooms.Add("late", new RoomOptions());
        options.Rooms.Default = null;
        options.RateLimit!.Burst = 8;
        room.HistorySize = 4;
        Assert.NotNull(hub.Options.Rooms.Default);
        Assert.Equal(0, hub.Options.Rooms.Find("late")!.HistorySize);
        Assert.Equal(3, hub.Options.Rooms.Find("listed")!.HistorySize);
        Assert.Equal(3, hub.Options.Rooms.Find("of-ann")!.HistorySize);
        Assert.Equal(7, hub.Options.RateLimit!.Burst);

        hub.Options.MaxConnections = 6;
        hub.Options.Rooms.Default = null;
        hub.Options.Rooms.Find("listed")!.HistorySize = 4;
        Assert.Equal(5, hub.Options.MaxConnections);
        Assert.NotNull(hub.Options.Rooms.Default);
        Assert.Equal(3, hub.Options.Rooms.Find("listed")!.HistorySize);
    }

    [Fact]
    public async Task A_connection_that_gets_no_session_is_counted_out()
    {
        await using TestHub hub = await StartHubAsync(options =>
            options.FillRandom = _ => throw new InvalidOperationException("no randomness")
        );
        Assert.Throws<InvalidOperationException>(() => hub.Hub.Accept(new SilentConnection(), HubHandshake.Anonymous));
        Assert.Equal(0, hub.Hub.ConnectionCount);
    }
}
