using Longwire.Protocol;

namespace Longwire;

// The closing handshake (RFC 6455 §7). Whoever begins, each side sends one Close frame; then the server ends TCP first.
//
// The end of one direction is not the end of the other. The peer's Close, or the end of its TCP, ends receiving: a reader gets all that
// came before, its answers leave, and then this side's Close (where one is owed) and the end of TCP. That the peer takes nothing any more
// ends sending: what it sent before is still received. No time limit here is about how long anything takes, only about how long the
// peer, or the reader, does nothing.
public sealed partial class WebSocketConnection
{
    // After a failure the peer may still be sending. Ending TCP with its bytes unread would reset the connection and could
    // take the Close frame along, so what comes is read and dropped until nothing has come for a while, or the peer ends TCP.
    private const long QuietMilliseconds = 200;
    private const long LongestLingerMilliseconds = 1000;

    private Ending? _ending;
    private ushort _closeStatus;
    private bool _closeReceived;
    private bool _receivingOver; // the peer has ended its direction in good order
    private bool _failed;
    private volatile bool _aborted;
    private bool _ended;
    private bool _closeCalled; // the handler knows that it is over
    private bool _completed;
    private ConnectionAbortCause _abortCause;

    /// <summary>
    /// How the connection closed: the peer's status, or this side's when it failed the connection for the peer's fault,
    /// or <see cref="CloseStatus.Abnormal"/> when TCP ended without the peer's Close. Null while nothing of that has happened.
    /// </summary>
    public CloseStatus? CloseStatus => _closeStatus == 0 ? null : (CloseStatus)_closeStatus;

    /// <summary>The reason that belongs to <see cref="CloseStatus"/>; empty when there is none.</summary>
    public string CloseReason => _ending?.Reason ?? "";

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
        if (_ending!.Owed is { HasFrame: true })
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
        bool over;
        lock (_transport)
        {
            TheEnding.IsHurried = true;
            over = _aborted || _ended;
            if (!over)
            {
                _aborted = true;
                _abortCause = cause;
                StopSending();
            }
        }

        if (over)
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
            if (_sendingOver)
            {
                return;
            }

            Error ??= error;
            StopSending();
            BeginClosing();
        }

        AdmitWaiters();
        if (!_ended)
        {
            FinishWhenClosed();
        }
    }

    /// <summary>
    /// For the transport: the peer has ended its direction in good order, and all that it sent was taken. Sending goes on until
    /// <see cref="WebSocketTransport.Close"/>, so that what the peer asked before is answered. Called at most once.
    /// </summary>
    internal void ReceivingEnded()
    {
        lock (_transport)
        {
            _receivingOver = true;
            if (_closeStatus == 0)
            {
                _closeStatus = (ushort)Longwire.CloseStatus.Abnormal;
            }

            bool closes = _closeReceived || _failed;
            if (!closes && Defers(Longwire.CloseStatus.Abnormal, ""))
            {
                return;
            }

            BeginClosing();
            if (closes && _ending!.Owed is not null)
            {
                return;
            }
        }

        if (!SendClose(Longwire.CloseStatus.Abnormal, ""))
        {
            FinishWhenClosed();
        }
    }

    // Ends what this side sends, once: by its Close frame behind all that is queued; or without one, where the peer's end has made that
    // needless.
    private bool SendClose(CloseStatus status, string reason)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayloadLength];
        bool flush = false;
        bool frame;
        long now = _timers.Now;
        lock (_transport)
        {
            if (_ending?.Owed is { } owed)
            {
                (status, reason) = owed.HasFrame ? (owed.Status, owed.Reason) : (status, reason);
                _ending.Owed = null;
            }

            if (!MaySend)
            {
                return false;
            }

            frame = status != Longwire.CloseStatus.Abnormal;
            if (frame)
            {
                int length = ClosePayload.Write(payload, status, reason);
                flush = Write(Opcode.Close, payload[..length]);
            }

            _closeQueued = true;
            _direct = false;
            // They wait for the end of a message that will have none.
            ReleaseHeld();
            BeginClosing(now);
        }

        if (flush)
        {
            Flush();
        }
        else if (!frame)
        {
            FinishWhenClosed();
        }

        AdmitWaiters();
        // A reader that fell behind may have paused the connection; the peer's Close must get through. Who pauses just now
        // looks for this side's Close behind a barrier of its own.
        Interlocked.MemoryBarrier();
        if (_pausedByHandler || (_inbox is not null && _inbox.Unpause()))
        {
            _transport.ResumeReceiving();
        }

        return true;
    }

    private void Fail(CloseStatus status, string reason)
    {
        lock (_transport)
        {
            _failed = true;
            if (_closeStatus == 0)
            {
                _closeStatus = (ushort)status;
                TheEnding.Reason = reason;
            }

            if (Defers(status, reason))
            {
                return;
            }
        }

        SendFailure(status, reason);
    }

    private void SendFailure(CloseStatus status, string reason)
    {
        if (!SendClose(status, reason))
        {
            // This side was closing anyway and will get no answer that it understands.
            lock (_transport)
            {
                BeginClosing();
            }
        }
    }

    // Under the send lock. Whether this side's end waits for the reader to have answered what came before.
    private bool Defers(CloseStatus status, string reason)
    {
        if (_inbox is null)
        {
            return false;
        }

        if (MaySend)
        {
            // Before the reader can learn of the end: who closes then sends this Close, not one of its own.
            TheEnding.Owed = new OwedClose(status, reason);
        }

        if (!_inbox.Complete() || !MaySend)
        {
            return false;
        }

        BeginClosing();
        return true;
    }

    // Sends the Close that waits for the reader, if one does.
    private void SendOwedClose()
    {
        if (_ending is not { } ending || Volatile.Read(ref ending.Owed) is not { } owed)
        {
            return;
        }

        if (_failed)
        {
            SendFailure(owed.Status, owed.Reason);
        }
        else if (!SendClose(owed.Status, owed.Reason))
        {
            FinishWhenClosed();
        }
    }

    private void OnClose(CloseStatus status, string reason)
    {
        bool answered;
        lock (_transport)
        {
            _closeReceived = true;
            if (!_failed)
            {
                _closeStatus = (ushort)status;
                TheEnding.Reason = reason;
            }

            answered = _closeQueued;
            if (Defers(status, ""))
            {
                return;
            }
        }

        if (answered || !SendClose(status, ""))
        {
            FinishWhenClosed();
        }
    }

    // Called when this side's Close frame, and all before it, may be with the transport, or the peer's end has come.
    private void FinishWhenClosed()
    {
        bool finish;
        lock (_transport)
        {
            // The server ends TCP; the client waits for that, so that the port's time-wait stays with the server
            // (RFC 6455 §7.1.1). A peer that takes nothing any more waits for nothing either.
            bool sent = _closeQueued && (Role == WebSocketRole.Server || _receivingOver) && _corkedBy == 0 && !IsLeaving;
            finish = (_closeReceived || _receivingOver) && !_flushing && (sent || _sendingOver) && !_ended;
        }

        if (finish)
        {
            _transport.Close(abort: false);
        }
    }

    // Under the send lock: from here on the times of closing run.
    private void BeginClosing() => BeginClosing(_timers.Now);

    private void BeginClosing(long now)
    {
        Ending ending = TheEnding;
        if (!ending.IsTimed)
        {
            ending.IsTimed = true;
            ending.Moved = now;
        }

        if (_sendingOver && ending.SendingOver == 0)
        {
            ending.SendingOver = Math.Max(now, 1);
        }

        if (_closeQueued && ending.Left == 0)
        {
            ending.Left = Math.Max(now, 1);
        }

        _watching = true;
        ScheduleNextCheck(now);
    }

    // Under the send lock: what is due next, and when. The peer, or the reader, has its time from when it last did something.
    private (long Due, TimerAction Action) NextOfClosing(Ending ending) =>
        this switch
        {
            { _ended: true } => (After(ending.Moved, Options.CloseTimeout), TimerAction.Complete),
            // Half of it, so that a peer with the same time still gets its answer.
            _ when ending.Owed is not null => (After(ending.Moved, Options.CloseTimeout, 2), TimerAction.SendOwedClose),
            _ when ending.TcpEnded != 0 => (After(ending.TcpEnded, Options.CloseTimeout), TimerAction.AbortUnanswered),
            { _sendingOver: true } => (SendingOverDue(ending), TimerAction.AbortUnanswered),
            _ when IsLeaving => (LeavingDue(), TimerAction.AbortUnanswered),
            { _failed: true } => (QuietDue(ending), TimerAction.EndTcp),
            _ => (After(ending.Left, Options.CloseTimeout), TimerAction.EndTcp),
        };

    // Under the send lock.
    private TimerAction CheckClosing(long now, Ending ending)
    {
        (long due, TimerAction action) = NextOfClosing(ending);
        if (now < due)
        {
            return TimerAction.None;
        }

        if (action == TimerAction.EndTcp)
        {
            ending.TcpEnded = Math.Max(now, 1);
        }

        return action;
    }

    // Under the send lock, when all that was written is with the transport.
    private void NoteLeft()
    {
        if (_closeQueued && _ending is { Left: not 0 } ending)
        {
            long now = _timers.Now;
            ending.Left = Math.Max(now, 1);
            ScheduleNextCheck(now);
        }
    }

    private long SendingOverDue(Ending ending) =>
        IsReaderAwaited && IsPaused ? After(ending.Moved, Options.CloseTimeout)
        : IsPaused ? After(ending.SendingOver, Options.CloseTimeout)
        : Math.Max(ending.SendingOver, _lastReceived) + LongestLingerMilliseconds;

    // The rate decides how long that may take; without one any progress counts.
    private long LeavingDue() =>
        Options.MinDataRateBytesPerSecond == 0 && _watch is { Sending: { IsRunning: true } sending }
            ? After(sending.LastProgress, Options.CloseTimeout)
            : long.MaxValue;

    private long QuietDue(Ending ending)
    {
        long linger = Math.Min(LongestLingerMilliseconds, After(0, Options.CloseTimeout));
        return Math.Min(ending.Left + linger, Math.Max(ending.Left, _lastReceived) + Math.Min(QuietMilliseconds, linger));
    }

    /// <summary>This side's Close that the peer brought about, until it is sent; without a frame where the peer's TCP has ended.</summary>
    private sealed record OwedClose(CloseStatus Status, string Reason)
    {
        public bool HasFrame => Status != Longwire.CloseStatus.Abnormal;
    }

    // The state of the end, made when it comes near: a connection that just lives has none.
    private sealed class Ending
    {
        public bool IsTimed; // whether the times of closing run
        public bool IsHurried; // whether the application has said that it is done, so that no reader is waited for
        public long Moved; // when the reader last took a message, or else when closing began
        public long Left; // when this side's Close, and all before it, was last seen on its way; 0 before it was queued
        public long SendingOver; // when the peer was seen to take nothing any more; 0 while it does
        public long TcpEnded; // when this side ended TCP for want of an answer; 0 when it didn't
        public OwedClose? Owed;
        public string Reason = "";
        public Exception? Error;
        public Exception? HandlerError;
        public TaskCompletionSource? Completion;
        public CancellationTokenSource? Closed;
    }
}
