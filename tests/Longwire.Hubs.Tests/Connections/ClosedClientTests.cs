namespace Longwire.Hubs.Tests;

/// <summary>
/// From the moment the server decides to close a client, nothing that it sends counts, whether it answers the Close or not.
/// </summary>
public abstract class ClosedClientTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ClosedClientTests(null);

    public sealed class OnKestrel() : ClosedClientTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ClosedClientTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ClosedClientTests(ServerTransport.IoUring);

    private const string Message = """{"type":"message","room":"general","content":1}""";

    [Fact]
    public async Task A_kicked_client_that_keeps_sending_is_not_heard()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        Deaf ann = await JoinDeafAsync(hub, "ann");
        await witness.NextAsync("user-joined");
        await hub.Hub.KickUserAsync("ann");
        Send(ann, Message);
        await witness.NextAsync("user-left");
        await witness.ExpectNothingAsync();
        Assert.Null(hub.Hub.FindSession(ann.ClientId));
    }

    [Fact]
    public async Task What_waited_when_a_client_was_kicked_is_not_heard_either()
    {
        var gate = new TaskCompletionSource();
        await using TestHub hub = await StartHubAsync();
        hub.Hub.On("slow", async _ => await gate.Task);
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        Deaf ann = await JoinDeafAsync(hub, "ann");
        await witness.NextAsync("user-joined");
        Send(ann, """{"type":"slow"}""");
        Send(ann, Message);
        await hub.Hub.KickUserAsync("ann");
        Send(ann, Message);
        gate.SetResult();
        await witness.NextAsync("user-left");
        await witness.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_client_whose_later_token_is_refused_is_not_heard()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        Deaf ann = await JoinDeafAsync(hub, "ann");
        await witness.NextAsync("user-joined");
        Send(ann, """{"type":"auth","token":"wrong"}""");
        Send(ann, Message);
        Send(ann, """{"type":"auth","token":"valid-token","username":"ann"}""");
        Send(ann, """{"type":"join-room","room":"general"}""");
        await witness.NextAsync("user-left");
        await witness.ExpectNothingAsync();
        Assert.Null(hub.Hub.FindSession(ann.ClientId));
    }

    [Fact]
    public async Task A_client_that_did_not_sign_in_in_time_cannot_do_so_later()
    {
        await using TestHub hub = await StartHubAsync();
        Deaf late = Connect(hub, HubHandshake.Anonymous);
        hub.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(CloseStatus.PolicyViolation, late.Connection.StartedClosing);
        Send(late, """{"type":"auth","token":"valid-token","username":"ann"}""");
        Assert.Null(hub.Hub.FindSession(late.ClientId));
        Assert.Empty(hub.Hub.Sessions.Accounts.SessionsOf("ann"));
    }

    [Fact]
    public async Task A_client_whose_token_expired_cannot_renew_it_on_the_closing_connection()
    {
        await using TestHub hub = await StartHubAsync(options => options.ExpiryGrace = TimeSpan.Zero);
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        var identity = new HubIdentity("ann") { ExpiresAt = hub.Time.GetUtcNow() + TimeSpan.FromMinutes(1) };
        Deaf ann = Connect(hub, new HubHandshake { Identity = identity });
        Send(ann, """{"type":"join-room","room":"general"}""");
        await witness.NextAsync("user-joined");
        hub.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HubCloseStatus.TokenExpired, ann.Connection.StartedClosing);
        Send(ann, """{"type":"auth","token":"valid-token","username":"ann"}""");
        Send(ann, Message);
        await witness.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_client_that_is_closed_as_too_slow_is_not_heard()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        Deaf ann = await JoinDeafAsync(hub, "ann");
        await witness.NextAsync("user-joined");
        ann.Connection.OnBroadcast = () => { };
        await witness.AskAsync(Message, "message");
        Assert.Equal(HubCloseStatus.TooSlow, ann.Connection.StartedClosing);
        Send(ann, Message);
        await witness.ExpectNothingAsync();
    }

    [Fact]
    public async Task When_the_hub_stops_nobody_is_heard_any_more()
    {
        await using TestHub hub = await StartHubAsync(options => options.Rooms.Default!.HistorySize = 10);
        Deaf ann = await JoinDeafAsync(hub, "ann");
        Task stopping = hub.Hub.StopAsync();
        Send(ann, Message);
        Assert.Equal(1, (await hub.Hub.PublishAsync("general", "1"u8.ToArray())).Offset);
        hub.Hub.Release(ann.Connection, CloseStatus.GoingAway);
        await stopping.WaitAsync(TimeSpan.FromMinutes(2));
    }

    private static async Task<Deaf> JoinDeafAsync(TestHub hub, string user)
    {
        Deaf deaf = Connect(hub, new HubHandshake { Identity = new HubIdentity(user) });
        Send(deaf, """{"type":"join-room","room":"general"}""");
        await Eventually.TrueAsync(() => deaf.Session.Rooms.Count == 1);
        return deaf;
    }

    /// <summary>A client that never answers a Close: real connections would end it after their close time-out.</summary>
    private static Deaf Connect(TestHub hub, HubHandshake handshake)
    {
        var connection = new SilentConnection();
        hub.Hub.Accept(connection, handshake);
        return new Deaf(connection, connection.Session!);
    }

    private static void Send(Deaf client, string message) =>
        client.Session.Receive(client.Connection, MessageType.Text, System.Text.Encoding.UTF8.GetBytes(message));

    private sealed record Deaf(SilentConnection Connection, HubSession Session)
    {
        public string ClientId => Session.ClientId;
    }
}
