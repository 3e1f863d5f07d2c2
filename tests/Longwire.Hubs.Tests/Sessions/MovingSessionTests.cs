using System.Security.Claims;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A client that comes back to another node than the one it left goes on there as itself.</summary>
public sealed class MovingSessionTests
{
    [Fact]
    public async Task It_is_the_same_session_with_its_user_its_rooms_and_another_secret()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await ann.LoseAsync();
        TestClient again = await ReturnAsync(nodes[1], ann);
        Assert.Equal((ann.ClientId, "ann", "node1"), (again.ClientId, again.Connected.Text("userId"), again.Connected.Text("node")));
        Assert.NotEqual(ann.Secret, again.Secret);
        Assert.Equal(["tea"], nodes[1].Hub.FindSession(ann.ClientId)!.Rooms);
        await Eventually.TrueAsync(() => nodes[0].Hub.FindSession(ann.ClientId) is null);
        Assert.Equal(0, nodes[0].Hub.RoomCount);
    }

    [Fact]
    public async Task The_others_are_told_neither_that_it_left_nor_that_it_came_and_count_it_once()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient eve = await nodes[0].JoinAsAsync("eve", "tea");
        TestClient joe = await nodes[1].JoinAsAsync("joe", "tea");
        await eve.NextAsync("user-joined");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        await joe.NextAsync("user-joined");
        await ann.LoseAsync();
        nodes.Advance(TimeSpan.FromSeconds(10));
        TestClient again = await ReturnAsync(nodes[1], ann);
        Assert.Equal(3, (await again.JoinAsync("tea")).Number("members"));
        nodes.Advance(TimeSpan.FromMinutes(5));
        await eve.ExpectNothingAsync();
        await joe.ExpectNothingAsync();
        await again.CloseAsync();
        Assert.Equal(2, (await eve.NextAsync("user-left")).Number("members"));
        Assert.Equal(2, (await joe.NextAsync("user-left")).Number("members"));
    }

    [Fact]
    public async Task Who_does_not_join_again_stays_a_member_and_is_told_nothing()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient eve = await nodes[0].JoinAsAsync("eve", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        await ann.LoseAsync();
        TestClient again = await ReturnAsync(nodes[1], ann);
        await eve.AskAsync("""{"type":"message","room":"tea","content":1}""", "message");
        await again.ExpectNothingAsync();
        // A member may speak, joined again or not.
        await again.AskAsync("""{"type":"message","room":"tea","content":2,"id":"m1"}""", "ack");
        Assert.Equal(2, (await eve.NextAsync("message")).Number("message"));
    }

    [Fact]
    public async Task What_it_missed_is_recovered_in_order_and_nothing_comes_twice()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient bob = await nodes[0].JoinAsAsync("bob", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await bob.NextAsync("user-joined");
        await SayAsync(bob, 1);
        JsonElement last = await ann.NextAsync("message");
        await ann.LoseAsync();
        await SayAsync(bob, 2);
        TestClient again = await ReturnAsync(nodes[1], ann);
        await SayAsync(bob, 3);
        await again.ExpectNothingAsync();
        JsonElement joined = await again.AskAsync(Recover(last), "joined-room");
        Assert.True(joined.GetProperty("recovered").GetBoolean());
        Assert.Equal([2, 3], joined.GetProperty("messages").EnumerateArray().Select(static message => message.Number("message")));
        await SayAsync(bob, 4);
        Assert.Equal(4, (await again.NextAsync("message")).Number("message"));
        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_it_sends_again_counts_once()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        const string Message = """{"type":"message","room":"tea","content":1,"id":"m1"}""";
        await ann.AskAsync(Message, "message");
        JsonElement first = await ann.NextAsync("ack");
        await ann.LoseAsync();
        TestClient again = await ReturnAsync(nodes[1], ann);
        JsonElement second = await again.AskAsync(Message, "ack");
        Assert.Equal((first.Number("offset"), true), (second.Number("offset"), second.GetProperty("repeated").GetBoolean()));
    }

    [Fact]
    public async Task It_goes_from_node_to_node_and_back()
    {
        await using TestNodes nodes = await TestNodes.StartAsync(count: 3);
        TestClient eve = await nodes[0].JoinAsAsync("eve", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        foreach (int node in (int[])[1, 2, 0, 0, 2, 1, 0])
        {
            await ann.LoseAsync();
            TestClient again = await ReturnAsync(nodes[node], ann);
            Assert.Equal(2, (await again.JoinAsync("tea")).Number("members"));
            ann = again;
        }

        await eve.ExpectNothingAsync();
        await Eventually.TrueAsync(() => nodes[1].Hub.RoomCount + nodes[2].Hub.RoomCount == 0);
    }

    [Fact]
    public async Task A_connection_that_is_left_behind_is_closed_as_replaced()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient eve = await nodes[1].JoinAsAsync("eve", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        TestClient again = await ReturnAsync(nodes[1], ann);
        (CloseStatus status, string reason, List<JsonElement> _) = await ann.ClosedAsync();
        Assert.Equal((HubCloseStatus.SessionReplaced, "Session replaced"), (status, reason));
        await again.JoinAsync("tea");
        await eve.ExpectNothingAsync();
        await Eventually.TrueAsync(() => nodes[0].Hub.ConnectionCount == 0);
    }

    [Theory]
    [InlineData("CLIENT.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("nobody.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    public async Task A_wrong_secret_makes_a_new_session_and_leaves_the_other_alone(string secret)
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        TestClient other = await nodes[1].ConnectAsync(new HubHandshake { Session = secret.Replace("CLIENT", ann.ClientId) });
        Assert.False(other.Connected.GetProperty("resumed").GetBoolean());
        Assert.NotEqual(ann.ClientId, other.ClientId);
        await other.ExpectErrorAsync("""{"type":"join-room","room":"tea"}""", "unauthenticated");
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_a_client_sends_before_it_is_answered_is_dealt_with()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await ann.LoseAsync();
        nodes.LinkOf(1).Freeze();
        foreach (string? secret in new[] { ann.Secret, "nobody.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" })
        {
            TestClient again = await nodes[1].OpenAsync(new HubHandshake { Session = secret });
            await again.SendAsync("""{"type":"ping","id":"p1"}""");
            await again.SendAsync("""{"type":"ping","id":"p2"}""");
            nodes.LinkOf(1).Heal();
            Assert.Equal(secret == ann.Secret, (await again.NextAsync("connected")).GetProperty("resumed").GetBoolean());
            Assert.Equal("p1", (await again.NextAsync("pong")).Text("id"));
            Assert.Equal("p2", (await again.NextAsync("pong")).Text("id"));
        }
    }

    [Fact]
    public async Task The_secret_before_is_good_on_any_node_until_the_client_has_used_the_new_one()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].ConnectAsAsync("ann");
        await ann.LoseAsync();
        TestClient second = await ReturnAsync(nodes[1], ann);
        await second.LoseAsync();
        // Whether it has read its new secret, it may not know itself.
        TestClient third = await ReturnAsync(nodes[0], ann);
        await third.ExpectNothingAsync();
        await third.LoseAsync();
        foreach (TestClient former in (TestClient[])[ann, second])
        {
            TestClient stranger = await nodes[1].ConnectAsync(new HubHandshake { Session = former.Secret });
            Assert.False(stranger.Connected.GetProperty("resumed").GetBoolean());
        }

        TestClient fourth = await ReturnAsync(nodes[1], third);
        nodes.Advance(TimeSpan.FromSeconds(30));
        TestClient late = await nodes[0].ConnectAsync(new HubHandshake { Session = third.Secret });
        Assert.False(late.Connected.GetProperty("resumed").GetBoolean());
        await fourth.ExpectNothingAsync();
    }

    [Fact]
    public async Task The_secret_of_one_user_is_no_use_to_another_and_the_session_waits_for_its_own()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].ConnectAsAsync("ann");
        await ann.LoseAsync();
        var handshake = new HubHandshake { Session = ann.Secret, Identity = new HubIdentity("bob") };
        TestClient bob = await nodes[1].ConnectAsync(handshake);
        Assert.False(bob.Connected.GetProperty("resumed").GetBoolean());
        Assert.NotEqual(ann.ClientId, bob.ClientId);
        Assert.Equal("ann", (await ReturnAsync(nodes[0], ann)).Connected.Text("userId"));
    }

    [Fact]
    public async Task The_users_claims_expiry_and_metadata_go_along()
    {
        await using TestNodes nodes = await TestNodes.StartAsync(static options => options.ExpiryGrace = TimeSpan.Zero);
        var identity = new HubIdentity("ann", "Ann")
        {
            Claims = [new Claim("jti", "t1"), new Claim("room", "tea")],
            ExpiresAt = nodes[0].Time.GetUtcNow() + TimeSpan.FromMinutes(1),
            IssuedAt = nodes[0].Time.GetUtcNow(),
            Metadata = JsonSerializer.SerializeToElement(new Dictionary<string, int> { ["age"] = 42 }),
        };
        TestClient ann = await nodes[0].ConnectAsync(new HubHandshake { Identity = identity });
        await ann.LoseAsync();
        TestClient again = await ReturnAsync(nodes[1], ann);
        HubIdentity here = nodes[1].Hub.FindSession(ann.ClientId)!.Identity!;
        Assert.Equal(("ann", "Ann", "t1", identity.ExpiresAt), (here.UserId, here.Username, here.TokenId, here.ExpiresAt));
        Assert.Equal(identity.IssuedAt, here.IssuedAt);
        Assert.Equal(42, here.Metadata!.Value.Number("age"));
        Assert.True(here.Principal.HasClaim("room", "tea"));
        Assert.True(here.Principal.Identity!.IsAuthenticated);
        nodes.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HubCloseStatus.TokenExpired, (await again.ClosedAsync()).Status);
    }

    [Fact]
    public async Task A_principal_of_the_hosts_keeps_its_roles_and_a_guest_stays_a_guest()
    {
        await using TestNodes nodes = await TestNodes.StartAsync(static options => options.AllowGuests = true);
        var principal = new ClaimsPrincipal(
            new ClaimsIdentity([new Claim("sub", "ann"), new Claim("called", "Ann"), new Claim("is", "admin")], "Cookies", "called", "is")
        );
        TestClient ann = await nodes[0].ConnectAsync(new HubHandshake { Identity = HubIdentity.FromPrincipal(principal) });
        TestClient guest = await nodes[0].ConnectAsync();
        await ann.LoseAsync();
        await guest.LoseAsync();
        await ReturnAsync(nodes[1], ann);
        await ReturnAsync(nodes[1], guest);
        HubIdentity here = nodes[1].Hub.FindSession(ann.ClientId)!.Identity!;
        Assert.Equal(("ann", "Ann", "Ann"), (here.UserId, here.Username, here.Principal.Identity!.Name));
        Assert.True(here.Principal.IsInRole("admin"));
        HubIdentity stranger = nodes[1].Hub.FindSession(guest.ClientId)!.Identity!;
        Assert.Equal(guest.ClientId, stranger.UserId);
        Assert.False(stranger.Principal.Identity!.IsAuthenticated);
    }

    [Fact]
    public async Task A_session_that_was_ended_is_not_to_be_had_elsewhere()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient left = await nodes[0].ConnectAsAsync("ann");
        TestClient kicked = await nodes[0].ConnectAsAsync("bob");
        TestClient revoked = await nodes[0].ConnectAsAsync("eve");
        await left.CloseAsync();
        await left.Server.Completion;
        await nodes[1].Hub.KickUserAsync("bob");
        await kicked.ClosedAsync();
        await nodes[1].Hub.Sessions.Access.RevokeSessionAsync(revoked.ClientId, default);
        await revoked.ClosedAsync();
        foreach (TestClient client in (TestClient[])[left, kicked, revoked])
        {
            await Eventually.TrueAsync(() => nodes[0].Hub.FindSession(client.ClientId) is null);
            TestClient again = await nodes[1].ConnectAsync(new HubHandshake { Session = client.Secret });
            Assert.False(again.Connected.GetProperty("resumed").GetBoolean());
        }

        Assert.Equal(0, nodes.Store.Sessions.Count);
    }

    private static async Task<TestClient> ReturnAsync(TestHub node, TestClient client)
    {
        TestClient again = await node.ConnectAsync(new HubHandshake { Session = client.Secret });
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        Assert.Equal(client.ClientId, again.ClientId);
        return again;
    }

    private static async Task SayAsync(TestClient client, int content) =>
        await client.AskAsync($$"""{"type":"message","room":"tea","content":{{content}}}""", "message");

    private static string Recover(JsonElement last) =>
        $$$"""{"type":"join-room","room":"tea","recover":{"epoch":"{{{last.Text("epoch")}}}","offset":{{{last.Number("offset")}}},"tag":"{{{last.Text("tag")}}}"}}""";
}
