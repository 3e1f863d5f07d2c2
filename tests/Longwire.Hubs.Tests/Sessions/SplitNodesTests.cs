using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>Clients that go to another node because theirs is dead, cut off or frozen; and what it does when it is back.</summary>
public sealed class SplitNodesTests
{
    [Fact]
    public async Task A_client_of_a_node_that_died_goes_on_elsewhere_and_the_others_of_that_node_leave()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient eve = await nodes[1].JoinAsAsync("eve", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        TestClient bob = await nodes[0].JoinAsAsync("bob", "tea");
        await eve.NextAsync("user-joined");
        nodes.Kill(0);
        TestClient again = await ReturnAsync(nodes[1], ann);
        Assert.Equal(3, (await again.JoinAsync("tea")).Number("members"));
        nodes.Advance(TimeSpan.FromSeconds(14));
        await eve.ExpectNothingAsync();
        nodes.Advance(TimeSpan.FromSeconds(6));
        JsonElement left = await eve.NextAsync("user-left");
        Assert.Equal(("bob", 2), (left.Text("userId"), left.Number("members")));
        await eve.ExpectNothingAsync();
        // Its members are gone; its session is not, for as long as it can be resumed.
        Assert.Equal("bob", (await ReturnAsync(nodes[1], bob)).Connected.Text("userId"));
    }

    [Fact]
    public async Task A_session_of_a_node_that_died_is_over_in_time()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].ConnectAsAsync("ann");
        nodes.Kill(0);
        nodes.Advance(TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(16));
        TestClient again = await nodes[1].ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.False(again.Connected.GetProperty("resumed").GetBoolean());
        nodes.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, nodes.Store.Sessions.Count);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 60)]
    [InlineData(false, 1)]
    [InlineData(false, 60)]
    public async Task A_node_that_comes_back_closes_what_it_has_lost_and_nobody_hears_of_it(bool isCut, int seconds)
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient eve = await nodes[1].JoinAsAsync("eve", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        if (isCut)
        {
            nodes.LinkOf(0).Cut();
        }
        else
        {
            nodes.LinkOf(0).Freeze();
        }

        TestClient again = await ReturnAsync(nodes[1], ann);
        Assert.Equal(2, (await again.JoinAsync("tea")).Number("members"));
        nodes.Advance(TimeSpan.FromSeconds(seconds));
        await SayAsync(eve, 1);
        Assert.Equal(1, (await again.NextAsync("message")).Number("message"));
        nodes.LinkOf(0).Heal();
        (CloseStatus status, string _, List<JsonElement> told) = await ann.ClosedAsync();
        Assert.Equal(HubCloseStatus.SessionReplaced, status);
        Assert.DoesNotContain(told, static message => message.Text("type") is "user-left" or "user-joined");
        await Eventually.TrueAsync(() => nodes[0].Hub.FindSession(ann.ClientId) is null);
        nodes.Advance(TimeSpan.FromMinutes(5));
        await SayAsync(eve, 2);
        Assert.Equal(2, (await again.NextAsync("message")).Number("message"));
        await again.ExpectNothingAsync();
        await eve.ExpectNothingAsync();
        Assert.Equal(["tea"], nodes[1].Hub.FindSession(ann.ClientId)!.Rooms);
    }

    [Fact]
    public async Task A_node_that_was_dead_when_a_client_came_to_it_does_not_take_its_rooms_from_where_it_is()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        // The store gives the session to the other node, which does not hear so and freezes, until the store has forgotten it.
        RoomMember late = await TakeAsync(nodes.LinkOf(1), ann);
        nodes.LinkOf(1).Freeze();
        nodes.Advance(TimeSpan.FromMinutes(3));
        // The node saves the session with its new room, and so the store knows whose it is.
        await ann.JoinAsync("milk");
        await ann.LoseAsync();
        await ReturnAsync(nodes[0], ann);
        nodes.LinkOf(1).Heal();
        IPresenceStore presence = nodes.LinkOf(1).Presence;
        await presence.AddAsync("tea", [late], default);
        await presence.RemoveAsync("tea", [late], default);
        Assert.Equal(1, (await presence.ReadAsync("tea", 0, 10, default)).Members);
    }

    [Fact]
    public async Task Members_that_a_dead_node_took_are_there_again_when_the_store_learns_where_their_session_is()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        RoomMember member = await TakeAsync(nodes.LinkOf(1), ann);
        await nodes.LinkOf(1).Presence.AddAsync("tea", [member], default);
        nodes.Kill(1);
        nodes.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(0, (await nodes.LinkOf(0).Presence.ReadAsync("tea", 0, 10, default)).Members);
        // The node saves the session with its new room.
        await ann.JoinAsync("milk");
        await Eventually.TrueAsync(() => nodes.Store.Sessions.FindNode(ann.ClientId) == "node0");
        Assert.Equal(1, (await ann.JoinAsync("tea")).Number("members"));
    }

    [Fact]
    public async Task A_client_that_goes_to_another_node_and_back_while_both_are_slow_is_left_behind_there()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient eve = await nodes[1].JoinAsAsync("eve", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        nodes.LinkOf(0).Freeze();
        TestClient back = await nodes[0].OpenAsync(new HubHandshake { Session = ann.Secret });
        TestClient there = await ReturnAsync(nodes[1], ann);
        nodes.LinkOf(0).Heal();
        Assert.True((await back.NextAsync("connected")).GetProperty("resumed").GetBoolean());
        Assert.Equal(HubCloseStatus.SessionReplaced, (await there.ClosedAsync()).Status);
        Assert.Equal(2, (await back.JoinAsync("tea")).Number("members"));
        await Eventually.TrueAsync(() => nodes[1].Hub.FindSession(ann.ClientId) is null);
        await eve.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_is_owed_of_a_session_is_not_made_void_by_what_it_was_before()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        await nodes[0].JoinAsAsync("eve", "tea");
        Room room = nodes[0].Hub.FindRoom("tea")!;
        var member = new RoomMember("client", "ann", "ann", Metadata: null) { Generation = 7 };
        room.OweLeave(member);
        await nodes[0].Hub.Rooms.CancelLeaveAsync(room, member with { Generation = 6 });
        Assert.Equal(member, room.FindOwedLeave("client"));
        await nodes[0].Hub.Rooms.CancelLeaveAsync(room, member);
        Assert.Null(room.FindOwedLeave("client"));
    }

    [Fact]
    public async Task A_node_that_comes_back_keeps_what_nobody_has_taken()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient eve = await nodes[1].JoinAsAsync("eve", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        nodes.LinkOf(0).Cut();
        nodes.Advance(TimeSpan.FromSeconds(5));
        nodes.LinkOf(0).Heal();
        await SayAsync(eve, 1);
        Assert.Equal(1, (await ann.NextAsync("message")).Number("message"));
        await ann.ExpectNothingAsync();
        await eve.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_a_node_could_not_save_while_it_was_cut_off_it_saves_when_it_is_back()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        nodes.LinkOf(0).Cut();
        TestClient ann = await nodes[0].ConnectAsAsync("ann");
        TestClient bob = await nodes[0].ConnectAsAsync("bob");
        await bob.CloseAsync();
        await bob.Server.Completion;
        nodes.LinkOf(0).Heal();
        await Eventually.TrueAsync(() => nodes.Store.Sessions.Count == 1);
        Assert.Equal("ann", (await ReturnAsync(nodes[1], ann)).Connected.Text("userId"));
    }

    [Fact]
    public async Task What_ended_while_its_node_was_cut_off_is_not_to_be_had_when_that_is_back()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].ConnectAsAsync("ann");
        nodes.LinkOf(0).Cut();
        await ann.CloseAsync();
        await ann.Server.Completion;
        await Eventually.TrueAsync(() => nodes[0].Hub.IsOwing);
        nodes.LinkOf(0).Heal();
        nodes.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => nodes.Store.Sessions.Count == 0);
        TestClient again = await nodes[1].ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.False(again.Connected.GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task While_the_store_is_away_who_comes_back_is_to_try_later_and_nothing_is_lost_by_it()
    {
        await using TestNodes nodes = await TestNodes.StartAsync();
        TestClient ann = await nodes[0].ConnectAsAsync("ann");
        TestClient bob = await nodes[1].ConnectAsAsync("bob");
        await ann.LoseAsync();
        await bob.LoseAsync();
        nodes.LinkOf(0).Cut();
        foreach (TestClient client in (TestClient[])[ann, bob])
        {
            TestClient refused = await nodes[0].OpenAsync(new HubHandshake { Session = client.Secret });
            (CloseStatus status, string reason, List<JsonElement> _) = await refused.ClosedAsync();
            Assert.Equal((CloseStatus.TryAgainLater, "Try again later"), (status, reason));
        }

        // A client without a session is let in all the same.
        await nodes[0].ConnectAsAsync("eve");
        nodes.LinkOf(0).Heal();
        await ReturnAsync(nodes[0], ann);
        await ReturnAsync(nodes[0], bob);
    }

    [Fact]
    public async Task Of_two_nodes_to_which_a_client_comes_at_the_same_time_one_keeps_it()
    {
        await using TestNodes nodes = await TestNodes.StartAsync(count: 3);
        TestClient eve = await nodes[0].JoinAsAsync("eve", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        await ann.LoseAsync();
        nodes.LinkOf(1).Freeze();
        nodes.LinkOf(2).Freeze();
        TestClient one = await nodes[1].OpenAsync(new HubHandshake { Session = ann.Secret });
        TestClient two = await nodes[2].OpenAsync(new HubHandshake { Session = ann.Secret });
        await Task.WhenAll(Task.Run(nodes.LinkOf(1).Heal), Task.Run(nodes.LinkOf(2).Heal));
        // The later one has it; the earlier one is closed before it knows, or after.
        await Eventually.TrueAsync(() => nodes[1].Hub.ConnectionCount + nodes[2].Hub.ConnectionCount == 1);
        (TestClient kept, TestClient closed) = nodes[1].Hub.ConnectionCount == 1 ? (one, two) : (two, one);
        Assert.Equal(HubCloseStatus.SessionReplaced, (await closed.ClosedAsync()).Status);
        Assert.True((await kept.NextAsync("connected")).GetProperty("resumed").GetBoolean());
        Assert.Equal(2, (await kept.JoinAsync("tea")).Number("members"));
        await eve.ExpectNothingAsync();
        Assert.Equal(1, nodes.Store.Sessions.Count - 1);
    }

    [Fact]
    public async Task After_a_drain_clients_go_on_elsewhere_and_nobody_sees_them_leave()
    {
        // The clock is turned until the client has heard of it, however far.
        await using TestNodes nodes = await TestNodes.StartAsync(static options =>
            (options.ResumeWindow, options.PresenceGrace) = (TimeSpan.FromDays(1_000), TimeSpan.FromDays(1_000))
        );
        TestClient eve = await nodes[1].JoinAsAsync("eve", "tea");
        TestClient ann = await nodes[0].JoinAsAsync("ann", "tea");
        await eve.NextAsync("user-joined");
        Task draining = nodes[0].Hub.DrainAsync(new HubDrainOptions { Rate = 1_000 });
        Task<(CloseStatus Status, string, List<JsonElement>)> closed = ann.ClosedAsync();
        await Eventually.TrueAsync(() =>
        {
            nodes.Advance(TimeSpan.FromSeconds(1));
            return closed.IsCompleted;
        });
        Assert.Equal(CloseStatus.ServiceRestart, (await closed).Status);
        await draining;
        TestClient again = await ReturnAsync(nodes[1], ann);
        await again.JoinAsync("tea");
        nodes.Advance(TimeSpan.FromMinutes(1));
        await eve.ExpectNothingAsync();
    }

    /// <summary>A node takes a client's session in the store, and does nothing more. Returns the member that it would add.</summary>
    private static async Task<RoomMember> TakeAsync(MemoryHubEngine engine, TestClient client)
    {
        Assert.True(SessionSecret.TryParse(client.Secret, out string clientId, out byte[] secret));
        TakenSession taken = (await engine.Sessions.TakeAsync(clientId, SecretHash.Of(secret), default))!;
        string user = taken.Record.User.UserId;
        return new RoomMember(clientId, user, user, Metadata: null) { Generation = taken.Generation };
    }

    private static async Task<TestClient> ReturnAsync(TestHub node, TestClient client)
    {
        TestClient again = await node.ConnectAsync(new HubHandshake { Session = client.Secret });
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        return again;
    }

    private static async Task SayAsync(TestClient client, int content) =>
        await client.AskAsync($$"""{"type":"message","room":"tea","content":{{content}}}""", "message");
}
