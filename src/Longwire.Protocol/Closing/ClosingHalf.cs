using System.Diagnostics;

namespace Longwire.Protocol;

/// <summary>
/// The closing handshake (RFC 6455 §7) and the end of TCP: events in, actions out, the time as an argument. <see cref="ClosingState"/>
/// draws it. Each side sends one Close frame; then the server ends TCP first. Mutable: keep it in a field, don't copy it.
/// </summary>
/// <remarks>
/// The end of one direction is not the end of the other. The peer's Close, or the end of its TCP, ends receiving: a reader gets all that
/// came before, its answers leave, and then this side's Close (where one is owed) and the end of TCP. That the peer takes nothing any more
/// ends sending: what it sent before is still received. No time limit here is about how long anything takes, only about how long the
/// peer, or the reader, does nothing. Changes are guarded by the connection's send lock; the properties may be read without it.
/// </remarks>
internal struct ClosingHalf
{
    // After a failure the peer may still be sending. Ending TCP with its bytes unread would reset the connection and could take the
    // Close frame along, so what comes is read and dropped until nothing has come for a while, or the peer ends TCP.
    private const long QuietMilliseconds = 200;
    private const long MaxLingerMilliseconds = 1000;

    private volatile ClosingState _state;
    private volatile PeerEnd _peer;
    private ushort _status;

    public readonly ClosingState State => _state;

    public readonly PeerEnd Peer => _peer;

    /// <summary>
    /// The peer's status, or this side's where this side failed the connection, or <see cref="CloseStatus.Abnormal"/> where TCP ended
    /// without the peer's Close; null before.
    /// </summary>
    public readonly CloseStatus? Status => _status == 0 ? null : (CloseStatus)_status;

    /// <summary>Whether messages and this side's Close may still be sent.</summary>
    public readonly bool MaySend => _state <= ClosingState.CloseOwed;

    /// <summary>Whether this side has closed, and the transport has not ended yet.</summary>
    public readonly bool IsCloseSent =>
        _state is ClosingState.CloseSent or ClosingState.Draining or ClosingState.Lingering or ClosingState.CloseLost;

    /// <summary>Whether the peer's direction has ended by its own doing.</summary>
    public readonly bool IsPeerDone => (_peer & (PeerEnd.Close | PeerEnd.Tcp)) != 0;

    /// <summary>Whether the peer has ended its direction of TCP.</summary>
    public readonly bool IsPeerTcpOver => (_peer & PeerEnd.Tcp) != 0;

    /// <summary>Whether a Close frame waits for the reader. Without one the peer's end is answered by the end of TCP alone.</summary>
    public readonly bool OwesFrame => _state == ClosingState.CloseOwed && _peer != PeerEnd.Tcp;

    /// <summary>
    /// The peer's direction has ended. The caller sends this side's Close next, or leaves it owed while a reader is behind.
    /// </summary>
    /// <param name="end">How: a single flag.</param>
    /// <param name="status">The peer's status, or this side's for the peer's fault.</param>
    /// <param name="reason">In words.</param>
    /// <param name="record">The connection's record.</param>
    public void OnPeerEnd(PeerEnd end, CloseStatus status, string reason, ref ClosingRecord record)
    {
        // The first fault decides over what comes later, and the peer's Close over the end of its TCP.
        if (_status == 0 || (end == PeerEnd.Close && (_peer & PeerEnd.Fault) == 0))
        {
            _status = (ushort)status;
            record.Reason = reason;
        }

        _peer |= end;
        _state = _state switch
        {
            ClosingState.Open => ClosingState.CloseOwed,
            ClosingState.CloseSent => StateBehindClose,
            var state => state,
        };
    }

    /// <summary>This side closes: the application does, or the Close that it owes is due.</summary>
    /// <returns>The Close to send: the one that is owed, if one is; none where this side can't send any more.</returns>
    public ClosingAction Close(CloseStatus status, string reason, ref ClosingRecord record, long now)
    {
        if (!MaySend)
        {
            return ClosingAction.None;
        }

        if (OwesFrame)
        {
            status = (CloseStatus)_status;
            reason = (_peer & PeerEnd.Fault) != 0 ? record.Reason : "";
        }

        _state = StateBehindClose;
        Begin(ref record, now);
        return ClosingAction.SendClose(status, reason);
    }

    /// <summary>The peer takes nothing any more.</summary>
    /// <returns>False where that is known already.</returns>
    public bool OnSendingEnded(ref ClosingRecord record, long now)
    {
        if (_state >= ClosingState.SendingEnded)
        {
            return false;
        }

        _state = MaySend ? ClosingState.SendingEnded : ClosingState.CloseLost;
        Begin(ref record, now);
        return true;
    }

    /// <summary>This side cuts TCP off.</summary>
    /// <returns>False where it did before, or where the transport has ended.</returns>
    public bool OnAbort()
    {
        if (_state >= ClosingState.Aborted)
        {
            return false;
        }

        _state = ClosingState.Aborted;
        return true;
    }

    /// <summary>The transport has ended.</summary>
    /// <returns>False where that is known already.</returns>
    public bool OnEnded(ref ClosingRecord record, long now)
    {
        if (_state >= ClosingState.Ended)
        {
            return false;
        }

        _state = ClosingState.Ended;
        if (_status == 0)
        {
            // Without the peer's Close the connection did not close cleanly, whatever this side sent (RFC 6455 §7.1.5).
            _status = (ushort)CloseStatus.Abnormal;
        }

        Begin(ref record, now);
        record.Moved = now;
        return true;
    }

    /// <summary>The handler's last call has returned.</summary>
    public void OnTold()
    {
        Debug.Assert(_state == ClosingState.Ended, "The handler is told once, behind the transport's end.");
        _state = ClosingState.Told;
    }

    /// <summary>Starts the times of closing where they don't run, as while a Close is owed to a reader that is behind.</summary>
    public readonly void Begin(ref ClosingRecord record, long now)
    {
        if (!record.IsTimed)
        {
            record.IsTimed = true;
            record.Moved = now;
        }

        if (_state >= ClosingState.SendingEnded && record.SendingEnded == 0)
        {
            record.SendingEnded = Math.Max(now, 1);
        }

        if (IsCloseSent && record.Left == 0)
        {
            record.Left = Math.Max(now, 1);
        }
    }

    /// <summary>This side's Close, or what is before it, was seen to go on: the peer has its time from now.</summary>
    /// <returns>Whether a Close was sent.</returns>
    public readonly bool NoteLeft(ref ClosingRecord record, long now)
    {
        if (!IsCloseSent || record.Left == 0)
        {
            return false;
        }

        record.Left = Math.Max(now, 1);
        return true;
    }

    /// <summary>Asked when the last of what was sent may have left, and when the peer's direction has ended.</summary>
    /// <returns>Whether TCP ends now.</returns>
    public readonly ClosingAction CheckDrained(in ClosingFacts facts)
    {
        if (!IsPeerDone)
        {
            return ClosingAction.None;
        }

        // The server ends TCP; the client waits for that, so that the port's time-wait stays with the server (RFC 6455 §7.1.1). A peer
        // that takes nothing any more waits for nothing either.
        bool mayEnd = _state switch
        {
            ClosingState.Draining or ClosingState.Lingering => (facts.Role == WebSocketRole.Server || IsPeerTcpOver)
                && !facts.IsReading
                && !facts.IsLeaving,
            ClosingState.SendingEnded or ClosingState.CloseLost or ClosingState.Aborted => !facts.IsFlushing,
            _ => false,
        };
        return mayEnd ? ClosingAction.EndTcp : ClosingAction.None;
    }

    /// <summary>Asked when a flush or a reader may have been the last that the connection waits for.</summary>
    /// <returns>Whether the connection completes now, which it does once.</returns>
    public ClosingAction CheckCompleted(in ClosingFacts facts)
    {
        // The transport belongs to its owner again only when no flush is under way any more.
        if (_state != ClosingState.Told || facts.IsFlushing || facts.IsReaderAwaited)
        {
            return ClosingAction.None;
        }

        _state = ClosingState.Completed;
        return ClosingAction.Complete;
    }

    /// <summary>The next action, and its time. The peer, or the reader, has its time from when it last did something.</summary>
    public readonly (long Due, ClosingAction Action) Next(in ClosingRecord record, in ClosingFacts facts) =>
        _state switch
        {
            >= ClosingState.Ended => (After(record.Moved, facts.CloseTimeout), ClosingAction.Complete),
            // Half of it, so that a peer with the same time still gets its answer.
            ClosingState.CloseOwed => (After(record.Moved, facts.CloseTimeout / 2), ClosingAction.SendClose(CloseStatus.Abnormal, "")),
            _ when record.TcpEnded != 0 => (After(record.TcpEnded, facts.CloseTimeout), ClosingAction.Abort),
            >= ClosingState.SendingEnded => (SendingEndedDue(record, facts), ClosingAction.Abort),
            _ when facts.IsLeaving => (facts.LeavingDue, ClosingAction.Abort),
            ClosingState.Lingering => (QuietDue(record, facts), ClosingAction.EndTcp),
            _ => (After(record.Left, facts.CloseTimeout), ClosingAction.EndTcp),
        };

    /// <summary>The action that is due at this time.</summary>
    public readonly ClosingAction OnTimer(ref ClosingRecord record, in ClosingFacts facts, long now)
    {
        (long due, ClosingAction action) = Next(record, facts);
        if (now < due)
        {
            return ClosingAction.None;
        }

        if (action.Kind == ClosingActionKind.EndTcp)
        {
            record.TcpEnded = Math.Max(now, 1);
        }

        return action;
    }

    /// <summary>The invariant that doesn't hold as the send lock is left; null where all do.</summary>
    public readonly string? FindBrokenInvariant(in ClosingRecord record) =>
        _state switch
        {
            _ when (_peer & (PeerEnd.Close | PeerEnd.Fault)) == (PeerEnd.Close | PeerEnd.Fault) => "A Close and a fault exclude each other",
            _ when _status == 0 != (_peer == PeerEnd.None && _state < ClosingState.Ended) =>
                "There is a status when the peer's direction has ended",
            ClosingState.Open or ClosingState.CloseSent when _peer != PeerEnd.None => "The peer's end is acted upon",
            ClosingState.CloseOwed when _peer == PeerEnd.None => "A Close is owed to a peer that has ended",
            ClosingState.Draining when _peer is PeerEnd.None || (_peer & PeerEnd.Fault) != 0 => "Both sides have said their last",
            ClosingState.Lingering when (_peer & PeerEnd.Fault) == 0 => "There is a fault behind which the connection lingers",
            ClosingState.CloseSent or ClosingState.Draining or ClosingState.Lingering or ClosingState.CloseLost when record.Left == 0 =>
                "The time of this side's Close is known",
            ClosingState.Open when record.IsTimed => "An open connection's times of closing don't run",
            _ => null,
        };

    // Where this side stands once its Close is sent, by how the peer's direction has ended.
    private readonly ClosingState StateBehindClose =>
        (_peer & PeerEnd.Fault) != 0 ? ClosingState.Lingering
        : _peer != PeerEnd.None ? ClosingState.Draining
        : ClosingState.CloseSent;

    private static long SendingEndedDue(in ClosingRecord record, in ClosingFacts facts) =>
        facts is { IsPaused: true, IsReaderAwaited: true } ? After(record.Moved, facts.CloseTimeout)
        : facts.IsPaused ? After(record.SendingEnded, facts.CloseTimeout)
        : Math.Max(record.SendingEnded, facts.LastReceived) + MaxLingerMilliseconds;

    private static long QuietDue(in ClosingRecord record, in ClosingFacts facts)
    {
        long linger = Math.Min(MaxLingerMilliseconds, facts.CloseTimeout);
        return Math.Min(record.Left + linger, Math.Max(record.Left, facts.LastReceived) + Math.Min(QuietMilliseconds, linger));
    }

    private static long After(long since, long time) => time >= long.MaxValue / 2 ? long.MaxValue : since + time;
}
