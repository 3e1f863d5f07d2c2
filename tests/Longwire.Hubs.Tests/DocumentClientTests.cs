using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>The clients that tutorials print: what they send, and what they read of the answers.</summary>
public abstract class DocumentClientTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : DocumentClientTests(null);

    public sealed class OnKestrel() : DocumentClientTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : DocumentClientTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : DocumentClientTests(ServerTransport.IoUring);

    [Fact]
    public async Task The_chat_client_authenticates_joins_and_shows_messages_and_people()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.Welcome = "Connected to server";
            options.AnnouncedConnections = 100;
        });
        var shown = new List<string>();
        TestClient ann = await hub.OpenAsync();

        // All at once, without waiting for answers.
        await ann.SendAsync("""{"type":"auth","token":"valid-token","username":"Ann"}""");
        await ann.SendAsync("""{"type":"join-room","room":"general"}""");
        await ann.SendAsync("""{"type":"message","room":"general","content":"Hello!"}""");
        await ShowUntilAsync(ann, shown, "Ann: Hello!");
        TestClient bob = await hub.ConnectAsAsync("Bob");
        await bob.SendAsync("""{"type":"join-room","room":"general"}""");
        await ShowUntilAsync(ann, shown, "Bob joined");
        await bob.CloseAsync();
        await ShowUntilAsync(ann, shown, "Bob left");
        Assert.Equal(["Ann: Hello!", "Bob joined", "Bob left"], shown.Where(line => !line.StartsWith(" ")));
    }

    [Fact]
    public async Task The_simple_client_chats_without_a_token_where_none_is_required()
    {
        await using TestHub hub = await StartHubAsync(options =>
        {
            options.AllowGuests = true;
            options.Welcome = "Connected to server";
            options.AnnouncedConnections = 100;
        });
        TestClient client = await hub.OpenAsync();
        await client.NextAsync("connected");
        JsonElement welcome = await client.NextAsync("welcome");
        Assert.Equal(("Connected to server", 1), (welcome.Text("message"), welcome.Number("clients")));

        // It begins with a text that is no JSON and ends with four bytes: errors, and the connection lives on.
        await client.ExpectErrorAsync("Hello Server!", "invalid-json");
        JsonElement chat = await client.AskAsync("""{"type":"chat","message":"Hello!","timestamp":1700000000000}""", "chat");
        Assert.Equal("Hello!", chat.Text("message"));
        await client.SendAsync(new byte[] { 1, 2, 3, 4 }, MessageType.Binary);
        await client.NextAsync("error");
        Assert.True((await client.AskAsync("""{"type":"ping"}""", "pong")).Has("timestamp"));
    }

    private static async Task ShowUntilAsync(TestClient client, List<string> shown, string line)
    {
        while (shown.LastOrDefault() != line)
        {
            JsonElement data = await client.NextAsync();
            string text = data.Text("type") switch
            {
                "message" => $"{Field(data, "username")}: {Field(data, "message")}",
                "user-joined" when data.Has("room") => $"{Field(data, "username")} joined",
                "user-left" when data.Has("room") => $"{Field(data, "username")} left",
                _ => " ",
            };
            shown.Add(text);
        }
    }

    private static string Field(JsonElement data, string name) => data.Has(name) ? data.Text(name) : "undefined";
}
