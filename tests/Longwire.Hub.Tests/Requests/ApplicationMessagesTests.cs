using System.Text;
using System.Text.Json;

namespace Longwire.Hub.Tests;

public abstract class ApplicationMessagesTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ApplicationMessagesTests(null);

    public sealed class OnKestrel() : ApplicationMessagesTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ApplicationMessagesTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ApplicationMessagesTests(ServerTransport.IoUring);

    private static readonly byte[] Metrics = """{"type":"metrics","cpu":0.5}"""u8.ToArray();

    [Fact]
    public async Task A_message_goes_to_all_to_a_room_or_to_a_user()
    {
        await using var hub = await StartHubAsync();
        var ann = await hub.JoinAsAsync("ann", "general");
        var bob = await hub.ConnectAsAsync("bob");
        var stranger = await hub.ConnectAsync();

        await hub.Hub.SendToAllAsync(Metrics);
        Assert.Equal(Encoding.UTF8.GetString(Metrics), (await ann.NextAsync()).GetRawText());
        await bob.NextAsync("metrics");
        await hub.Hub.SendToRoomAsync("general", Metrics);
        await ann.NextAsync("metrics");
        await hub.Hub.SendToUserAsync("bob", Metrics);
        await bob.NextAsync("metrics");
        await hub.Hub.SendToAllAsync(Metrics, exceptClientId: ann.ClientId);
        await bob.NextAsync("metrics");
        await hub.Hub.SendToRoomAsync("general", Metrics, exceptClientId: ann.ClientId);
        await hub.Hub.SendToRoomAsync("nowhere", Metrics);
        await hub.Hub.SendToUserAsync("nobody", Metrics);
        await ann.ExpectNothingAsync();
        await bob.ExpectNothingAsync();
        await stranger.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_session_can_be_sent_to_by_itself()
    {
        await using var hub = await StartHubAsync();
        var ann = await hub.ConnectAsAsync("ann");
        var session = hub.Hub.FindSession(ann.ClientId)!;
        Assert.True(session.IsConnected);
        Assert.True(session.TrySend(Metrics));
        await ann.NextAsync("metrics");
        await ann.LoseAsync();
        Assert.False(session.IsConnected);
        Assert.False(session.TrySend(Metrics));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"type":5}""")]
    [InlineData("""{"type":"x"}}""")]
    public async Task What_is_no_message_is_the_callers_fault(string json)
    {
        await using var hub = await StartHubAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.SendToAllAsync(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public async Task Notifications_go_to_a_user_a_room_or_all()
    {
        await using var hub = await StartHubAsync();
        var ann = await hub.JoinAsAsync("ann", "general");
        using var data = JsonDocument.Parse("""{"url":"/x"}""");
        await hub.Hub.NotifyUserAsync("ann", new HubNotification("Title", "Text") { Priority = "high", Data = data.RootElement });
        var notification = await ann.NextAsync("notification");
        Assert.Equal(["type", "title", "message", "priority", "timestamp", "data"], notification.Names());
        Assert.Equal(("Title", "Text", "high", """{"url":"/x"}"""), (notification.Text("title"), notification.Text("message"), notification.Text("priority"), notification.GetProperty("data").GetRawText()));
        await hub.Hub.NotifyRoomAsync("general", new HubNotification("Title", "Text"));
        notification = await ann.NextAsync("notification");
        Assert.Equal("normal", notification.Text("priority"));
        Assert.False(notification.Has("data"));
        await hub.Hub.NotifyAllAsync(new HubNotification("Title", "Text"));
        await ann.NextAsync("notification");
    }

    [Fact]
    public async Task A_kicked_user_is_closed_on_every_connection_and_leaves_at_once()
    {
        await using var hub = await StartHubAsync();
        var witness = await hub.JoinAsAsync("eve", "general");
        var first = await hub.JoinAsAsync("ann", "general");
        await witness.NextAsync("user-joined");
        var second = await hub.ConnectAsAsync("ann");
        await hub.Hub.KickUserAsync("ann");
        foreach (var client in new[] { first, second })
        {
            var (status, reason, _) = await client.ClosedAsync();
            Assert.Equal((HubCloseStatus.Kicked, "Kicked"), (status, reason));
        }

        await witness.NextAsync("user-left");
        await witness.ExpectNothingAsync();
    }

    [Fact]
    public async Task One_session_can_be_kicked_connected_or_lost()
    {
        await using var hub = await StartHubAsync();
        var first = await hub.ConnectAsAsync("ann");
        var second = await hub.ConnectAsAsync("ann");
        await hub.Hub.KickSessionAsync(first.ClientId);
        Assert.Equal(HubCloseStatus.Kicked, (await first.ClosedAsync()).Status);
        await second.ExpectNothingAsync();
        await second.LoseAsync();
        await hub.Hub.KickSessionAsync(second.ClientId);
        Assert.Null(hub.Hub.FindSession(second.ClientId));
        await hub.Hub.KickSessionAsync("nobody");
    }
}
