using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Longwire.Protocol;

namespace Longwire;

// Receiving: the transport feeds what has arrived; messages go to the handler or into the inbox. And what else the transport tells.
public sealed partial class WebSocketConnection
{
    private MessageReceiver _receiver;
    private volatile ReceiveMode _receiveMode;

    /// <summary>Reads the next message.</summary>
    /// <param name="cancellationToken">Ends the wait and nothing else: the next read gets the message that this one would have got.</param>
    /// <returns>The message; its memory is valid until the next read.</returns>
    /// <exception cref="WebSocketClosedException">The connection is closed and every message that came before has been read.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The connection has a handler or streams its messages, or another read waits.</exception>
    public ValueTask<WebSocketMessage> ReadAsync(CancellationToken cancellationToken = default) =>
        InboxReader.ReadAsync(this, RequireWholeMessages(), cancellationToken);

    /// <summary>Reads messages until the connection closes, in whatever way: <see cref="CloseStatus"/> then tells how.</summary>
    /// <param name="cancellationToken">Ends the wait and nothing else: the connection lives on and can be read again.</param>
    /// <returns>The messages; the memory of each is valid until the next.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The connection has a handler or streams its messages, or another read waits.</exception>
    public IAsyncEnumerable<WebSocketMessage> ReadAllAsync(CancellationToken cancellationToken = default) =>
        InboxReader.ReadAllAsync(this, RequireWholeMessages(), cancellationToken);

    /// <summary>
    /// Reads the next message as a stream. Bytes that the application doesn't read stay with the peer: no more than
    /// <see cref="WebSocketConnectionOptions.ReceiveQueueBytes"/>, and what one read brought, is held. Messages larger than
    /// <see cref="WebSocketConnectionOptions.MaxMessageBytes"/> need <see cref="WebSocketConnectionOptions.MaxStreamedMessageBytes"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for the message to begin, and nothing else.</param>
    /// <returns>
    /// The message, which is valid until the next read of the connection. The unread rest of the one before is skipped.
    /// </returns>
    /// <exception cref="WebSocketClosedException">The connection is closed and every message that came before has been read.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The connection has a handler, or another read waits.</exception>
    public ValueTask<WebSocketReadStream> ReadStreamAsync(CancellationToken cancellationToken = default) =>
        InboxReader.ReadStreamAsync(this, RequireInbox(), cancellationToken);

    /// <summary>
    /// For a handler that can't take more now: no call to <see cref="WebSocketHandler.OnMessage"/> follows until
    /// <see cref="ResumeReceiving"/>, and TCP holds the peer back. Pings aren't answered meanwhile. Called from inside of a call to the
    /// handler.
    /// </summary>
    public void PauseReceiving()
    {
        _receiveMode |= ReceiveMode.Paused;
        // Full fence, paired with the one in SendClose: either MayReceive sees this side's Close, or the closing thread sees the pause and
        // ends it. Without it both could miss, and the peer's Close would never be read.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Ends what <see cref="PauseReceiving"/> began. Thread safe.</summary>
    public void ResumeReceiving()
    {
        _receiveMode &= ~ReceiveMode.Paused;
        _transport.ResumeReceiving();
    }

    /// <summary>For the transport: the connection is open. Called once, before anything is fed.</summary>
    internal void Opened()
    {
        if (Sending.IsHeld)
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

    /// <summary>For the transport: feeds what has arrived. The handler's messages leave in one flush at the end.</summary>
    /// <param name="input">The bytes; they are changed in place.</param>
    /// <param name="consumed">How many were taken: all, unless receiving pauses.</param>
    /// <returns>
    /// False to pause: feed nothing until <see cref="WebSocketTransport.ResumeReceiving"/>, then begin with what was not taken.
    /// </returns>
    internal bool Receive(Span<byte> input, out int consumed)
    {
        int length = input.Length;
        // A transport may feed once too often: a resume that came before it began to wait is remembered.
        bool goOn = _receiveMode == ReceiveMode.Plain || BeginReceive(input);
        Liveness.LastReceived = Timers.Now;
        BeginRead();
        try
        {
            if (Closing.State >= ClosingState.Aborted)
            {
                _receiver.End();
            }

            while (goOn && _receiver.Read(ref input, out Received received) is var kind and not ReceivedKind.Nothing)
            {
                goOn = (kind == ReceivedKind.Message && _handler is not null ? Call(received) : Dispatch(received)) && MayReceive;
                if (Closing.State >= ClosingState.Aborted)
                {
                    _receiver.End();
                }
            }
        }
        finally
        {
            EndRead();
        }

        consumed = length - input.Length;
        return goOn || NotePause(input.Length);
    }

    /// <summary>For the transport: a flush for which <see cref="WebSocketTransport.TryFlush"/> returned false is done.</summary>
    internal void Flushed() => ConnectionFlusher.OnFlushed(this);

    /// <summary>
    /// For the transport: nothing more can be sent, for the peer doesn't take it any more. The peer's earlier messages are
    /// still received. Thread safe; safe to call twice.
    /// </summary>
    /// <param name="error">The transport's error, if there was one.</param>
    internal void SendingEnded(Exception? error = null) => ConnectionCloser.OnSendingEnded(this, error);

    /// <summary>
    /// For the transport: the peer has ended its direction in good order, and all that it sent was taken. Sending goes on until
    /// <see cref="WebSocketTransport.Close"/>, so that what the peer asked before is answered. Called at most once.
    /// </summary>
    internal void ReceivingEnded() => ConnectionCloser.OnPeerEnd(this, PeerEnd.Tcp, Longwire.CloseStatus.Abnormal, "");

    /// <summary>
    /// For the transport: nothing more comes, and nothing more can be sent. The last call. Also for a host that could not start the
    /// connection; a second call does nothing.
    /// </summary>
    /// <param name="error">The transport's error; null when TCP ended in good order.</param>
    internal void Ended(Exception? error)
    {
        if (!ConnectionCloser.OnEnded(this, error))
        {
            return;
        }

        _receiver.End();
        _receiver.Deflate?.Dispose();
        Inbox?.Complete();
        SendWaiter.AdmitAll(this);
        using (EnterSendLock())
        {
            if (Liveness.HasOpenPings)
            {
                Liveness.FailPings(ClosedException());
            }
        }

        Host?.OnEnded(this);
        _ = _ending!.Closed?.CancelAsync();
        try
        {
            _handler?.OnClose(this, Closing.Status!.Value, CloseReason);
        }
        catch (Exception exception)
        {
            _ending.HandlerError ??= exception;
        }

        using (EnterSendLock())
        {
            Closing.OnTold();
        }

        ConnectionCloser.CompleteWhenOver(this);
    }

    internal bool IsPausedByHandler => (_receiveMode & ReceiveMode.Paused) != 0;

    internal bool IsPaused => IsPausedByHandler || Inbox is { IsPaused: true };

    // A side that has sent a Close waits for the peer's, whatever paused it before.
    private bool MayReceive => _receiveMode == ReceiveMode.Plain || !IsPausedByHandler || Closing.IsCloseSent;

    // The rare ways of a read are here, so that they cost the usual one nothing.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool BeginReceive(ReadOnlySpan<byte> input)
    {
        (_transport as ObservedTransport)?.Arrived(input);
        return MayReceive;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool NotePause(int left)
    {
        (_transport as ObservedTransport)?.Left(left);
        return false;
    }

    /// <summary>For a read: takes the next message, or part of one.</summary>
    internal bool TryRead(MessageInbox inbox, out WebSocketMessage message, out bool ended)
    {
        bool read = inbox.TryRead(out message, out ended, out bool resume);
        if (_ending is { Record.IsTimed: true } ending)
        {
            if (read)
            {
                Volatile.Write(ref ending.Record.Moved, Timers.Now);
            }
            else
            {
                // Asking for the next message means that the earlier ones have been answered; but messages, and the peer's end behind
                // them, may have come since the inbox was looked at.
                if (Closing.State == ClosingState.CloseOwed && !inbox.IsReaderBehind)
                {
                    ConnectionCloser.SendOwedClose(this);
                }

                ConnectionCloser.CompleteWhenOver(this);
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
                return Inbox is null ? Call(received) : Store(received);
            case ReceivedKind.Ping:
                Answer(received.Payload);
                return true;
            case ReceivedKind.Pong:
                OnPong(received.Payload);
                return true;
            case ReceivedKind.Close:
                ConnectionCloser.OnPeerEnd(this, PeerEnd.Close, received.CloseStatus, received.CloseReason);
                return true;
            default:
                ConnectionCloser.OnPeerEnd(this, PeerEnd.Fault, received.Error.Status, received.Error.Reason);
                return true;
        }
    }

    private bool Call(in Received received)
    {
        Liveness.NoteMessage();
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
        Liveness.NoteMessage();
        // An application that has sent a Close and doesn't read must still get the peer's: what doesn't fit is dropped then. Nothing
        // follows it to the reader, which would take a gap for all that there was.
        if (Closing.IsCloseSent && Inbox!.IsFull)
        {
            Inbox.Shut();
            return true;
        }

        int length = received.Payload.Length;
        if (!_receiver.TryTakeAssembly(out byte[] buffer))
        {
            buffer = ArrayPool<byte>.Shared.Rent(length);
            received.Payload.CopyTo(buffer);
        }

        bool ended = received.Kind == ReceivedKind.Message || received.EndOfMessage;
        return Inbox!.Add(received.Type, buffer, length, ended) || (Closing.IsCloseSent && Inbox.Unpause());
    }

    private void Answer(ReadOnlySpan<byte> payload)
    {
        bool flush;
        using (EnterSendLock())
        {
            flush = Closing.MaySend && Write(Opcode.Pong, payload);
        }

        if (flush)
        {
            ConnectionFlusher.Flush(this);
        }
    }

    private void FailHandler(Exception exception)
    {
        RequireEnding().HandlerError ??= exception;
        _receiver.End();
        ConnectionCloser.OnPeerEnd(this, PeerEnd.Fault, Longwire.CloseStatus.InternalError, "Internal error");
    }

    private void OnPong(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != sizeof(long))
        {
            return;
        }

        using (EnterSendLock())
        {
            Liveness.OnPong(BinaryPrimitives.ReadInt64BigEndian(payload), Options.TimeProvider);
        }
    }

    // From here on what this thread sends leaves in one flush, at the end of the read.
    private void BeginRead()
    {
        using (EnterSendLock())
        {
            Sending.BeginRead(plain: Closing.MaySend && Role == WebSocketRole.Server && _receiver.Deflate is null);
        }
    }

    private void EndRead()
    {
        bool flush;
        using (EnterSendLock())
        {
            flush = Sending.EndRead(Target, out bool left);
            if (_receiver.IsInsideMessage || Progress.IsArriving)
            {
                NoteUnfinished();
            }

            if (left)
            {
                ConnectionCloser.NoteLeft(this);
            }
        }

        if (flush)
        {
            ConnectionFlusher.Flush(this);
        }
        else if (Closing.IsPeerDone)
        {
            ConnectionCloser.EndWhenDrained(this);
        }
    }

    // Under the send lock, at the end of a read.
    private void NoteUnfinished()
    {
        uint arrived = _receiver.IsInsideMessage ? Math.Max((uint)_receiver.ArrivedBytes, 1) : 0;
        if (Progress.NoteArrived(arrived, Options.MemoryBudget))
        {
            // A part of a message is activity, as a message is.
            Liveness.NoteMessage();
        }

        if (arrived != 0)
        {
            if (!Progress.IsWatching)
            {
                ConnectionTimer.Watch(this, Timers.Now);
            }

            Progress.CountUnfinished(this, _receiver.HeldBytes);
        }
    }

    private MessageInbox RequireWholeMessages() =>
        Options.MaxStreamedMessageBytes == 0
            ? RequireInbox()
            : throw new InvalidOperationException("This connection streams its messages, by its options: read them by ReadStreamAsync.");

    private MessageInbox RequireInbox() =>
        Inbox ?? throw new InvalidOperationException("This connection has a handler, which gets its messages: it can't be read.");
}
