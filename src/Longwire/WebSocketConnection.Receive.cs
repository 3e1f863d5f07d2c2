using System.Buffers;
using System.Runtime.CompilerServices;
using Longwire.Protocol;

namespace Longwire;

// Receiving: the transport feeds what arrived; messages go to the handler or into the inbox.
public sealed partial class WebSocketConnection
{
    private MessageReceiver _receiver;
    private volatile bool _pausedByHandler;

    /// <summary>Reads the next message.</summary>
    /// <param name="cancellationToken">Ends the wait and nothing else: the next read gets the message that this one would have got.</param>
    /// <returns>The message; its memory is valid until the next read.</returns>
    /// <exception cref="WebSocketClosedException">The connection is closed and every message that came before has been read.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">
    /// The connection has a handler, or streams its messages, or another read waits.
    /// </exception>
    public ValueTask<WebSocketMessage> ReadAsync(CancellationToken cancellationToken = default)
    {
        MessageInbox inbox = RequireWholeMessages();
        return TryRead(inbox, out WebSocketMessage message)
            ? new ValueTask<WebSocketMessage>(message)
            : WaitAndReadAsync(inbox, cancellationToken);
    }

    /// <summary>Reads messages until the connection closes, in whatever way: <see cref="CloseStatus"/> then tells how.</summary>
    /// <param name="cancellationToken">Ends the wait and nothing else: the connection lives on and can be read again.</param>
    /// <returns>The messages; the memory of each is valid until the next.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">
    /// The connection has a handler, or streams its messages, or another read waits.
    /// </exception>
    public async IAsyncEnumerable<WebSocketMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        MessageInbox inbox = RequireWholeMessages();
        do
        {
            while (TryRead(inbox, out WebSocketMessage message))
            {
                yield return message;
            }
        } while (await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Reads the next message as a stream. What the application doesn't read stays with the peer: no more than
    /// <see cref="WebSocketConnectionOptions.ReceiveQueueBytes"/>, and what one read brought, is held. Messages larger than
    /// <see cref="WebSocketConnectionOptions.MaxMessageBytes"/> need <see cref="WebSocketConnectionOptions.MaxStreamedMessageBytes"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for the message to begin, and nothing else.</param>
    /// <returns>
    /// The message, which is valid until the next read of the connection. What was not read of the one before is skipped.
    /// </returns>
    /// <exception cref="WebSocketClosedException">The connection is closed and every message that came before has been read.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The connection has a handler, or another read waits.</exception>
    public async ValueTask<WebSocketReadStream> ReadStreamAsync(CancellationToken cancellationToken = default)
    {
        MessageInbox inbox = RequireInbox();
        do
        {
            bool rest = inbox.IsInsideMessage;
            while (TryRead(inbox, out WebSocketMessage part, out bool ended))
            {
                if (!rest)
                {
                    return new WebSocketReadStream(this, inbox, part, ended);
                }

                rest = !ended;
            }
        } while (await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
        throw ClosedException();
    }

    /// <summary>
    /// For a handler that can't take more now: no call to <see cref="WebSocketHandler.OnMessage"/> follows until
    /// <see cref="ResumeReceiving"/>, and TCP holds the peer back. Pings aren't answered meanwhile. Called from inside of a call to the
    /// handler.
    /// </summary>
    public void PauseReceiving()
    {
        _pausedByHandler = true;
        // Full fence, paired with the one in SendClose: either MayReceive sees this side's Close, or the closing thread sees the pause and
        // ends it. Without it both could miss, and the peer's Close would never be read.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Ends what <see cref="PauseReceiving"/> began. Thread safe.</summary>
    public void ResumeReceiving()
    {
        _pausedByHandler = false;
        _transport.ResumeReceiving();
    }

    /// <summary>For the transport: the connection is open. Called once, before anything is fed.</summary>
    internal void Opened()
    {
        if (_openedEarly)
        {
            Flushed();
        }
        else
        {
            CallOnOpen();
        }
    }

    private void CallOnOpen()
    {
        try
        {
            _handler?.OnOpen(this);
        }
        catch (Exception exception)
        {
            FailHandler(exception);
        }
    }

    /// <summary>For the transport: feeds what has arrived. What the handler sends meanwhile leaves in one flush at the end.</summary>
    /// <param name="input">The bytes; they are changed in place.</param>
    /// <param name="consumed">How many were taken: all, unless receiving pauses.</param>
    /// <returns>
    /// False to pause: feed nothing until <see cref="WebSocketTransport.ResumeReceiving"/>, then begin with what was not taken.
    /// </returns>
    internal bool Receive(Span<byte> input, out int consumed)
    {
        int length = input.Length;
        // A transport may feed once too often: a resume that came before it began to wait is remembered.
        bool goOn = MayReceive;
        _lastReceived = _timers.Now;
        Cork();
        try
        {
            if (_closing.State >= ClosingState.Aborted)
            {
                _receiver.End();
            }

            while (goOn && _receiver.Read(ref input, out Received received) is var kind and not ReceivedKind.Nothing)
            {
                goOn = (kind == ReceivedKind.Message && _handler is not null ? Call(received) : Dispatch(received)) && MayReceive;
                if (_closing.State >= ClosingState.Aborted)
                {
                    _receiver.End();
                }
            }
        }
        finally
        {
            Uncork();
        }

        consumed = length - input.Length;
        return goOn;
    }

    /// <summary>
    /// For the transport: nothing more comes, and nothing more can be sent. The last call. Also for a host that could not start the
    /// connection; a second call does nothing.
    /// </summary>
    /// <param name="error">The transport's error; null when TCP ended in good order.</param>
    internal void Ended(Exception? error)
    {
        lock (_transport)
        {
            long now = _timers.Now;
            if (!_closing.OnEnded(ref TheEnding.Record, now))
            {
                return;
            }

            // Never started, nothing is under way.
            _flushing &= _started;
            Error ??= error;
            StopSending();
            if (_watch is { Unfinished: { } unfinished })
            {
                Count(unfinished, 0);
            }

            WatchClosing(now);
        }

        _receiver.End();
        _receiver.Deflate?.Dispose();
        _inbox?.Complete();
        AdmitWaiters();
        FailPings();
        Host?.OnEnded(this);
        _ = _ending!.Closed?.CancelAsync();
        try
        {
            _handler?.OnClose(this, _closing.Status!.Value, CloseReason);
        }
        catch (Exception exception)
        {
            HandlerError ??= exception;
        }

        lock (_transport)
        {
            _closing.OnTold();
        }

        CompleteWhenOver();
    }

    private bool IsPaused => _pausedByHandler || _inbox is { IsPaused: true };

    // A side that has sent a Close waits for the peer's, whatever paused it before.
    private bool MayReceive => !_pausedByHandler || _closing.IsCloseSent;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WebSocketMessage> WaitAndReadAsync(MessageInbox inbox, CancellationToken cancellationToken)
    {
        WebSocketMessage message;
        do
        {
            if (!await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                throw ClosedException();
            }
        } while (!TryRead(inbox, out message));
        return message;
    }

    // The next part of the message that is read as a stream.
    internal async ValueTask<(WebSocketMessage Part, bool Ended)> ReadPartAsync(MessageInbox inbox, CancellationToken cancellationToken)
    {
        WebSocketMessage part;
        bool ended;
        while (!TryRead(inbox, out part, out ended))
        {
            if (!await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                throw ClosedException();
            }
        }

        return (part, ended);
    }

    private bool TryRead(MessageInbox inbox, out WebSocketMessage message) => TryRead(inbox, out message, out _);

    private bool TryRead(MessageInbox inbox, out WebSocketMessage message, out bool ended)
    {
        bool read = inbox.TryRead(out message, out ended, out bool resume);
        if (_ending is { Record.IsTimed: true } ending)
        {
            if (read)
            {
                Volatile.Write(ref ending.Record.Moved, _timers.Now);
            }
            else
            {
                // Asking for the next message means that the earlier ones have been answered.
                if (_closing.State == ClosingState.CloseOwed)
                {
                    SendOwedClose();
                }

                CompleteWhenOver();
            }
        }

        if (resume)
        {
            _transport.ResumeReceiving();
        }

        return read;
    }

    // Returns false to pause.
    private bool Dispatch(in Received received)
    {
        switch (received.Kind)
        {
            case ReceivedKind.Message or ReceivedKind.Part:
                return _inbox is null ? Call(received) : Store(received);
            case ReceivedKind.Ping:
                Answer(received.Payload);
                return true;
            case ReceivedKind.Pong:
                OnPong(received.Payload);
                return true;
            case ReceivedKind.Close:
                OnPeerEnd(PeerEnd.Close, received.CloseStatus, received.CloseReason);
                return true;
            default:
                OnPeerEnd(PeerEnd.Fault, received.Error.Status, received.Error.Reason);
                return true;
        }
    }

    private bool Call(in Received received)
    {
        _lastMessage = _lastReceived;
        try
        {
            _handler!.OnMessage(this, received.Type, received.Payload);
        }
        catch (Exception exception)
        {
            FailHandler(exception);
        }

        return true;
    }

    private bool Store(in Received received)
    {
        _lastMessage = _lastReceived;
        // An application that has sent a Close and doesn't read must still get the peer's: what doesn't fit is dropped then. Nothing
        // follows it to the reader, which would take a gap for all that there was.
        if (_closing.IsCloseSent && _inbox!.IsFull)
        {
            _inbox.Shut();
            return true;
        }

        int length = received.Payload.Length;
        if (!_receiver.TryTakeAssembly(out byte[] buffer))
        {
            buffer = ArrayPool<byte>.Shared.Rent(length);
            received.Payload.CopyTo(buffer);
        }

        bool ended = received.Kind == ReceivedKind.Message || received.EndOfMessage;
        return _inbox!.Add(received.Type, buffer, length, ended) || (_closing.IsCloseSent && _inbox.Unpause());
    }

    private void Answer(ReadOnlySpan<byte> payload)
    {
        bool flush;
        lock (_transport)
        {
            flush = MaySend && Write(Opcode.Pong, payload);
        }

        if (flush)
        {
            Flush();
        }
    }

    private void FailHandler(Exception exception)
    {
        HandlerError ??= exception;
        _receiver.End();
        OnPeerEnd(PeerEnd.Fault, Longwire.CloseStatus.InternalError, "Internal error");
    }

    private void Cork()
    {
        if (_thread == 0)
        {
            _thread = Environment.CurrentManagedThreadId;
        }

        lock (_transport)
        {
            _corkedBy = _thread;
            _direct =
                MaySend
                && !_flushing
                && _backlog is null
                && _queue is null or { IsEmpty: true }
                && Role == WebSocketRole.Server
                && _receiver.Deflate is null;
        }
    }

    private void Uncork()
    {
        bool flush;
        lock (_transport)
        {
            CloseWindow();
            _direct = false;
            _corkedBy = 0;
            if (!_flushing && _queue is { IsEmpty: false })
            {
                // Messages that other threads have sent meanwhile.
                _outputBytes += _queue.Drain(Output, Role, _receiver.Deflate);
            }

            if (_receiver.IsInsideMessage || _arrived != 0)
            {
                NoteUnfinished();
            }

            flush = !_flushing && _outputBytes != 0;
            if (flush && _backlog is null && _queue is null or { IsEmpty: true } && !_transport.NeedsFlush)
            {
                // Nobody waits for it, and nothing is left to be done.
                flush = false;
                _outputBytes = 0;
                NoteLeft();
            }
            else if (flush)
            {
                BeginFlush();
            }
        }

        if (flush)
        {
            Flush();
        }
        else if (_closing.IsPeerDone)
        {
            EndWhenDrained();
        }
    }

    private MessageInbox RequireWholeMessages() =>
        Options.MaxStreamedMessageBytes == 0
            ? RequireInbox()
            : throw new InvalidOperationException(
                "This connection streams its messages, as its options say: read them by ReadStreamAsync."
            );

    private MessageInbox RequireInbox() =>
        _inbox ?? throw new InvalidOperationException("This connection has a handler, which gets its messages: it can't be read.");
}
