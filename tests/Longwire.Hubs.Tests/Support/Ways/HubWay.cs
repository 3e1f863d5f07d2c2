using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>A client of a hub, whichever way it came: what it is told, and what its requests are answered, in one line.</summary>
internal abstract class HubWay(WaysServer server, string username)
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Lock _gate = new();
    private readonly List<JsonElement> _messages = [];
    private TaskCompletionSource _came = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected WaysServer Server => server;

    protected string Username => username;

    /// <summary>The newest secret of its session; null before the first.</summary>
    public string? Secret { get; private set; }

    public string ClientId { get; private set; } = "";

    public bool Resumed { get; private set; }

    public static HubWay Create(WayIn way, WaysServer server, string username) =>
        way switch
        {
            WayIn.WebSocket => new WebSocketWay(server, username),
            WayIn.Events => new EventsWay(server, username),
            WayIn.LongPolling => new PollWay(server, username, waitSeconds: 25),
            _ => new PollWay(server, username, waitSeconds: 0),
        };

    /// <summary>Connects, for the first time or again.</summary>
    public async Task ConnectAsync()
    {
        await OpenAsync();
        await UntilAsync("connected");
    }

    public abstract Task SendAsync(string json);

    /// <summary>Is gone, without a goodbye. It does not know what it has not read.</summary>
    public abstract Task LoseAsync();

    /// <summary>Says goodbye.</summary>
    public abstract Task CloseAsync();

    public async Task<JsonElement> JoinAsync(string room, string more = "")
    {
        await SendAsync($$"""{"type":"join-room","room":"{{room}}"{{more}}}""");
        return await UntilAsync("joined-room");
    }

    /// <summary>The next message of a type; others that came before wait for being asked for.</summary>
    public async Task<JsonElement> UntilAsync(string type)
    {
        while (true)
        {
            Task came;
            lock (_gate)
            {
                int index = _messages.FindIndex(message => message.Text("type") == type);
                if (index >= 0)
                {
                    JsonElement found = _messages[index];
                    _messages.RemoveAt(index);
                    return found;
                }

                JsonElement closed = _messages.Find(static message => message.Text("type") == "closed");
                Assert.True(closed.ValueKind == JsonValueKind.Undefined, $"It closed before a {type} came: {closed}");
                came = _came.Task;
            }

            await WaitAsync(came, type);
        }
    }

    private async Task WaitAsync(Task came, string type)
    {
        try
        {
            await came.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                Assert.Fail($"No {type} came to {Username}, but: {string.Join(' ', _messages)}");
            }
        }
    }

    /// <summary>How the hub closed the connection: its code.</summary>
    public async Task<long> ClosedAsync() => (await UntilAsync("closed")).Number("code");

    /// <summary>Whether a message of a type is there, after all that was on its way has come.</summary>
    public async Task<bool> HasHeardAsync(string type)
    {
        // The room's messages come in order: this one is behind all that was said before.
        string marker = Guid.NewGuid().ToString();
        await SendAsync($$"""{"type":"message","room":"tea","content":"{{marker}}"}""");
        while ((await UntilAsync("message")).GetProperty("message").ToString() != marker) { }

        lock (_gate)
        {
            return _messages.Exists(message => message.Text("type") == type);
        }
    }

    protected abstract Task OpenAsync();

    protected void Take(JsonElement message)
    {
        if (message.Text("type") == "connected")
        {
            // At once: the next request, which the same reader may make, must have the new secret.
            Secret = message.Text("session");
            ClientId = message.Text("clientId");
            Resumed = message.GetProperty("resumed").GetBoolean();
        }

        TaskCompletionSource came;
        lock (_gate)
        {
            _messages.Add(message);
            came = _came;
            _came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        came.SetResult();
    }

    protected void TakeClose(long code) => Take(Parse($$"""{"type":"closed","code":{{code}}}"""));

    /// <summary>Forgets what was not asked for.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _messages.Clear();
        }
    }

    protected static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
