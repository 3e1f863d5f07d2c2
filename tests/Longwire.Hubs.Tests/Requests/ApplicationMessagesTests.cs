using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class ApplicationMessagesTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ApplicationMessagesTests(null);

    public sealed class OnKestrel() : ApplicationMessagesTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ApplicationMessagesTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ApplicationMessagesTests(ServerTransport.IoUring);

    private static readonly byte[] _metrics = """{"type":"metrics","cpu":0.5}"""u8.ToArray();

    [Fact]
    public async Task A_message_goes_to_all_to_a_room_or_to_a_user()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        TestClient bob = await hub.ConnectAsAsync("bob");
        TestClient stranger = await hub.ConnectAsync();

        await hub.Hub.SendToAllAsync(_metrics);
        Assert.Equal(Encoding.UTF8.GetString(_metrics), (await ann.NextAsync()).GetRawText());
        await bob.NextAsync("metrics");
        await hub.Hub.SendToRoomAsync("general", _metrics);
        await ann.NextAsync("metrics");
        await hub.Hub.SendToUserAsync("bob", _metrics);
        await bob.NextAsync("metrics");
        await hub.Hub.SendToAllAsync(_metrics, exceptClientId: ann.ClientId);
        await bob.NextAsync("metrics");
        await hub.Hub.SendToRoomAsync("general", _metrics, exceptClientId: ann.ClientId);
        await hub.Hub.SendToRoomAsync("nowhere", _metrics);
        await hub.Hub.SendToUserAsync("nobody", _metrics);
        await ann.ExpectNothingAsync();
        await bob.ExpectNothingAsync();
        await stranger.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_session_can_be_sent_to_by_itself()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        HubSession session = hub.Hub.FindSession(ann.ClientId)!;
        Assert.True(session.IsConnected);
        Assert.True(session.TrySend(_metrics));
        await ann.NextAsync("metrics");
        await ann.LoseAsync();
        Assert.False(session.IsConnected);
        Assert.False(session.TrySend(_metrics));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"type":5}""")]
    [InlineData("""{"type":"x"}}""")]
    public async Task What_is_no_message_is_the_callers_fault(string json)
    {
        await using TestHub hub = await StartHubAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await hub.Hub.SendToAllAsync(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public async Task Notifications_go_to_a_user_a_room_or_all()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        using var data = JsonDocument.Parse("""{"url":"/x"}""");
        await hub.Hub.NotifyUserAsync("ann", new HubNotification("Title", "Text") { Priority = "high", Data = data.RootElement });
        JsonElement notification = await ann.NextAsync("notification");
        Assert.Equal(["type", "title", "message", "priority", "data", "timestamp", "epoch", "offset", "tag"], notification.Names());
        Assert.Equal(
            ("Title", "Text", "high", """{"url":"/x"}"""),
            (
                notification.Text("title"),
                notification.Text("message"),
                notification.Text("priority"),
                notification.GetProperty("data").GetRawText()
            )
        );
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
        await using TestHub hub = await StartHubAsync();
        TestClient witness = await hub.JoinAsAsync("eve", "general");
        TestClient first = await hub.JoinAsAsync("ann", "general");
        await witness.NextAsync("user-joined");
        TestClient second = await hub.ConnectAsAsync("ann");
        await hub.Hub.KickUserAsync("ann");
        foreach (TestClient? client in new[] { first, second })
        {
            (CloseStatus status, string? reason, List<JsonElement> _) = await client.ClosedAsync();
            Assert.Equal((HubCloseStatus.Kicked, "Kicked"), (status, reason));
        }

        await witness.NextAsync("user-left");
        await witness.ExpectNothingAsync();
    }

    [Fact]
    public async Task One_session_can_be_kicked_connected_or_lost()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient first = await hub.ConnectAsAsync("ann");
        TestClient second = await hub.ConnectAsAsync("ann");
        await hub.Hub.KickSessionAsync(first.ClientId);
        Assert.Equal(HubCloseStatus.Kicked, (await first.ClosedAsync()).Status);
        await second.ExpectNothingAsync();
        await second.LoseAsync();
        await hub.Hub.KickSessionAsync(second.ClientId);
        Assert.Null(hub.Hub.FindSession(second.ClientId));
        await hub.Hub.KickSessionAsync("nobody");
    }
}
