using Longwire.Protocol;

namespace Longwire;

// The closing handshake (RFC 6455 §7). Whoever begins, each side sends one Close frame; then the server ends TCP first.
public sealed partial class WebSocketConnection
{
    // After a failure the peer may still be sending. Ending TCP with its bytes unread would reset the connection and could
    // take the Close frame along, so what comes is read and dropped until nothing has come for a while, or the peer ends TCP.
    private const long QuietMilliseconds = 200;
    private const long LongestLingerMilliseconds = 1000;

    // A reader may have messages yet to answer that came before the peer's Close, or before what the peer did wrong. This
    // side's Close waits behind the answers, but not for a reader that doesn't come back.
    private const long LongestDeferralMilliseconds = 1000;

    private Ending? _ending;
    private ushort _closeStatus;
    private bool _closeReceived;
    private bool _failed;
    private volatile bool _aborted;
    private bool _ended;
    private bool _closeCalled; // the handler knows that it is over
    private bool _completed;

    /// <summary>
    /// How the connection closed: the peer's status, or this side's when it failed the connection for the peer's fault,
    /// or <see cref="CloseStatus.Abnormal"/> when TCP ended without the peer's Close. Null while nothing of that has happened.
    /// </summary>
    public CloseStatus? CloseStatus => _closeStatus == 0 ? null : (CloseStatus)_closeStatus;

    /// <summary>The reason that belongs to <see cref="CloseStatus"/>; empty when there is none.</summary>
    public string CloseReason => _ending?.Reason ?? "";

    /// <summary>What the transport ended with when it did not end in good order; else null.</summary>
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

    /// <summary>
    /// Closes the connection: sends a Close frame behind what is queued (a message that is still open, and what waits behind it, is cut
    /// off), and waits for the connection's end, at most
    /// <see cref="WebSocketConnectionOptions.CloseTimeout"/>. Safe to call twice, from several threads, and when the peer is gone.
    /// </summary>
    /// <param name="status">Why; the first call decides. <see cref="CloseStatus.NoStatus"/> sends an empty Close frame.</param>
    /// <param name="reason">In words; what exceeds 123 bytes of UTF-8 is cut.</param>
    /// <param name="cancellationToken">Ends this wait; the closing goes on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status must not be on the wire.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public Task CloseAsync(
        CloseStatus status = Protocol.CloseStatus.NormalClosure,
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
        if (status != Protocol.CloseStatus.NoStatus && !CloseStatusRules.IsAllowedOnWire(status))
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "A Close frame carries 1000–1003, 1007–1014 or 3000–4999.");
        }

        SendOwedClose();
        return SendClose(status, reason, Options.CloseTimeout);
    }

    /// <summary>
    /// Ends the connection at once, without a Close frame: what waits to be sent is dropped, and no message is received
    /// any more. Thread safe; safe to call twice.
    /// </summary>
    public void Abort()
    {
        lock (_transport)
        {
            if (_aborted || _ended)
            {
                return;
            }

            _aborted = true;
            StopSending();
        }

        _transport.Close(abort: true);
        AdmitWaiters();
    }

    /// <summary>
    /// For the transport: nothing more can be sent, for the peer doesn't take it any more. What the peer sent before is
    /// still received, for a second at the most. Thread safe; safe to call twice.
    /// </summary>
    /// <param name="error">The transport's error, if there was one.</param>
    public void SendingEnded(Exception? error = null)
    {
        lock (_transport)
        {
            if (_sendingOver)
            {
                return;
            }

            Error ??= error;
            StopSending();
            HastenClose(_timers.Now + LongestLingerMilliseconds);
        }

        AdmitWaiters();
    }

    // Queues this side's Close frame, once, and sets the time by which all must be over.
    private bool SendClose(CloseStatus status, string reason, TimeSpan timeout)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxControlPayloadLength];
        bool flush;
        lock (_transport)
        {
            if (_ending?.Owed is { } owed)
            {
                (status, reason) = (owed.Status, owed.Reason);
                _ending.Owed = null;
                _ending.CloseDue = 0;
            }

            if (!MaySend)
            {
                return false;
            }

            int length = ClosePayload.Write(payload, status, reason);
            flush = Write(Opcode.Close, payload[..length]);
            _closeQueued = true;
            // They wait for the end of a message that will have none.
            ReleaseHeld();
            HastenClose(timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : _timers.Now + (long)timeout.TotalMilliseconds);
        }

        if (flush)
        {
            Flush();
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
        long linger =
            Options.CloseTimeout == Timeout.InfiniteTimeSpan
                ? LongestLingerMilliseconds
                : Math.Min(LongestLingerMilliseconds, (long)Options.CloseTimeout.TotalMilliseconds);
        TheEnding.LingerEnd = _timers.Now + linger;
        TimeSpan quiet = TimeSpan.FromMilliseconds(Math.Min(QuietMilliseconds, linger));
        if (!SendClose(status, reason, quiet))
        {
            // This side was closing anyway and will get no answer that it understands.
            lock (_transport)
            {
                HastenClose(_timers.Now + (long)quiet.TotalMilliseconds);
            }
        }
    }

    // Under the send lock. Whether this side's Close waits for the reader to have answered what came before.
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

        HastenClose(_timers.Now + LongestDeferralMilliseconds);
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
        else if (!SendClose(owed.Status, owed.Reason, Options.CloseTimeout))
        {
            FinishWhenClosed();
        }
    }

    // The time to end TCP has come, unless the connection failed and the peer is still sending.
    private void CloseDue(long now)
    {
        Ending ending = TheEnding;
        if (ending.Owed is not null)
        {
            SendOwedClose();
            return;
        }

        if (_failed && now < ending.LingerEnd && now - _lastReceived < QuietMilliseconds)
        {
            lock (_transport)
            {
                ending.CloseDue = Math.Min(ending.LingerEnd, _lastReceived + QuietMilliseconds);
                ScheduleNextCheck(now);
            }

            return;
        }

        // After a failure the Close frame is out and the peer had its time: that is good order. Else the peer never answered.
        if (!_failed || _flushing)
        {
            Abort();
        }
        else
        {
            _transport.Close(abort: false);
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

        if (answered || !SendClose(status, "", Options.CloseTimeout))
        {
            FinishWhenClosed();
        }
    }

    // Called when this side's Close frame, and all before it, may be with the transport, or the peer's has come.
    private void FinishWhenClosed()
    {
        bool finish;
        lock (_transport)
        {
            // The server ends TCP; the client waits for that, so that the port's time-wait stays with the server
            // (RFC 6455 §7.1.1). A peer that takes nothing any more waits for nothing either.
            bool sent =
                _closeQueued && Role == WebSocketRole.Server && _corkedBy == 0 && _outputBytes == 0 && _queue is null or { IsEmpty: true };
            finish = _closeReceived && !_flushing && (sent || _sendingOver);
        }

        if (finish)
        {
            _transport.Close(abort: false);
        }
    }

    // Under the send lock: sets the time by which all must be over, unless it is nearer already.
    private void HastenClose(long due)
    {
        Ending ending = TheEnding;
        ending.CloseDue = ending.CloseDue == 0 ? Math.Max(due, 1) : Math.Min(ending.CloseDue, due);
        ScheduleNextCheck(_timers.Now);
    }

    private sealed record OwedClose(CloseStatus Status, string Reason);

    // What is known of the end, made when it comes near: a connection that just lives has none.
    private sealed class Ending
    {
        public long CloseDue; // when TCP is ended whatever has come; 0 when this side has not begun to close
        public long LingerEnd;
        public OwedClose? Owed; // this side's Close that the peer brought about, until it is sent
        public string Reason = "";
        public Exception? Error;
        public Exception? HandlerError;
        public TaskCompletionSource? Completion;
    }
}
