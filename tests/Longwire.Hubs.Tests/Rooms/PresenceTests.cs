using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class PresenceTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : PresenceTests(null);

    public sealed class OnKestrel() : PresenceTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : PresenceTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : PresenceTests(ServerTransport.IoUring);

    [Fact]
    public async Task The_members_are_listed_by_user_with_their_connections_and_metadata()
    {
        await using TestHub hub = await StartHubAsync();
        var eve = new HubIdentity("u-eve", "Eve") { Metadata = JsonDocument.Parse("""{"colour":"red"}""").RootElement };
        TestClient client = await hub.ConnectAsync(new HubHandshake { Identity = eve });
        await client.JoinAsync("general");
        await hub.JoinAsAsync("ann", "general");
        await client.NextAsync("user-joined");
        await hub.JoinAsAsync("ann", "general");
        JsonElement presence = await client.AskAsync("""{"type":"presence","room":"general","id":"p"}""", "presence");
        Assert.Equal(["type", "room", "members", "id"], presence.Names());
        JsonElement[] members = presence.GetProperty("members").EnumerateArray().OrderBy(member => member.Text("userId")).ToArray();
        Assert.Equal("""{"userId":"ann","username":"ann","connections":2,"metadata":{}}""", members[0].GetRawText());
        Assert.Equal("""{"userId":"u-eve","username":"Eve","connections":1,"metadata":{"colour":"red"}}""", members[1].GetRawText());
    }

    [Fact]
    public async Task The_list_is_limited()
    {
        await using TestHub hub = await StartHubAsync(options => options.MaxPresenceMembers = 2);
        await hub.JoinAsAsync("a", "general");
        await hub.JoinAsAsync("b", "general");
        TestClient client = await hub.JoinAsAsync("c", "general");
        Assert.Equal(
            2,
            (await client.AskAsync("""{"type":"presence","room":"general"}""", "presence")).GetProperty("members").GetArrayLength()
        );
    }

    [Theory]
    [InlineData("""{"type":"presence","room":"elsewhere"}""", "unknown-room")]
    [InlineData("""{"type":"presence","room":"general"}""", "not-in-room")]
    [InlineData("""{"type":"presence","room":{}}""", "invalid-format")]
    public async Task Only_members_may_see_it(string message, string code)
    {
        await using TestHub hub = await StartHubAsync();
        await hub.JoinAsAsync("ann", "general");
        TestClient client = await hub.ConnectAsAsync("bob");
        await client.ExpectErrorAsync(message, code);
    }
}
