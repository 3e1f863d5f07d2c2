using System.Threading.Tasks.Sources;

namespace Longwire;

/// <summary>
/// A <c>SendAsync</c> that waits for room in the send queue, or an <c>OpenMessageAsync</c> that waits for its turn. Its fields are guarded
/// by the connection's send lock.
/// </summary>
internal sealed class SendWaiter : IValueTaskSource
{
    private readonly WebSocketConnection _connection;
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;

    public SendWaiter(
        WebSocketConnection connection,
        ReadOnlyMemory<byte> payload,
        MessageType type,
        PreparedMessage? prepared,
        bool compress
    )
    {
        _connection = connection;
        Payload = payload;
        Type = type;
        Prepared = prepared;
        Compress = compress;
    }

    public SendWaiter(WebSocketConnection connection, WebSocketWriteStream opens)
    {
        _connection = connection;
        Opens = opens;
    }

    /// <summary>The message that is to be opened; null when a whole one is to be sent.</summary>
    public WebSocketWriteStream? Opens { get; }

    public ReadOnlyMemory<byte> Payload { get; }

    public MessageType Type { get; }

    public PreparedMessage? Prepared { get; }

    public bool Compress { get; }

    /// <summary>Whether it is still in the list: who takes it out completes it.</summary>
    public bool IsWaiting { get; set; }

    public ValueTask AsValueTask(CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(static waiter => ((SendWaiter)waiter!).Cancel(), this);
        return new ValueTask(this, _source.Version);
    }

    public void Complete() => _source.SetResult(true);

    public void Fail(Exception exception) => _source.SetException(exception);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
        _registration.Dispose();
        _source.GetResult(token);
    }

    private void Cancel()
    {
        if (_connection.TryRemoveWaiter(this))
        {
            _source.SetException(new OperationCanceledException(_cancellationToken));
        }
    }
}
