using Longwire.Protocol;

namespace Longwire;

// Closing: ClosingHalf decides, from what happens and when; here its actions are carried out.
public sealed partial class WebSocketConnection
{
    private Ending? _ending;
    private ClosingHalf _closing;
    private ConnectionAbortCause _abortCause;

    /// <summary>
    /// How the connection closed: the peer's status, or this side's when it failed the connection for the peer's fault,
    /// or <see cref="CloseStatus.Abnormal"/> when TCP ended without the peer's Close. Null while nothing of that has happened.
    /// </summary>
    public CloseStatus? CloseStatus => _closing.Status;

    /// <summary>The reason that belongs to <see cref="CloseStatus"/>; empty when there is none.</summary>
    public string CloseReason => _ending?.Record.Reason ?? "";

    /// <summary>Why this side ended the connection at once; <see cref="ConnectionAbortCause.None"/> when it didn't.</summary>
    public ConnectionAbortCause AbortCause => _abortCause;

    /// <summary>The transport's error when it did not end in good order; else null.</summary>
    public Exception? Error
    {
        get => _ending?.Error;
        private set => TheEnding.Error = value;
    }

    /// <summary>The exception that a call to the handler threw; the connection then ended with 1011. Else null.</summary>
    public Exception? HandlerError
    {
        get => _ending?.HandlerError;
        private set => TheEnding.HandlerError = value;
    }

    // Made at most once, by whichever thread comes first.
    private Ending TheEnding => _ending ?? Interlocked.CompareExchange(ref _ending, new Ending(), null) ?? _ending;

    // Under the send lock. Whether something waits that the transport has not taken yet.
    private bool IsLeaving => _flushing || _outputBytes != 0 || _queue is { IsEmpty: false };

    // Whether the application has messages left that came before the end; it is waited for, as long as it goes on.
    private bool IsReaderAwaited => _inbox is { IsReaderBehind: true } && _ending is not { IsHurried: true };

    /// <summary>
    /// Closes the connection: sends a Close frame behind what is queued (a message that is still open, and what waits behind it, is cut
    /// off), and waits for the connection's end. What was sent before is given all the time that it takes at
    /// <see cref="WebSocketConnectionOptions.MinDataRateBytesPerSecond"/>; from when the Close has left, the peer has
    /// <see cref="WebSocketConnectionOptions.CloseTimeout"/> to answer it. Safe to call twice, from several threads, and when the peer is
    /// gone.
    /// </summary>
    /// <param name="status">Why; the first call decides. <see cref="CloseStatus.NoStatus"/> sends an empty Close frame.</param>
    /// <param name="reason">In words; what exceeds 123 bytes of UTF-8 is cut.</param>
    /// <param name="cancellationToken">Ends this wait; the closing goes on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status must not be on the wire.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public Task CloseAsync(
        CloseStatus status = Longwire.CloseStatus.NormalClosure,
        string reason = "",
        CancellationToken cancellationToken = default
    )
    {
        TryClose(status, reason);
        return Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Begins to close the connection, as <see cref="CloseAsync"/> does, without waiting. Thread safe.</summary>
    /// <param name="status">Why. <see cref="CloseStatus.NoStatus"/> sends an empty Close frame.</param>
    /// <param name="reason">In words; what exceeds 123 bytes of UTF-8 is cut.</param>
    /// <returns>False when it was closing already.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The status must not be on the wire.</exception>
    public bool TryClose(CloseStatus status, string reason = "")
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (status != Longwire.CloseStatus.NoStatus && !CloseStatusRules.IsAllowedOnWire(status))
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "A Close frame carries 1000–1003, 1007–1014 or 3000–4999.");
        }

        // From here on no reader is waited for: the application has said that it is done.
        TheEnding.IsHurried = true;
        if (_closing.OwesFrame)
        {
            SendOwedClose();
        }

        bool closes = SendClose(status, reason);
        CompleteWhenOver();
        return closes;
    }

    /// <summary>
    /// Ends the connection at once, without a Close frame: what waits to be sent is dropped, and no message is received
    /// any more. Thread safe; safe to call twice.
    /// </summary>
    public void Abort() => Abort(ConnectionAbortCause.Application);

    private void Abort(ConnectionAbortCause cause)
    {
        bool aborts;
        lock (_transport)
        {
            TheEnding.IsHurried = true;
            aborts = _closing.OnAbort();
            if (aborts)
            {
                _abortCause = cause;
                StopSending();
            }
        }

        if (!aborts)
        {
            CompleteWhenOver();
            return;
        }

        _transport.Close(abort: true);
        AdmitWaiters();
    }

    /// <summary>
    /// For the transport: nothing more can be sent, for the peer doesn't take it any more. What the peer sent before is
    /// still received. Thread safe; safe to call twice.
    /// </summary>
    /// <param name="error">The transport's error, if there was one.</param>
    internal void SendingEnded(Exception? error = null)
    {
        lock (_transport)
        {
            long now = _timers.Now;
            if (!_closing.OnSendingEnded(ref TheEnding.Record, now))
            {
                return;
            }

            Error ??= error;
            StopSending();
            WatchClosing(now);
        }

        AdmitWaiters();
        EndWhenDrained();
    }

    /// <summary>
    /// For the transport: the peer has ended its direction in good order, and all that it sent was taken. Sending goes on until
    /// <see cref="WebSocketTransport.Close"/>, so that what the peer asked before is answered. Called at most once.
    /// </summary>
    internal void ReceivingEnded() => OnPeerEnd(PeerEnd.Tcp, Longwire.CloseStatus.Abnormal, "");

    // The peer's direction has ended. This side's Close follows at once, unless a reader has yet to answer what came before.
    private void OnPeerEnd(PeerEnd end, CloseStatus status, string reason)
    {
        lock (_transport)
        {
            // The state changes before the reader can learn of the end: a reader that then closes sends the Close that is owed.
            _closing.OnPeerEnd(end, status, reason, ref TheEnding.Record);
            if (_inbox is not null && _inbox.Complete() && _closing.State == ClosingState.CloseOwed)
            {
                BeginClosing();
                return;
            }
        }

        SendOwedClose();
    }

    // Sends the Close that the peer's end has brought about, if it wasn't sent before.
    private void SendOwedClose()
    {
        if (SendClose(Longwire.CloseStatus.Abnormal, ""))
        {
            return;
        }

        // This side was closing anyway. After a fault it gets no answer that it understands.
        lock (_transport)
        {
            BeginClosing();
        }

        EndWhenDrained();
    }

    // Ends what this side sends, once: by its Close frame behind all that is queued; or without one, where the peer's end has made that
    // needless.
    private bool SendClose(CloseStatus status, string reason)
    {
        bool flush;
        ClosingAction action;
        long now = _timers.Now;
        lock (_transport)
        {
            action = _closing.Close(status, reason, ref TheEnding.Record, now);
            if (action.Kind != ClosingActionKind.SendClose)
            {
                return false;
            }

            flush = action.HasFrame && WriteClose(action);
            _direct = false;
            // They wait for the end of a message that will have none.
            ReleaseHeld();
            WatchClosing(now);
        }

        if (flush)
        {
            Flush();
        }
        else if (!action.HasFrame)
        {
            EndWhenDrained();
        }

        AdmitWaiters();
        // Full fence, paired with the one in PauseReceiving: either MayReceive sees this side's Close, or this thread sees the pause and
        // ends it. The peer's Close must get through.
        Interlocked.MemoryBarrier();
        if (_pausedByHandler || (_inbox is not null && _inbox.Unpause()))
        {
            _transport.ResumeReceiving();
        }

        return true;
    }

    // Under the send lock. Returns whether the caller must flush once it has left the lock.
    private bool WriteClose(in ClosingAction close)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayloadLength];
        int length = ClosePayload.Write(payload, close.Status, close.Reason);
        return Write(Opcode.Close, payload[..length]);
    }

    // Called when all that was sent, this side's Close with it, may be with the transport.
    private void EndWhenDrained()
    {
        ClosingAction action;
        lock (_transport)
        {
            action = _closing.CheckDrained(Facts);
        }

        if (action.Kind == ClosingActionKind.EndTcp)
        {
            _transport.Close(abort: false);
        }
    }

    // Called when the flush or the reader that the connection waits for may be through.
    private void CompleteWhenOver()
    {
        if (_closing.State != ClosingState.Told)
        {
            return;
        }

        TaskCompletionSource? completion;
        lock (_transport)
        {
            if (_closing.CheckCompleted(Facts).Kind != ClosingActionKind.Complete)
            {
                return;
            }

            _timers.Clear(this);
            completion = _ending?.Completion;
        }

        Host?.OnCompleted(this);
        completion?.SetResult();
    }

    // Under the send lock: from here on the times of closing run.
    private void BeginClosing()
    {
        long now = _timers.Now;
        _closing.Begin(ref TheEnding.Record, now);
        WatchClosing(now);
    }

    // Under the send lock.
    private void WatchClosing(long now)
    {
        _watching = true;
        ScheduleNextCheck(now);
    }

    // Under the send lock, when all that was written is with the transport.
    private void NoteLeft()
    {
        if (!_closing.IsCloseSent)
        {
            return;
        }

        long now = _timers.Now;
        if (_closing.NoteLeft(ref TheEnding.Record, now))
        {
            ScheduleNextCheck(now);
        }
    }

    // Under the send lock: what the closing half has to know.
    private ClosingFacts Facts =>
        new()
        {
            Role = Role,
            CloseTimeout = After(0, Options.CloseTimeout),
            LastReceived = _lastReceived,
            // The rate decides how long that may take; without one any progress counts.
            LeavingDue =
                Options.MinDataRateBytesPerSecond == 0 && _watch is { Sending: { IsRunning: true } sending }
                    ? After(sending.LastProgress, Options.CloseTimeout)
                    : long.MaxValue,
            IsFlushing = _flushing,
            IsReading = _corkedBy != 0,
            IsLeaving = IsLeaving,
            IsPaused = IsPaused,
            IsReaderAwaited = IsReaderAwaited,
        };

    // The state of the end, made when it comes near: a connection that just lives has none.
    private sealed class Ending
    {
        public ClosingRecord Record = new();
        public bool IsHurried; // whether the application has said that it is done, so that no reader is waited for
        public Exception? Error;
        public Exception? HandlerError;
        public TaskCompletionSource? Completion;
        public CancellationTokenSource? Closed;
    }
}
