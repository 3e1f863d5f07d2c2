using System.Runtime.CompilerServices;

namespace Longwire;

/// <summary>
/// A message that is sent as it is written: each write is a fragment, or several when it is larger than 64 KiB. Writes wait while the peer
/// doesn't keep up. For one writer at a time; only asynchronous.
/// </summary>
/// <remarks>
/// <para>
/// The message ends when <see cref="CompleteAsync(CancellationToken)"/> says so. A message that is disposed of before, or whose write fails
/// or is cancelled, is abandoned: the connection closes with 1011, or, when nothing of it has left yet, goes on without it. So an exception
/// never makes half a message pass for a whole one.
/// </para>
/// <para>Nothing is gathered: who writes in small pieces puts a <see cref="BufferedStream"/> in front. A compressor keeps back what it
/// likes until <see cref="FlushAsync"/>.</para>
/// </remarks>
public sealed class WebSocketWriteStream : Stream
{
    private readonly WebSocketConnection _connection;
    private TaskCompletionSource? _room; // guarded by the connection's send lock
    private bool _completed;
    private bool _abandoned;

    internal WebSocketWriteStream(WebSocketConnection connection, MessageType type, bool compress)
    {
        _connection = connection;
        Type = type;
        Compress = compress;
    }

    /// <summary>The message's type.</summary>
    public MessageType Type { get; }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanWrite => !_completed && !_abandoned;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether it is compressed, unless it stays empty.</summary>
    internal bool Compress { get; }

    /// <summary>Whether anything was written. Guarded by the connection's send lock.</summary>
    internal bool HasContent { get; set; }

    /// <summary>Whether a fragment has left. Guarded by the connection's send lock.</summary>
    internal bool HasBegun { get; set; }

    /// <summary>Sends a part of the message; an empty one does nothing.</summary>
    /// <param name="buffer">The part; it must stay unchanged until the task completes.</param>
    /// <param name="cancellationToken">Ends the wait for room, and abandons the message.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="ObjectDisposedException">The message was completed or abandoned.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(!CanWrite, this);
        return buffer.IsEmpty ? default : WriteAsync(buffer, end: false, flush: false, cancellationToken);
    }

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    /// <param name="buffer">Holds the part.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="count">The part's length.</param>
    /// <param name="cancellationToken">Ends the wait for room, and abandons the message.</param>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Sends what a compressor has kept back; without one nothing is.</summary>
    /// <param name="cancellationToken">Ends the wait for room, and abandons the message.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        Compress && CanWrite ? WriteAsync(default, end: false, flush: true, cancellationToken).AsTask() : Task.CompletedTask;

    /// <summary>Ends the message. Safe to call twice.</summary>
    /// <param name="cancellationToken">Ends the wait for room, and abandons the message.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="ObjectDisposedException">The message was abandoned.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ValueTask CompleteAsync(CancellationToken cancellationToken = default) => CompleteAsync(default, cancellationToken);

    /// <summary>Sends the last part of the message, and ends it.</summary>
    /// <param name="lastPart">The part; it must stay unchanged until the task completes. May be empty.</param>
    /// <param name="cancellationToken">Ends the wait for room, and abandons the message.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="ObjectDisposedException">The message was abandoned, or completed and there is another part.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ValueTask CompleteAsync(ReadOnlyMemory<byte> lastPart, CancellationToken cancellationToken = default)
    {
        if (_completed && lastPart.IsEmpty)
        {
            return default;
        }

        ObjectDisposedException.ThrowIf(!CanWrite, this);
        return WriteAsync(lastPart, end: true, flush: false, cancellationToken);
    }

    /// <summary>Not supported: a connection never blocks a thread.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write a message by WriteAsync.");

    /// <summary>Does nothing: <see cref="FlushAsync"/> does.</summary>
    public override void Flush() { }

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Under the connection's send lock: what completes when there may be room again.</summary>
    internal Task WaitForRoom()
    {
        _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _room.Task;
    }

    /// <summary>Under the connection's send lock: ends the wait.</summary>
    internal void RoomIsThere()
    {
        _room?.SetResult();
        _room = null;
    }

    /// <summary>Abandons the message, unless it was completed.</summary>
    /// <param name="disposing">Whether it is disposed of.</param>
    protected override void Dispose(bool disposing)
    {
        if (disposing && CanWrite)
        {
            Abandon();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> payload, bool end, bool flush, CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadOnlyMemory<byte> part = payload[..Math.Min(payload.Length, SendQueue.SliceBytes)];
                payload = payload[part.Length..];
                while (!TryWrite(part.Span, end && payload.IsEmpty, flush, out Task room))
                {
                    await room.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            } while (!payload.IsEmpty);
            _completed = end;
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    // Sends a part of at most a slice. Where there is no room now, it returns false and what to wait for.
    private bool TryWrite(ReadOnlySpan<byte> part, bool end, bool flush, out Task room)
    {
        bool flushes;
        room = Task.CompletedTask;
        using (_connection.EnterSendLock())
        {
            if (!_connection.Closing.MaySend && _connection.IsForNobody(part.Length))
            {
                return true;
            }

            if (!_connection.Closing.MaySend || !_connection.Sending.IsOpen(this))
            {
                throw _connection.ClosedException();
            }

            if (!_connection.Sending.HasRoomForFragment)
            {
                room = WaitForRoom();
                return false;
            }

            flushes = _connection.Sending.WriteFragment(_connection.Target, this, part, end, flush);
            _connection.CountWaiting();
        }

        if (flushes)
        {
            ConnectionFlusher.Flush(_connection);
        }

        if (end)
        {
            SendWaiter.AdmitAll(_connection);
        }

        return true;
    }

    // The peer's part of a message that will not be completed can't be taken back, so this closes the connection.
    private void Abandon()
    {
        _abandoned = true;
        bool flush = false;
        using (_connection.EnterSendLock())
        {
            if (!_connection.Sending.IsOpen(this))
            {
                return;
            }

            if (!HasBegun && _connection.Closing.MaySend)
            {
                if (HasContent)
                {
                    // The compressor knows what the peer will never see.
                    _connection.Target.Deflate?.TrimSendContext();
                }

                flush = _connection.Sending.EndMessage(_connection.Target);
            }
        }

        if (flush)
        {
            ConnectionFlusher.Flush(_connection);
        }

        if (HasBegun)
        {
            _connection.TryClose(CloseStatus.InternalError, "A message was begun and not finished");
        }
        else
        {
            SendWaiter.AdmitAll(_connection);
        }
    }
}
