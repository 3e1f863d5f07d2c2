using System.IO.Pipelines;
using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>
/// A client, mostly at the other end of a pipe. Waiting for a message has a time-out of its own, so that a test can't hang.
/// </summary>
internal sealed class TestClient
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly WebSocketConnection _client;
    private readonly Action _endSending;

    public TestClient(WebSocketConnection client, WebSocketConnection server, Action? endSending = null)
    {
        _client = client;
        _endSending = endSending ?? (static () => throw new NotSupportedException("This client can't end one direction alone."));
        Server = server;
    }

    /// <summary>
    /// The options of a client's own end: a small queue of messages unread, so that one that does not read holds the server back soon.
    /// </summary>
    public static WebSocketConnectionOptions OwnOptions { get; } = new() { ReceiveQueueBytes = 1024 };

    public static TestClient OverPipes(
        WebSocketHandler handler,
        WebSocketConnectionOptions? options,
        long pipeBytes,
        PipeScheduler? scheduler = null
    )
    {
        scheduler ??= PipeScheduler.ThreadPool;
        var up = new Pipe(new PipeOptions(null, scheduler, scheduler, 64 * 1024, 32 * 1024, useSynchronizationContext: false));
        var down = new Pipe(new PipeOptions(null, scheduler, scheduler, pipeBytes, pipeBytes / 2, useSynchronizationContext: false));
        var server = WebSocketConnection.FromPipe(new DuplexPipe(up.Reader, down.Writer), WebSocketRole.Server, options, handler);
        var client = WebSocketConnection.FromPipe(new DuplexPipe(down.Reader, up.Writer), WebSocketRole.Client, OwnOptions);
        return new TestClient(client, server, () => up.Writer.Complete());
    }

    public WebSocketConnection Server { get; }

    /// <summary>The contents of <c>connected</c>.</summary>
    public JsonElement Connected { get; set; }

    public string ClientId => Connected.Text("clientId");

    public string Secret => Connected.Text("session");

    public async Task SendAsync(string json) => await _client.SendTextAsync(json).AsTask().WaitAsync(_patience);

    public async Task SendAsync(ReadOnlyMemory<byte> payload, MessageType type) =>
        await _client.SendAsync(payload, type).AsTask().WaitAsync(_patience);

    public async Task<JsonElement> NextAsync()
    {
        WebSocketMessage message = await _client.ReadAsync().AsTask().WaitAsync(_patience);
        using var document = JsonDocument.Parse(message.Payload);
        return document.RootElement.Clone();
    }

    public async Task<JsonElement> NextAsync(string type)
    {
        JsonElement message = await NextAsync();
        Assert.True(message.Text("type") == type, $"Expected {type}, got {message}");
        return message;
    }

    /// <summary>Reads on to a message of the type given.</summary>
    public async Task<JsonElement> UntilAsync(string type)
    {
        while (true)
        {
            JsonElement message = await NextAsync();
            if (message.Text("type") == type)
            {
                return message;
            }
        }
    }

    /// <summary>Sends a message and returns the next one that comes, which has to be of the type given.</summary>
    public async Task<JsonElement> AskAsync(string json, string answerType)
    {
        await SendAsync(json);
        return await NextAsync(answerType);
    }

    public async Task<JsonElement> JoinAsync(string room) => await AskAsync($$"""{"type":"join-room","room":"{{room}}"}""", "joined-room");

    /// <summary>Sends a message and expects an error of the code given.</summary>
    public async Task<JsonElement> ExpectErrorAsync(string json, string code)
    {
        JsonElement error = await AskAsync(json, "error");
        Assert.Equal(code, error.Text("code"));
        return error;
    }

    /// <summary>Nothing is on its way: the answer to a ping sent now is the next to come.</summary>
    public async Task ExpectNothingAsync()
    {
        JsonElement pong = await AskAsync("""{"type":"ping","id":"nothing-before"}""", "pong");
        Assert.Equal("nothing-before", pong.Text("id"));
    }

    /// <summary>Reads to the end, and returns how the connection closed and what came before.</summary>
    public async Task<(CloseStatus Status, string Reason, List<JsonElement> Messages)> ClosedAsync()
    {
        List<JsonElement> messages = [];
        try
        {
            while (true)
            {
                messages.Add(await NextAsync());
            }
        }
        catch (WebSocketClosedException closed)
        {
            return (closed.Status, closed.Reason, messages);
        }
    }

    /// <summary>Says goodbye.</summary>
    public Task CloseAsync() => _client.CloseAsync().WaitAsync(_patience);

    /// <summary>Is gone, as when a cable is pulled.</summary>
    public void Abort() => _client.Abort();

    /// <summary>Ends its direction of the connection without a Close, and goes on reading.</summary>
    public void HalfClose() => _endSending();

    /// <summary>Is gone, and the server knows it.</summary>
    public async Task LoseAsync()
    {
        Abort();
        await Server.Completion.WaitAsync(_patience);
    }
}
