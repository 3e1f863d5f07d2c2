using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Longwire.Protocol;

namespace Longwire;

// Sending: framed once into the transport's output where that is free, else queued. All that is written while the
// connection works through one read, or while a flush is under way, leaves in one flush.
//
// Invariants, under the send lock: while _flushing, the output belongs to the transport, and while a thread works through a
// read, to that thread; what others send goes to the queue. The queue is empty whenever the output belongs to nobody; waiters
// wait only while the queue is not empty.
//
// Messages that the reading thread sends itself, as an echo or an answer, need no lock while nothing is in its
// way (_direct). Whoever puts something in its way does so under the lock and takes _direct back; a frame that is being written
// at that moment goes before it.
public sealed partial class WebSocketConnection
{
    private const int MaxFlushesInARow = 64;

    // This thread's number, once it has worked through a read: the runtime's own takes a call for each message.
    [ThreadStatic]
    private static int _thread;

    private SendQueue? _queue;
    private SendBacklog? _backlog;
    private int _outputBytes; // written into the output since the last flush
    private bool _flushing;
    private volatile bool _direct;
    private int _corkedBy; // the thread that works through a read, and flushes at its end; 0 for none

    // Under the send lock.
    private bool MaySend => _closing.MaySend;

    // Under the send lock. Whether frames may be written into the output by this thread.
    private bool IsOutputFree => !_flushing && (_corkedBy == 0 || _corkedBy == _thread);

    private SendBacklog TheBacklog
    {
        get
        {
            _direct = false;
            return _backlog ??= new SendBacklog();
        }
    }

    private enum SendOutcome
    {
        Taken,
        Full,
        Closed,
    }

    /// <summary>Bytes of messages that wait because the peer reads too slowly, or because a flush is under way.</summary>
    public long PendingSendBytes
    {
        get
        {
            lock (_transport)
            {
                return (_queue?.Bytes ?? 0) + (Held?.Bytes ?? 0);
            }
        }
    }

    /// <summary>Sends a message, or says at once that it can't. Never waits; thread safe.</summary>
    /// <param name="payload">The payload, copied before the call returns. For <see cref="MessageType.Text"/> it must be UTF-8.</param>
    /// <param name="type">The type.</param>
    /// <param name="compress">
    /// False to send it uncompressed where permessage-deflate was agreed on, as for what is compressed already, or secret beside what an
    /// attacker chooses.
    /// </param>
    /// <returns>
    /// False when the message was not taken: the connection is closing, or the send queue is full. Under
    /// <see cref="SendQueueFullMode.DropOldest"/> a full queue makes room, under <see cref="SendQueueFullMode.Disconnect"/> it closes the
    /// connection.
    /// </returns>
    public bool TrySend(ReadOnlySpan<byte> payload, MessageType type, bool compress = true) =>
        Send(payload, type, null, compress) == SendOutcome.Taken;

    /// <summary>Sends a message that was framed before, or says at once that it can't. Never waits; thread safe.</summary>
    /// <param name="message">The message.</param>
    /// <returns>As <see cref="TrySend(ReadOnlySpan{byte}, MessageType, bool)"/>.</returns>
    public bool TrySend(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Send(message.Payload.Span, message.Type, message, compress: true) == SendOutcome.Taken;
    }

    /// <summary>The same, with a say in what happens when the send queue is full.</summary>
    /// <param name="message">The message.</param>
    /// <param name="options">How to send it.</param>
    /// <returns>As <see cref="TrySend(ReadOnlySpan{byte}, MessageType, bool)"/>.</returns>
    public bool TrySend(PreparedMessage message, in SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Send(message.Payload.Span, message.Type, message, compress: true, options) == SendOutcome.Taken;
    }

    /// <summary>
    /// Sends a message; waits for room when the send queue is full and the mode is <see cref="SendQueueFullMode.Wait"/>. Thread safe;
    /// messages leave in the order of the calls.
    /// </summary>
    /// <param name="payload">
    /// The payload; it must stay unchanged until the task completes. For <see cref="MessageType.Text"/> it must be UTF-8.
    /// </param>
    /// <param name="type">The type.</param>
    /// <param name="cancellationToken">
    /// Ends the wait: the message is then not sent, and the connection lives on. A message that was taken is sent.
    /// </param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> payload, MessageType type, CancellationToken cancellationToken = default) =>
        SendAsync(payload, type, null, compress: true, cancellationToken);

    /// <summary>
    /// Sends a message, compressed or not, as <see cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)"/> does.
    /// </summary>
    /// <param name="payload">
    /// The payload; it must stay unchanged until the task completes. For <see cref="MessageType.Text"/> it must be UTF-8.
    /// </param>
    /// <param name="type">The type.</param>
    /// <param name="compress">False to send it uncompressed where permessage-deflate was agreed on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask SendAsync(
        ReadOnlyMemory<byte> payload,
        MessageType type,
        bool compress,
        CancellationToken cancellationToken = default
    ) => SendAsync(payload, type, null, compress, cancellationToken);

    /// <summary>
    /// Sends a message that was framed before, as <see cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)"/> does.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask SendAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return SendAsync(message.Payload, message.Type, message, compress: true, cancellationToken);
    }

    /// <summary>Sends a text message, as <see cref="SendAsync(ReadOnlyMemory{byte}, MessageType, CancellationToken)"/> does.</summary>
    /// <param name="text">The text; lone surrogates become U+FFFD, as UTF-8 can't carry them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask SendTextAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, buffer);
        ValueTask sending;
        try
        {
            sending = SendAsync(buffer.AsMemory(0, length), MessageType.Text, cancellationToken);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }

        if (sending.IsCompletedSuccessfully)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return sending;
        }

        return ReturnWhenSent(sending, buffer);

        static async ValueTask ReturnWhenSent(ValueTask sending, byte[] buffer)
        {
            try
            {
                await sending.ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>For the transport: a flush for which <see cref="WebSocketTransport.TryFlush"/> returned false is done.</summary>
    internal void Flushed()
    {
        if (FlushDone())
        {
            Flush();
        }
    }

    internal bool TryRemoveWaiter(SendWaiter waiter)
    {
        lock (_transport)
        {
            if (!waiter.IsWaiting)
            {
                return false;
            }

            waiter.IsWaiting = false;
            _backlog!.Waiters.Remove(waiter);
        }

        // It may have been what kept those behind it.
        AdmitWaiters();
        return true;
    }

    private ValueTask SendAsync(
        ReadOnlyMemory<byte> payload,
        MessageType type,
        PreparedMessage? prepared,
        bool compress,
        CancellationToken cancellationToken
    )
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        switch (Send(payload.Span, type, prepared, compress))
        {
            case SendOutcome.Taken:
                return default;
            case SendOutcome.Closed:
                return IsForNobody(payload.Length) ? default : ValueTask.FromException(ClosedException());
        }

        SendWaiter waiter;
        lock (_transport)
        {
            // Between the two locks the queue may have emptied; then nobody would wake a waiter.
            if (!MaySend)
            {
                return IsForNobody(payload.Length) ? default : ValueTask.FromException(ClosedException());
            }

            waiter = new SendWaiter(this, payload, type, prepared, compress) { IsWaiting = true };
            TheBacklog.Waiters.AddLast(waiter);
        }

        ValueTask waiting = waiter.AsValueTask(cancellationToken);
        AdmitWaiters();
        return waiting;
    }

    private SendOutcome Send(
        ReadOnlySpan<byte> payload,
        MessageType type,
        PreparedMessage? prepared,
        bool compress,
        in SendOptions options = default
    )
    {
        PreparedMessage.CheckType(type);
        SendWindow? window = SendWindow.OfThread;
        return
            window is not null
            && window.Owner == this
            && _direct
            && payload.Length <= FrameHeader.MaxControlPayloadLength
            && window.TryWrite((Opcode)type, payload)
            ? SendOutcome.Taken
            : SendOutsideWindow(payload, type, prepared, compress, options);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SendOutcome SendOutsideWindow(
        ReadOnlySpan<byte> payload,
        MessageType type,
        PreparedMessage? prepared,
        bool compress,
        in SendOptions options
    )
    {
        if (_direct && _corkedBy == _thread)
        {
            CloseWindow();
            if (_outputBytes + payload.Length < SendQueue.SliceBytes)
            {
                bool more = _outputBytes > 0;
                WriteFrame((Opcode)type, payload, prepared);
                if (more)
                {
                    OpenWindow();
                }

                return SendOutcome.Taken;
            }
        }

        bool flush;
        bool tooSlow = false;
        lock (_transport)
        {
            if (!MaySend)
            {
                return SendOutcome.Closed;
            }

            SendQueueFullMode mode = options.WhenFull ?? Options.SendQueueFullMode;
            bool inLine = _backlog is { Waiters.Count: > 0 } && mode == SendQueueFullMode.Wait;
            if (inLine || !HasRoom(payload.Length))
            {
                SendQueue? queue = OpenMessage is null ? _queue : Held;
                switch (mode)
                {
                    case SendQueueFullMode.Wait:
                        return SendOutcome.Full;
                    case SendQueueFullMode.DropOldest when options.WhenFull is not null:
                        if (queue?.TryMakeRoom(payload.Length, Options.SendQueueBytes, options.ReplaceKey) != true)
                        {
                            return SendOutcome.Full;
                        }

                        break;
                    case SendQueueFullMode.DropOldest:
                        queue?.MakeRoom(payload.Length, Options.SendQueueBytes);
                        break;
                    case SendQueueFullMode.Disconnect:
                        queue?.Clear();
                        tooSlow = true;
                        break;
                }
            }

            flush = !tooSlow && Write((Opcode)type, payload, prepared, compress, options);
        }

        if (tooSlow)
        {
            TryClose(Longwire.CloseStatus.PolicyViolation, "Too slow");
            return SendOutcome.Closed;
        }

        if (flush)
        {
            Flush();
        }

        return SendOutcome.Taken;
    }

    // One answer for one read is the usual; from the second on, it pays to have room for all that follow. Who is fed inside of another
    // connection's read goes the longer way.
    private unsafe void OpenWindow()
    {
        if (SendWindow.OfThread is not { Owner: not null } && _transport.Reserve(out int length) is var room and not null)
        {
            SendWindow.Open(this, room, Math.Min(length, SendQueue.SliceBytes - _outputBytes));
        }
    }

    // Before anything else is written by the thread that works through the read.
    private void CloseWindow()
    {
        if (SendWindow.OfThread is { } window && window.Owner == this)
        {
            int written = window.Close();
            _transport.Commit(written);
            _outputBytes += written;
        }
    }

    private bool HasRoom(int bytes)
    {
        if (_queue is null && _backlog is null)
        {
            return true;
        }

        long waiting = (_queue?.Cost ?? 0) + (Held?.Cost ?? 0);
        return waiting == 0 || waiting + bytes + SendQueue.MessageCost <= Options.SendQueueBytes;
    }

    private bool BeginFlushUnlessCorked()
    {
        if (_corkedBy != 0 && _outputBytes < SendQueue.SliceBytes)
        {
            return false;
        }

        BeginFlush();
        return true;
    }

    private void BeginFlush()
    {
        _direct = false;
        _flushing = true;
        _outputBytes = 0;
    }

    // Outside the lock, because a transport may run its reader's code inside of a flush.
    private void Flush()
    {
        int rounds = 0;
        while (true)
        {
            if (!_transport.TryFlush())
            {
                if (!_watching)
                {
                    WatchSending();
                }

                return;
            }

            if (!FlushDone())
            {
                return;
            }

            // A sender of one message must not be kept for as long as others keep sending.
            if (++rounds == MaxFlushesInARow)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Flush(), this, preferLocal: false);
                return;
            }
        }
    }

    // The peer is gone, or closed before all that it sent was read; what the reader answers now reaches nobody. That must not keep it from
    // reading on.
    private bool IsForNobody(int bytes) =>
        _inbox is not null && _ending is { IsHurried: false } && _inbox.TryDiscardAnswer(bytes, Options.SendQueueBytes);

    // Under the send lock.
    private void StopSending()
    {
        _direct = false;
        _queue?.Release();
        _queue = null;
        ReleaseHeld();
        CountWaiting();
    }

    // Returns whether more was written, which must be flushed again.
    private bool FlushDone()
    {
        bool more;
        lock (_transport)
        {
            more = _queue is { IsEmpty: false };
            if (more)
            {
                NoteFlush(_queue!.Drain(Output, Role, _receiver.Deflate, SliceBytes));
            }
            else
            {
                _flushing = false;
            }

            CountWaiting();
            NoteLeft();
        }

        if (_backlog is not null)
        {
            AdmitWaiters();
        }

        if (!more && (_closing.IsPeerDone || _closing.State >= ClosingState.Told))
        {
            EndWhenDrained();
            CompleteWhenOver();
        }

        return more;
    }

    // Lets in who waits, in order, as far as there is room.
    private void AdmitWaiters()
    {
        while (true)
        {
            SendWaiter? waiter;
            bool closed;
            bool flush = false;
            lock (_transport)
            {
                AdmitFragment();
                waiter = _backlog?.Waiters.First?.Value;
                if (waiter is null)
                {
                    return;
                }

                closed = !MaySend;
                if (!closed && !(waiter.Opens is null ? HasRoom(waiter.Payload.Length) : OpenMessage is null))
                {
                    return;
                }

                waiter.IsWaiting = false;
                _backlog!.Waiters.RemoveFirst();
                if (!closed && waiter.Opens is not null)
                {
                    _backlog.OpenMessage = waiter.Opens;
                }
                else if (!closed)
                {
                    flush = Write((Opcode)waiter.Type, waiter.Payload.Span, waiter.Prepared, waiter.Compress);
                }
            }

            if (closed && !IsForNobody(waiter.Payload.Length))
            {
                waiter.Fail(ClosedException());
                continue;
            }

            waiter.Complete();
            if (flush)
            {
                Flush();
            }
        }
    }

    private WebSocketClosedException ClosedException() =>
        new(CloseStatus ?? Longwire.CloseStatus.Abnormal, CloseReason, HandlerError ?? Error);
}
