using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class ResumeTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ResumeTests(null);

    public sealed class OnKestrel() : ResumeTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ResumeTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ResumeTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_lost_client_comes_back_as_itself()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.LoseAsync();
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        Assert.Equal(ann.ClientId, again.ClientId);
        Assert.Equal(("ann", "ann"), (again.Connected.Text("userId"), again.Connected.Text("username")));
        Assert.Equal(1, hub.Hub.ConnectionCount);
    }

    [Fact]
    public async Task Within_the_presence_grace_others_see_no_leave_and_no_join()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await witness.NextAsync("user-joined");
        await ann.LoseAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(14));
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.Equal(2, (await again.JoinAsync("general")).Number("members"));
        await witness.ExpectNothingAsync();
        hub.Time.Advance(TimeSpan.FromMinutes(5));
        await witness.ExpectNothingAsync();
    }

    [Fact]
    public async Task After_the_presence_grace_others_see_a_leave_and_then_a_join()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await witness.NextAsync("user-joined");
        await ann.LoseAsync();
        hub.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(1, (await witness.NextAsync("user-left")).Number("members"));
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        await again.JoinAsync("general");
        Assert.Equal(2, (await witness.NextAsync("user-joined")).Number("members"));
    }

    [Fact]
    public async Task After_the_resume_window_the_session_is_over()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.LoseAsync();
        hub.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(hub.Hub.FindSession(ann.ClientId));
        Assert.Equal(0, hub.Hub.RoomCount);
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.False(again.Connected.GetProperty("resumed").GetBoolean());
        Assert.NotEqual(ann.ClientId, again.ClientId);
    }

    [Fact]
    public async Task What_was_missed_is_recovered()
    {
        await using TestHub hub = await StartHubAsync(options => options.Rooms.Default!.HistorySize = 10);
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
        JsonElement last = await bob.UntilAsync("message");
        await ann.LoseAsync();
        await bob.AskAsync("""{"type":"message","room":"general","content":2}""", "message");
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });

        // Nothing of the room comes before the client has asked for what it missed.
        await bob.AskAsync("""{"type":"message","room":"general","content":3}""", "message");
        await again.ExpectNothingAsync();
        JsonElement joined = await again.AskAsync(
            $$$"""{"type":"join-room","room":"general","recover":{"epoch":"{{{last.Text("epoch")}}}","offset":{{{last.Number("offset")}}}}}""",
            "joined-room"
        );
        Assert.True(joined.GetProperty("recovered").GetBoolean());
        Assert.Equal([2, 3], joined.GetProperty("messages").EnumerateArray().Select(message => message.Number("message")));
        await bob.AskAsync("""{"type":"message","room":"general","content":4}""", "message");
        Assert.Equal(4, (await again.NextAsync("message")).Number("message"));
    }

    [Fact]
    public async Task The_same_session_on_another_connection_replaces_the_first()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        (CloseStatus status, string? reason, List<JsonElement> _) = await ann.ClosedAsync();
        Assert.Equal((HubCloseStatus.SessionReplaced, "Session replaced"), (status, reason));
        await ann.Server.Completion;
        await again.JoinAsync("general");
        await again.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
        Assert.Equal(1, hub.Hub.ConnectionCount);
    }

    [Fact]
    public async Task After_a_goodbye_there_is_nothing_to_come_back_to()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.CloseAsync();
        await ann.Server.Completion;
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.False(again.Connected.GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task A_kicked_client_cannot_come_back_even_if_it_never_answers_the_close()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await hub.Hub.KickUserAsync("ann");
        await ann.LoseAsync();
        Assert.Null(hub.Hub.FindSession(ann.ClientId));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("CLIENT.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    public async Task A_wrong_secret_makes_a_new_session(string secret)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.LoseAsync();
        TestClient other = await hub.ConnectAsync(new HubHandshake { Session = secret.Replace("CLIENT", ann.ClientId) });
        Assert.False(other.Connected.GetProperty("resumed").GetBoolean());
        await other.ExpectErrorAsync("""{"type":"join-room","room":"general"}""", "unauthenticated");
    }

    [Fact]
    public async Task The_secret_of_one_user_is_no_use_to_another()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.LoseAsync();
        TestClient bob = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret, Identity = new HubIdentity("bob") });
        Assert.False(bob.Connected.GetProperty("resumed").GetBoolean());
        Assert.Equal("bob", bob.Connected.Text("userId"));
        Assert.NotEqual(ann.ClientId, bob.ClientId);
    }

    [Fact]
    public async Task Who_never_authenticated_has_nothing_to_come_back_to()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        await client.LoseAsync();
        Assert.Null(hub.Hub.FindSession(client.ClientId));
    }

    [Fact]
    public async Task After_expiry_a_session_can_be_resumed_but_has_to_authenticate_again()
    {
        await using TestHub hub = await StartHubAsync(options => options.ExpiryGrace = TimeSpan.Zero);
        var identity = new HubIdentity("ann") { ExpiresAt = hub.Time.GetUtcNow() + TimeSpan.FromMinutes(1) };
        TestClient ann = await hub.ConnectAsync(new HubHandshake { Identity = identity });
        hub.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HubCloseStatus.TokenExpired, (await ann.ClosedAsync()).Status);
        await ann.Server.Completion;
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        await again.ExpectErrorAsync("""{"type":"join-room","room":"general"}""", "unauthenticated");
        await again.AskAsync("""{"type":"auth","token":"valid-token","username":"ann"}""", "auth-success");
        await again.JoinAsync("general");
    }

    [Fact]
    public async Task Only_so_many_lost_sessions_are_kept()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxLostSessions = 1);
        TestClient first = await hub.ConnectAsAsync("ann");
        TestClient second = await hub.ConnectAsAsync("bob");
        await first.LoseAsync();
        await second.LoseAsync();
        Assert.NotNull(hub.Hub.FindSession(first.ClientId));
        Assert.Null(hub.Hub.FindSession(second.ClientId));

        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = first.Secret });
        await again.ExpectNothingAsync();
        TestClient third = await hub.ConnectAsAsync("eve");
        await third.LoseAsync();
        Assert.NotNull(hub.Hub.FindSession(third.ClientId));
    }

    [Fact]
    public async Task A_hub_that_keeps_no_lost_sessions_announces_at_once()
    {
        await using TestHub hub = await StartHubAsync(options => options.ResumeWindow = TimeSpan.Zero);
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await witness.NextAsync("user-joined");
        await ann.LoseAsync();
        await witness.NextAsync("user-left");
    }
}
