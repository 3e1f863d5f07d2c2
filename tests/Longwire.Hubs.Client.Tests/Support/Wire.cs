using System.Text.Json;

namespace Longwire.Hubs.Client.Tests;

/// <summary>
/// The way between a client and a real hub, in the hands of a test: it sees each message, and can lose it, cut the connection, or refuse
/// the next.
/// </summary>
internal sealed class Wire(Func<Uri, WebSocketHandler, WebSocketClientOptions, CancellationToken, Task<WebSocketConnection>> toHub)
{
    private readonly Lock _gate = new();
    private readonly List<JsonElement> _fromClient = [];
    private readonly List<JsonElement> _fromHub = [];
    private readonly List<WebSocketClientOptions> _handshakes = [];
    private readonly List<(List<JsonElement> Seen, string Type, int Count, TaskCompletionSource Done)> _waiters = [];
    private Passage? _passage;

    /// <summary>Whether a message of the client's goes through; null for all.</summary>
    public Func<JsonElement, bool>? LetsUp { get; set; }

    /// <summary>Whether a message of the hub's goes through; null for all.</summary>
    public Func<JsonElement, bool>? LetsDown { get; set; }

    /// <summary>Changes a message of the client's before the hub gets it; null for no change.</summary>
    public Func<string, string>? RewriteUp { get; set; }

    /// <summary>Changes a message of the hub's before the client gets it; null for no change.</summary>
    public Func<string, string>? RewriteDown { get; set; }

    /// <summary>Why no attempt comes through; null to let them.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>The client's messages, on all connections.</summary>
    public JsonElement[] FromClient => Snapshot(_fromClient);

    /// <summary>The hub's messages, on all connections.</summary>
    public JsonElement[] FromHub => Snapshot(_fromHub);

    /// <summary>The handshakes that the client has made.</summary>
    public WebSocketClientOptions[] Handshakes => Snapshot(_handshakes);

    public async Task<WebSocketConnection> ConnectAsync(
        Uri address,
        WebSocketHandler handler,
        WebSocketClientOptions options,
        CancellationToken cancellationToken
    )
    {
        lock (_gate)
        {
            _handshakes.Add(options);
        }

        if (Refusal is { } refusal)
        {
            throw refusal;
        }

        var passage = new Passage(this, options.Connection.TimeProvider);
        _passage = passage;
        passage.Hub = await toHub(address, passage, options, cancellationToken);
        _ = passage.RunAsync();
        return WebSocketConnection.FromStream(passage.ClientEnd, WebSocketRole.Client, options.Connection, handler);
    }

    /// <summary>Waits until the client has sent so many messages of a type, whether they went through or not.</summary>
    public Task FromClientAsync(string type, int count) => UntilAsync(_fromClient, type, count);

    /// <summary>Waits until the hub has sent so many messages of a type, whether they went through or not.</summary>
    public Task FromHubAsync(string type, int count) => UntilAsync(_fromHub, type, count);

    /// <summary>Cuts the connection, without a Close frame.</summary>
    public void Cut()
    {
        _passage!.Hub.Abort();
        _passage.Client.Abort();
    }

    /// <summary>Says something to the client in the hub's place.</summary>
    public void SendDown(string json) => _passage!.Client.TrySend(json);

    /// <summary>Closes the client's connection in the hub's place.</summary>
    public void Close(int status, string reason)
    {
        _passage!.Client.TryClose((CloseStatus)status, reason);
        _passage.Hub.Abort();
    }

    private bool Pass(List<JsonElement> seen, string text, Func<JsonElement, bool>? lets)
    {
        JsonElement json = JsonElement.Parse(text);
        lock (_gate)
        {
            seen.Add(json);
        }

        bool passes = lets?.Invoke(json) ?? true;
        lock (_gate)
        {
            Release();
        }

        return passes;
    }

    private Task UntilAsync(List<JsonElement> seen, string type, int count)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiters.Add((seen, type, count, done));
            Release();
        }

        return done.Task.WaitAsync(Patience.Long);
    }

    private void Release() =>
        _waiters.RemoveAll(static waiter =>
            waiter.Seen.Count(message => HubWorld.Is(message, waiter.Type)) >= waiter.Count && waiter.Done.TrySetResult()
        );

    private T[] Snapshot<T>(List<T> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }

    private sealed class Passage : WebSocketHandler
    {
        private readonly Wire _wire;

        public Passage(Wire wire, TimeProvider time)
        {
            _wire = wire;
            (ClientEnd, Stream end) = DuplexStream.CreatePair();
            var options = new WebSocketConnectionOptions { TimeProvider = time, PingInterval = Timeout.InfiniteTimeSpan };
            Client = WebSocketConnection.FromStream(end, WebSocketRole.Server, options);
        }

        public Stream ClientEnd { get; }

        public WebSocketConnection Client { get; }

        public WebSocketConnection Hub { get; set; } = null!;

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            string text = System.Text.Encoding.UTF8.GetString(payload);
            if (_wire.Pass(_wire._fromHub, text, _wire.LetsDown))
            {
                Client.TrySend(_wire.RewriteDown?.Invoke(text) ?? text);
            }
        }

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason)
        {
            if (status == CloseStatus.Abnormal || !Client.TryClose(status, reason))
            {
                Client.Abort();
            }
        }

        public async Task RunAsync()
        {
            await foreach (WebSocketMessage message in Client.ReadAllAsync())
            {
                if (_wire.Pass(_wire._fromClient, message.Text, _wire.LetsUp))
                {
                    Hub.TrySend(_wire.RewriteUp?.Invoke(message.Text) ?? message.Text);
                }
            }

            if (Client.CloseStatus == CloseStatus.Abnormal || !Hub.TryClose(Client.CloseStatus!.Value, Client.CloseReason))
            {
                Hub.Abort();
            }
        }
    }
}
