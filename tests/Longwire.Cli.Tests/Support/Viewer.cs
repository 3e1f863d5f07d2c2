using System.Text.Json;

namespace Longwire.Cli.Tests;

/// <summary>A client of the hub that has signed in, and asks one thing after the other.</summary>
internal sealed class Viewer : IAsyncDisposable
{
    private readonly WebSocketConnection _socket;

    private Viewer(WebSocketConnection socket) => _socket = socket;

    /// <summary>Signs in by a token; null where that is refused.</summary>
    public static async Task<Viewer?> SignInAsync(Uri hub, string token, WebSocketClientOptions? options = null)
    {
        var viewer = new Viewer(await WebSocketClient.ConnectAsync(hub, options));
        JsonElement answer = await viewer.AskAsync(
            new
            {
                type = "auth",
                token,
                id = "auth",
            }
        );
        if (answer.GetProperty("type").GetString() == "auth-success")
        {
            return viewer;
        }

        await viewer.DisposeAsync();
        return null;
    }

    public Task<JsonElement> JoinAsync(string room) =>
        AskAsync(
            new
            {
                type = "join-room",
                room,
                id = "join",
            }
        );

    /// <summary>Asks something with an id; the answer has the same.</summary>
    public async Task<JsonElement> AskAsync(object question)
    {
        string id = question.GetType().GetProperty("id")!.GetValue(question)!.ToString()!;
        await _socket.SendTextAsync(JsonSerializer.Serialize(question));
        return await UntilAsync(message => message.TryGetProperty("id", out JsonElement to) && to.GetString() == id);
    }

    /// <summary>The next message of a type.</summary>
    public Task<JsonElement> NextAsync(string type) => UntilAsync(message => message.GetProperty("type").GetString() == type);

    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private async Task<JsonElement> UntilAsync(Func<JsonElement, bool> condition)
    {
        JsonElement message;
        do
        {
            message = JsonDocument.Parse((await _socket.ReadAsync().AsTask().WaitAsync(Patience.Long)).Payload).RootElement.Clone();
        } while (!condition(message));

        return message;
    }
}
