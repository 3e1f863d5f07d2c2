using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A session's secret, and all that is remembered for it, belong to one user.</summary>
public abstract class OwnershipTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : OwnershipTests(null);

    public sealed class OnKestrel() : OwnershipTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : OwnershipTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : OwnershipTests(ServerTransport.IoUring);

    private const string AsBob = """{"type":"auth","token":"valid-token","username":"bob"}""";

    [Fact]
    public async Task Another_user_gets_another_secret_and_the_old_one_is_void()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsAsync("ann");
        JsonElement success = await client.AskAsync(AsBob, "auth-success");
        string secret = success.Text("session");
        Assert.NotEqual(client.Secret, secret);
        Assert.StartsWith(client.ClientId + ".", secret);

        TestClient attacker = await hub.ConnectAsync(new HubHandshake { Session = client.Secret });
        Assert.False(attacker.Connected.GetProperty("resumed").GetBoolean());
        Assert.False(attacker.Connected.Has("userId"));
        await client.ExpectNothingAsync();

        await client.LoseAsync();
        TestClient bob = await hub.ConnectAsync(new HubHandshake { Session = secret });
        Assert.True(bob.Connected.GetProperty("resumed").GetBoolean());
        Assert.Equal("bob", bob.Connected.Text("userId"));
    }

    [Fact]
    public async Task The_same_user_again_keeps_the_secret()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsAsync("ann");
        JsonElement success = await client.AskAsync("""{"type":"auth","token":"valid-token","username":"ann"}""", "auth-success");
        Assert.Equal(["type", "username", "userId"], success.Names());
        await client.LoseAsync();
        Assert.True((await hub.ConnectAsync(new HubHandshake { Session = client.Secret })).Connected.GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task A_guest_who_signs_in_gets_another_secret_too()
    {
        await using TestHub hub = await StartHubAsync(options => options.AllowGuests = true);
        TestClient client = await hub.ConnectAsync();
        JsonElement success = await client.AskAsync(AsBob, "auth-success");
        Assert.NotEqual(client.Secret, success.Text("session"));
        TestClient attacker = await hub.ConnectAsync(new HubHandshake { Session = client.Secret });
        Assert.False(attacker.Connected.GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task A_secret_handed_to_a_victim_is_void_once_the_victim_has_signed_in()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient attacker = await hub.ConnectAsync();
        TestClient victim = await hub.ConnectAsync(new HubHandshake { Session = attacker.Secret });
        await victim.AskAsync(AsBob, "auth-success");
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = attacker.Secret });
        Assert.False(again.Connected.GetProperty("resumed").GetBoolean());
        Assert.False(again.Connected.Has("userId"));
    }

    [Fact]
    public async Task A_secret_that_became_void_while_its_bearer_waited_lets_nobody_in()
    {
        var gate = new TaskCompletionSource();
        await using TestHub hub = await StartHubAsync();
        hub.Hub.On("slow", async _ => await gate.Task);
        TestClient client = await hub.ConnectAsAsync("ann");
        HubSession session = hub.Hub.FindSession(client.ClientId)!;
        await client.SendAsync("""{"type":"slow"}""");
        await client.SendAsync(AsBob);
        await Eventually.TrueAsync(() => session.WaitingMessages == 1);
        TestClient attacker = await hub.OpenAsync(new HubHandshake { Session = client.Secret });
        gate.SetResult();
        await client.NextAsync("auth-success");
        JsonElement connected = await attacker.NextAsync("connected");
        Assert.False(connected.GetProperty("resumed").GetBoolean());
        Assert.False(connected.Has("userId"));
    }

    [Fact]
    public async Task Nothing_remembered_of_the_former_user_remains()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.JoinAsAsync("ann", "general");
        HubSession session = hub.Hub.FindSession(client.ClientId)!;
        session.UserState = "ann's";
        const string Message = """{"type":"message","room":"general","content":1,"id":"m1"}""";
        await client.AskAsync(Message, "message");
        await client.NextAsync("ack");
        await client.AskAsync(AsBob, "left-room");
        await client.NextAsync("auth-success");
        Assert.Null(session.UserState);
        Assert.Empty(session.Rooms);
        await client.JoinAsync("general");
        Assert.Equal("bob", (await client.AskAsync(Message, "message")).Text("userId"));
    }

    [Fact]
    public async Task A_resume_renews_the_secret_and_the_first_message_makes_the_old_one_void()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.LoseAsync();
        TestClient second = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.NotEqual(ann.Secret, second.Secret);
        Assert.Equal(ann.ClientId, second.ClientId);
        await second.LoseAsync();

        // Whether the client has read its new secret is not known: it may come back with the one before.
        TestClient third = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.True(third.Connected.GetProperty("resumed").GetBoolean());
        await third.ExpectNothingAsync();
        await third.LoseAsync();
        foreach (string secret in new[] { ann.Secret, second.Secret })
        {
            TestClient stranger = await hub.ConnectAsync(new HubHandshake { Session = secret });
            Assert.False(stranger.Connected.GetProperty("resumed").GetBoolean());
        }

        TestClient fourth = await hub.ConnectAsync(new HubHandshake { Session = third.Secret });
        Assert.True(fourth.Connected.GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task The_former_secret_is_good_for_thirty_seconds_at_most()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.LoseAsync();
        TestClient second = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        hub.Time.Advance(TimeSpan.FromSeconds(30));
        await second.LoseAsync();
        TestClient stranger = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.False(stranger.Connected.GetProperty("resumed").GetBoolean());
        TestClient third = await hub.ConnectAsync(new HubHandshake { Session = second.Secret });
        Assert.True(third.Connected.GetProperty("resumed").GetBoolean());
    }
}
