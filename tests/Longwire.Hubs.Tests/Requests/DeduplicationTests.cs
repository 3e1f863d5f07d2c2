using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class DeduplicationTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : DeduplicationTests(null);

    public sealed class OnKestrel() : DeduplicationTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : DeduplicationTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : DeduplicationTests(ServerTransport.IoUring);

    private const string Message = """{"type":"message","room":"general","content":1,"id":"m1"}""";

    [Fact]
    public async Task A_message_sent_again_is_not_published_again_and_gets_the_first_ack()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.AskAsync(Message, "message");
        JsonElement first = await ann.NextAsync("ack");
        await ann.AskAsync("""{"type":"message","room":"general","content":2}""", "message");
        JsonElement again = await ann.AskAsync(Message, "ack");
        Assert.Equal(first.GetRawText()[..^1] + ",\"repeated\":true}", again.GetRawText());
        await ann.ExpectNothingAsync();
    }

    [Fact]
    public async Task Sessions_do_not_share_ids_and_kinds_of_request_do_not_either()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.AskAsync(Message, "message");
        await ann.NextAsync("ack");
        await ann.AskAsync("""{"type":"chat","message":"x","id":"m1"}""", "chat");
        await ann.NextAsync("ack");
        await ann.AskAsync("""{"type":"chat","message":"x","id":"m1"}""", "ack");
        TestClient bob = await hub.JoinAsAsync("bob", "general");
        await bob.AskAsync(Message, "message");
    }

    [Fact]
    public async Task An_id_is_forgotten_after_the_window()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.AskAsync(Message, "message");
        await ann.NextAsync("ack");
        Assert.Equal(24 * 60 * 60 * 1_000, ann.Connected.Number("idempotencyMs"));
        hub.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        await ann.AskAsync(Message, "ack");
        hub.Time.Advance(TimeSpan.FromSeconds(1));
        await ann.AskAsync(Message, "message");
        Assert.Equal(2, (await ann.NextAsync("ack")).Number("offset"));
    }

    [Fact]
    public async Task A_message_that_could_not_be_published_is_not_remembered()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        await ann.ExpectErrorAsync(Message, "unknown-room");
        await ann.JoinAsync("general");
        await ann.AskAsync(Message, "message");
    }

    [Fact]
    public async Task Sending_again_after_a_reconnect_is_safe()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.AskAsync(Message, "message");
        await ann.LoseAsync();
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        await again.JoinAsync("general");
        Assert.Equal(1, (await again.AskAsync(Message, "ack")).Number("offset"));
        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task The_same_id_for_two_rooms_is_two_messages()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "a");
        await ann.JoinAsync("b");
        await ann.AskAsync("""{"type":"message","room":"a","content":"one","id":"1"}""", "message");
        Assert.Equal("a", (await ann.NextAsync("ack")).Text("room"));
        Assert.Equal("b", (await ann.AskAsync("""{"type":"message","room":"b","content":"two","id":"1"}""", "message")).Text("room"));
        Assert.Equal("b", (await ann.NextAsync("ack")).Text("room"));
        Assert.Equal("a", (await ann.AskAsync("""{"type":"message","room":"a","content":"one","id":"1"}""", "ack")).Text("room"));
        Assert.Equal("b", (await ann.AskAsync("""{"type":"message","room":"b","content":"two","id":"1"}""", "ack")).Text("room"));
    }

    [Theory]
    [InlineData(
        """{"type":"message","room":"general","content":"one","id":"1"}""",
        """{"type":"message","room":"general","content":"two","id":"1"}"""
    )]
    [InlineData("""{"type":"chat","message":"one","id":"1"}""", """{"type":"chat","message":"two","id":"1"}""")]
    [InlineData("""{"type":"direct","userId":"eve","content":1,"id":"1"}""", """{"type":"direct","userId":"eve","content":2,"id":"1"}""")]
    public async Task The_same_id_with_other_content_is_an_error_that_says_so(string first, string second)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.JoinAsAsync("ann", "general");
        await ann.SendAsync(first);
        await ann.UntilAsync("ack");
        for (int count = 0; count < 2; count++)
        {
            JsonElement error = await ann.ExpectErrorAsync(second, "id-reused");
            Assert.Equal("1", error.Text("id"));
            Assert.Contains("another message", error.Text("message"));
            await ann.AskAsync(first, "ack");
        }
    }

    [Fact]
    public async Task The_same_id_for_two_users_is_two_direct_messages()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient ann = await hub.ConnectAsAsync("ann");
        TestClient bob = await hub.ConnectAsAsync("bob");
        TestClient eve = await hub.ConnectAsAsync("eve");
        await ann.AskAsync("""{"type":"direct","userId":"bob","content":1,"id":"1"}""", "ack");
        await ann.AskAsync("""{"type":"direct","userId":"eve","content":1,"id":"1"}""", "ack");
        await bob.NextAsync("direct");
        await eve.NextAsync("direct");
    }
}
