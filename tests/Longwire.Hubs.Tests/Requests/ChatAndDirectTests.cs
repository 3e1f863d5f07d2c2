using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class ChatAndDirectTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ChatAndDirectTests(null);

    public sealed class OnKestrel() : ChatAndDirectTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ChatAndDirectTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ChatAndDirectTests(ServerTransport.IoUring);

    [Fact]
    public async Task Chat_reaches_everyone_who_is_authenticated_the_sender_included()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        TestClient bob = await hub.ConnectAsAsync("bob");
        TestClient stranger = await hub.ConnectAsync();
        await ann.SendAsync("""{"type":"chat","message":"Hello!","timestamp":1}""");
        foreach (TestClient? client in new[] { ann, bob })
        {
            JsonElement chat = await client.NextAsync("chat");
            Assert.Equal(["type", "message", "userId", "username", "timestamp", "epoch", "offset", "tag"], chat.Names());
            Assert.Equal(("Hello!", "ann", "ann"), (chat.Text("message"), chat.Text("userId"), chat.Text("username")));
            Assert.Equal(hub.Time.GetUtcNow().ToUnixTimeMilliseconds(), chat.Number("timestamp"));
        }

        await stranger.ExpectNothingAsync();
    }

    [Fact]
    public async Task Chat_with_an_id_gets_an_ack()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.AskAsync("""{"type":"chat","message":"x","id":"c"}""", "chat");
        Assert.Equal("""{"type":"ack","id":"c"}""", (await ann.NextAsync("ack")).GetRawText());
    }

    [Fact]
    public async Task Chat_is_off_unless_allowed_and_needs_a_message()
    {
        await using TestHub hub = await StartHubAsync(options => options.AllowChat = false);
        await (await hub.ConnectAsAsync("ann")).ExpectErrorAsync("""{"type":"chat","message":"x"}""", "forbidden");
        await using TestHub other = await StartHubAsync();
        await (await other.ConnectAsAsync("ann")).ExpectErrorAsync("""{"type":"chat"}""", "invalid-format");
    }

    [Fact]
    public async Task A_direct_message_reaches_every_connection_of_the_user_and_nobody_else()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        TestClient first = await hub.ConnectAsAsync("bob");
        TestClient second = await hub.ConnectAsAsync("bob");
        TestClient eve = await hub.ConnectAsAsync("eve");
        JsonElement ack = await ann.AskAsync("""{"type":"direct","userId":"bob","content":{"x":1},"id":"d"}""", "ack");
        Assert.Equal("d", ack.Text("id"));
        foreach (TestClient? client in new[] { first, second })
        {
            JsonElement direct = await client.NextAsync("direct");
            Assert.Equal(["type", "from", "username", "message", "timestamp", "epoch", "offset", "tag"], direct.Names());
            Assert.Equal(
                ("ann", "ann", """{"x":1}"""),
                (direct.Text("from"), direct.Text("username"), direct.GetProperty("message").GetRawText())
            );
        }

        await ann.ExpectNothingAsync();
        await eve.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_direct_message_to_nobody_is_taken_and_forgotten()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        TestClient bob = await hub.ConnectAsAsync("bob");
        await bob.CloseAsync();
        await bob.Server.Completion;
        await ann.AskAsync("""{"type":"direct","userId":"bob","content":1,"id":"d"}""", "ack");
        await ann.ExpectNothingAsync();
    }

    [Theory]
    [InlineData("""{"type":"direct","content":1}""")]
    [InlineData("""{"type":"direct","userId":"","content":1}""")]
    [InlineData("""{"type":"direct","userId":5,"content":1}""")]
    [InlineData("""{"type":"direct","userId":"bob"}""")]
    public async Task A_direct_message_needs_a_user_and_content(string message)
    {
        await using TestHub hub = await StartHubAsync();
        await (await hub.ConnectAsAsync("ann")).ExpectErrorAsync(message, "invalid-format");
    }
}
