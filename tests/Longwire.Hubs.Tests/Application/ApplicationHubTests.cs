using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Hubs.Tests;

public sealed class ApplicationHubTests
{
    [Fact]
    public async Task A_published_record_lies_flat_and_is_kept()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub => hub.MapRoom("metrics").WithHistory(10, TimeSpan.FromHours(1)));
        RoomPosition position = await host.Hub.Room("metrics").PublishAsync(new UserMetrics(0.5, 3));
        HubTestClient ann = await host.ConnectAsync("ann");
        JoinedRoom joined = await ann.JoinAsync("metrics", history: 10);
        Assert.Equal(
            $$"""{"type":"user-metrics","room":"metrics","cpu":0.5,"activeUsers":3,"timestamp":1893456000000,"epoch":"{{position.Epoch}}","offset":1,"tag":"{{position.Tag:x16}}"}""",
            Assert.Single(joined.Messages).ToString()
        );
    }

    [Fact]
    public async Task A_timestamp_of_the_messages_own_goes_before_the_hubs()
    {
        await using HubTestHost host = await HubTestHost.StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        await host.Hub.All.SendAsync(new Dated(7));
        Assert.Equal("""{"type":"a-date","timestamp":7}""", (await ann.NextAsync("a-date")).ToString());
    }

    [Fact]
    public async Task What_is_sent_reaches_a_room_a_user_a_session_or_all()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub => hub.MapRoom("a"));
        HubTestClient ann = await host.ConnectAsync("ann");
        HubTestClient ann2 = await host.ConnectAsync("ann");
        HubTestClient bob = await host.ConnectAsync("bob");
        await ann.JoinAsync("a");
        await bob.JoinAsync("a");
        await host.Hub.Room("a").SendAsync(new Dated(1));
        await host.Hub.Room("a").Except(ann.ClientId).SendAsync(new Dated(2));
        await host.Hub.User("ann").SendAsync(new Dated(3));
        await host.Hub.Session(ann2.ClientId).SendAsync(new Dated(4));
        await host.Hub.All.SendAsync(new Dated(5));
        Assert.Equal("1 3 5", await DatesAsync(ann));
        Assert.Equal("3 4 5", await DatesAsync(ann2));
        Assert.Equal("1 2 5", await DatesAsync(bob));
        Assert.Throws<InvalidOperationException>(() => host.Hub.Room("a").Others);
    }

    [Fact]
    public async Task Notifications_reach_a_user_or_all()
    {
        await using HubTestHost host = await HubTestHost.StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        await host.Hub.User("ann").NotifyAsync(new("Order received", "Tea"));
        await host.Hub.All.NotifyAsync(new("Closing", "Soon") { Priority = "high" });
        Assert.Equal("Tea", (await ann.NextAsync("notification")).As<HubNotification>().Message);
        Assert.Equal("high", (await ann.NextAsync("notification")).As<HubNotification>().Priority);
    }

    [Fact]
    public async Task A_closed_room_is_left_by_all_with_the_reason()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub => hub.MapRoom("a"));
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("a");
        await host.Hub.Room("a").CloseAsync("Deleted");
        Assert.Equal("Deleted", (await ann.NextAsync("left-room")).Json.GetProperty("reason").GetString());
        await ann.JoinAsync("a");
    }

    [Fact]
    public async Task The_hub_puts_those_who_connect_into_rooms()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(
            hub =>
            {
                hub.MapRoom("metrics");
                hub.OnConnect((IHubSession me) => me.JoinAsync("metrics"));
            },
            options: options => options.AllowGuests = true
        );
        HubTestClient ann = await host.ConnectAsync();
        await ann.NextAsync("joined-room");
        await host.Hub.Room("metrics").SendAsync(new Dated(1));
        Assert.Equal(1, (await ann.NextAsync<Dated>()).Timestamp);
        Assert.False(await host.Hub.Session(ann.ClientId).LeaveAsync("other"));
        Assert.True(await host.Hub.Session(ann.ClientId).LeaveAsync("metrics"));
        await ann.NextAsync("left-room");
    }

    [Fact]
    public async Task A_hook_may_name_its_own_session_by_id()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
        {
            hub.MapRoom("a");
            hub.On<Dated>(async (HubRequest request, Dated date, IHub it) => await it.Session(request.Session.ClientId).JoinAsync("a"));
        });
        HubTestClient ann = await host.ConnectAsync("ann");
        ann.Send(null, new Dated(1));
        await ann.NextAsync("joined-room");
    }

    [Fact]
    public async Task A_session_that_was_refused_is_not_put_into_the_room()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub => hub.MapRoom("a").OnJoin(join => join.Refuse("No")));
        HubTestClient ann = await host.ConnectAsync("ann");
        Assert.False(await host.Hub.Session(ann.ClientId).JoinAsync("a"));
        Assert.DoesNotContain(ann.Received, m => m.Type == "error");
        Assert.Throws<SessionEndedException>(() => host.Hub.Session("nobody").JoinAsync("a"));
    }

    [Fact]
    public async Task OnAuthenticate_decides_whose_a_token_is()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
            hub.OnAuthenticate(
                (AuthenticateRequest auth) =>
                    auth.Token == "valid-token" ? auth.Accept(userId: "u1", username: auth.Username) : auth.Refuse("Wrong token")
            )
        );
        HubTestClient ann = await host.ConnectAsync();
        await ann.AuthenticateAsync("valid-token", "ann");
        Assert.Equal(("u1", "ann"), (ann.Received[^1].UserId, ann.Received[^1].Username));
        HubTestClient eve = await host.ConnectAsync();
        await Assert.ThrowsAsync<WebSocketClosedException>(() => eve.AuthenticateAsync("another"));
        Assert.Equal("Wrong token", (await eve.NextAsync("auth-failed")).Json.GetProperty("message").GetString());
        Assert.Equal(CloseStatus.PolicyViolation, eve.ClosedWith);
    }

    [Fact]
    public async Task What_the_hub_says_itself_can_not_be_sent()
    {
        await using HubTestHost host = await HubTestHost.StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await host.Hub.All.SendAsync(new Forged(1)));
    }

    private static async Task<string> DatesAsync(HubTestClient client)
    {
        await client.FlushAsync();
        return string.Join(' ', client.Received.Where(m => m.Type == "a-date").Select(m => m.As<Dated>().Timestamp));
    }

    private sealed record UserMetrics(double Cpu, int ActiveUsers);

    [HubMessage("a-date")]
    private sealed record Dated(long Timestamp);

    [HubMessage("auth-success")]
    private sealed record Forged(int Number);
}
