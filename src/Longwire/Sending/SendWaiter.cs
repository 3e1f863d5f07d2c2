using System.Threading.Tasks.Sources;
using Longwire.Protocol;

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

    /// <summary>Lets in senders that wait, in order, as far as there is room; all of them where nothing can be sent any more.</summary>
    public static void AdmitAll(WebSocketConnection connection)
    {
        while (true)
        {
            SendWaiter? waiter;
            bool closed;
            bool flush;
            using (connection.EnterSendLock())
            {
                closed = !connection.Closing.MaySend;
                waiter = connection.Sending.NextWaiter(closed, connection.Options.SendQueueBytes);
                if (waiter is null)
                {
                    return;
                }

                flush =
                    !closed
                    && waiter.Opens is null
                    && connection.Write((Opcode)waiter.Type, waiter.Payload.Span, waiter.Prepared, waiter.Compress);
            }

            if (closed && !connection.IsForNobody(waiter.Payload.Length))
            {
                waiter._source.SetException(connection.ClosedException());
                continue;
            }

            waiter._source.SetResult(true);
            if (flush)
            {
                ConnectionFlusher.Flush(connection);
            }
        }
    }

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
        using (_connection.EnterSendLock())
        {
            if (!_connection.Sending.Remove(this))
            {
                return;
            }
        }

        // It may have been what kept those behind it.
        AdmitAll(_connection);
        _source.SetException(new OperationCanceledException(_cancellationToken));
    }
}
