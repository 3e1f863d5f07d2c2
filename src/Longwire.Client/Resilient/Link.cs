namespace Longwire.Client;

/// <summary>One connection of a client that stays up, from its attempt to its end.</summary>
internal sealed class Link(ResilientWebSocket owner) : WebSocketHandler
{
    private readonly TaskCompletionSource<ConnectionEnding> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConnectionEnding? _cause;
    private int _isProbing;
    private long _received;

    /// <summary>The connection; null until the opening handshake is done.</summary>
    public WebSocketConnection? Connection { get; private set; }

    /// <summary>How the connection ended.</summary>
    public Task<ConnectionEnding> Ended => _ended.Task;

    /// <summary>Whether the connection has ended.</summary>
    public bool IsLost { get; set; }

    public override void OnOpen(WebSocketConnection connection) => Connection = connection;

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        _received++;
        owner.OnMessage(this, connection, type, payload);
    }

    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason)
    {
        owner.OnLost(this, status);
        _ended.TrySetResult(_cause ?? ConnectionEnding.Of(status, reason, connection.HandlerError ?? connection.Error));
    }

    /// <summary>Ends the connection at once, without a Close frame.</summary>
    public void Drop(ConnectionEnding cause)
    {
        _cause ??= cause;
        Connection?.Abort();
    }

    /// <summary>Asks the server for a sign of life, and drops the connection when nothing at all is received in time.</summary>
    public async Task ProbeAsync(TimeSpan timeout, TimeProvider time)
    {
        if (Connection is not { } connection || Interlocked.Exchange(ref _isProbing, 1) != 0)
        {
            return;
        }

        long received = Volatile.Read(ref _received);
        using var end = new CancellationTokenSource(timeout, time);
        try
        {
            await connection.PingAsync(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (Volatile.Read(ref _received) == received && !owner.IsHeldBack)
            {
                Drop(ConnectionEnding.Silent);
            }
        }
        catch (WebSocketClosedException)
        {
            // It has ended meanwhile, and the client knows.
        }

        Volatile.Write(ref _isProbing, 0);
    }
}
