namespace Longwire.Client.Tests;

/// <summary>A client that stays up, with its clock, its network and the states that it tells of.</summary>
internal sealed class ResilientWorld : IAsyncDisposable
{
    public ResilientWorld(Action<ResilientWebSocketOptions>? configure = null, string address = "ws://server.test/feed?key=1")
    {
        Network = new TestNetwork(Time);
        var options = new ResilientWebSocketOptions
        {
            TimeProvider = Time,
            Connect = Network.ConnectAsync,
            Random = () => Jitter,
        };
        configure?.Invoke(options);
        Socket = new ResilientWebSocket(address, options);
        States = new StateLog(Socket);
    }

    public VirtualClock Time { get; } = new();

    public TestNetwork Network { get; }

    public ResilientWebSocket Socket { get; }

    public StateLog States { get; }

    /// <summary>The next random number; the highest by default, so that a delay is the most that it may be.</summary>
    public double Jitter { get; set; } = 1;

    /// <summary>Starts the client, and lets it in.</summary>
    /// <returns>The server's end.</returns>
    public async Task<WebSocketConnection> OpenAsync()
    {
        Task connecting = Socket.ConnectAsync();
        WebSocketConnection server = await Network.AcceptAsync();
        await connecting.WaitAsync(Patience.Long);
        await States.UntilAsync(ClientState.Open);
        return server;
    }

    /// <summary>Waits for the client to wait, turns the clock to its next attempt, and lets it in.</summary>
    public async Task<WebSocketConnection> ReturnAsync()
    {
        await AttemptAsync();
        WebSocketConnection server = await Network.AcceptAsync();
        await States.UntilAsync(ClientState.Open);
        return server;
    }

    /// <summary>Waits for the client to wait, and turns the clock to its next attempt.</summary>
    public async Task<ClientStateChange> AttemptAsync()
    {
        ClientStateChange change = await States.UntilAsync(ClientState.Reconnecting);
        Time.Advance(change.Delay);
        return change;
    }

    public async ValueTask DisposeAsync()
    {
        // The clock stands still: nobody would wait long enough for a server that does not answer.
        Network.Abort();
        await Socket.DisposeAsync().AsTask().WaitAsync(Patience.Long);
    }

    /// <summary>The messages that a server has got.</summary>
    public static async Task<string> ReadAsync(WebSocketConnection server)
    {
        WebSocketMessage message = await server.ReadAsync().AsTask().WaitAsync(Patience.Long);
        return message.Text;
    }
}
