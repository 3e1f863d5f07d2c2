namespace Longwire.Hubs;

/// <content>
/// One thing after the other. As long as nothing has to be waited for, an event is dealt with on the thread that brings it and a
/// message is read where it lies. Events that come while an earlier one is still worked on wait in a bounded queue. Dealing with an event
/// never fails: when something in it does, the session ends.
/// </content>
public sealed partial class HubSession
{
    /// <summary>How many connections may wait at one time to resume the session; one more gets a new session.</summary>
    private const int MaxWaitingAttaches = 4;

    private SmallGate _gate = new();

    // The events that wait for an earlier one; null when none do.
    private SessionQueue? _waiting;
    private int _refusedInARow;
    private bool _busy;
    private bool _deadlineIsPosted;
    private bool _kicked;

    /// <summary>How many messages wait for an earlier one.</summary>
    internal int WaitingMessages => Volatile.Read(ref _waiting)?.Messages ?? 0;

    /// <summary>Whether so many bytes more may wait for an earlier message.</summary>
    internal bool HasRoomFor(int bytes)
    {
        using (_gate.Enter())
        {
            return HasRoom(bytes);
        }
    }

    /// <summary>Takes <c>reply</c>, which may come while the session is busy with what asked. False when it answers nothing.</summary>
    internal bool TryAnswer(ReadOnlySpan<byte> payload) => _extras?.Asks is { HasOpen: true } asks && asks.TryAnswer(payload);

    /// <summary>Counts a message, or says when to try again.</summary>
    internal bool TryTakeToken(int bytes, TimeSpan now, out TimeSpan retryAfter, out int rejectedInARow)
    {
        SessionExtras? extras = Node.Settings.SessionByteRate is null ? _extras : Extras;
        bool taken = SessionRates.TryTake(ref _bucket, extras, _account, Node.Settings, bytes, now, out retryAfter);
        rejectedInARow = _rejectedInARow = taken ? 0 : _rejectedInARow + 1;
        return taken;
    }

    /// <summary>Counts a join, or says when to try again.</summary>
    internal bool TryTakeJoin(TimeSpan now, out TimeSpan retryAfter) =>
        SessionRates.TryTakeJoin(Node.Settings.SessionJoinRate is null ? null : Extras, _account, Node.Settings, now, out retryAfter);

    /// <summary>Takes a message. The payload is read or copied before this returns.</summary>
    internal void Receive(HubLink connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        bool isDelivering = FanOutScope.IsDelivering;
        int refusedInARow = 0;
        if (Volatile.Read(ref _busy) && type == MessageType.Text && IsHeard(connection) && TryAnswer(payload))
        {
            return;
        }

        using (_gate.Enter())
        {
            if (!_busy && !isDelivering)
            {
                _busy = true;
                _refusedInARow = 0;
            }
            else if (HasRoom(payload.Length))
            {
                _refusedInARow = 0;
                Enqueue(
                    new SessionEvent(SessionEventKind.Message)
                    {
                        Connection = connection,
                        MessageType = type,
                        Payload = payload.ToArray(),
                    }
                );
                if (!_busy)
                {
                    // The peer's end of a pipe may run inside of a send, in the middle of a room's delivery: see Start.
                    _busy = true;
                    ThreadPool.UnsafeQueueUserWorkItem(static session => session.Continue(default), this, preferLocal: false);
                }

                return;
            }
            else
            {
                refusedInARow = ++_refusedInARow;
            }
        }

        if (refusedInARow > 0)
        {
            RefuseToWait(connection, payload, refusedInARow);
            return;
        }

        Continue(DealWithMessage(connection, type, payload));
    }

    /// <inheritdoc/>
    public ValueTask<bool> JoinAsync(string room, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(room);
        return InTurnAsync(() => _owner.Placement.PutInAsync(this, Names.Normalize(room)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> LeaveAsync(string room, CancellationToken cancellationToken = default) =>
        LeaveAsync(room, reason: null, cancellationToken);

    internal ValueTask<bool> LeaveAsync(string room, string? reason, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(room);
        return InTurnAsync(() => _owner.Placement.TakeOutAsync(this, Names.Normalize(room), reason), cancellationToken);
    }

    /// <summary>Does something in the session's turn: now, when the caller is in it already, else when it is its time.</summary>
    private ValueTask<bool> InTurnAsync(Func<ValueTask<bool>> work, CancellationToken cancellationToken)
    {
        if (Turn.IsIn(this))
        {
            return work();
        }

        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new SessionEvent(SessionEventKind.Work) { Work = WorkAsync });
        return new ValueTask<bool>(done.Task.WaitAsync(cancellationToken));

        async ValueTask WorkAsync()
        {
            try
            {
                done.SetResult(await work().ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }
    }

    internal void Post(SessionEvent happened)
    {
        using (_gate.Enter())
        {
            if (_busy)
            {
                Enqueue(happened);
                return;
            }

            _busy = true;
        }

        Start(happened);
    }

    /// <summary>Lets a connection in, unless too many wait for that already.</summary>
    internal bool TryAttach(HubLink connection, HubHandshake handshake)
    {
        var attach = new SessionEvent(SessionEventKind.Attach) { Connection = connection, Handshake = handshake };
        using (_gate.Enter())
        {
            if (_busy)
            {
                if (_waiting?.Attaches == MaxWaitingAttaches)
                {
                    return false;
                }

                connection.Session = this;
                Enqueue(attach);
                return true;
            }

            _busy = true;
            connection.Session = this;
        }

        Start(attach);
        return true;
    }

    /// <summary>Has the session look at its deadlines, once however long it is busy.</summary>
    internal void PostDeadline()
    {
        if (!Interlocked.Exchange(ref _deadlineIsPosted, true))
        {
            Post(new SessionEvent(SessionEventKind.Deadline));
        }
    }

    private ValueTask HandleDeadlineAsync()
    {
        Volatile.Write(ref _deadlineIsPosted, false);
        return SessionDeadlines.HandleDeadlineAsync(this);
    }

    private void Start(SessionEvent happened)
    {
        if (FanOutScope.IsDelivering)
        {
            // A send that failed may end the connection right here, in the middle of a room's delivery: what follows must not pile up.
            ThreadPool.UnsafeQueueUserWorkItem(
                static work => work.Session.Continue(work.Session.DealWith(work.Happened)),
                (Session: this, Happened: happened),
                preferLocal: false
            );
            return;
        }

        Continue(DealWith(happened));
    }

    private bool HasRoom(int bytes) =>
        (_waiting?.Messages ?? 0) < Node.Settings.MaxWaitingMessages && (_waiting?.Bytes ?? 0) + bytes <= Node.Settings.MaxWaitingBytes;

    private void Enqueue(SessionEvent happened) => (_waiting ??= new SessionQueue()).Add(happened);

    private void Continue(ValueTask current)
    {
        if (current.IsCompletedSuccessfully)
        {
            using (_gate.Enter())
            {
                if (_waiting is null)
                {
                    _busy = false;
                    return;
                }
            }
        }

        _ = DrainAsync(current);
    }

    private async Task DrainAsync(ValueTask current)
    {
        await current.ConfigureAwait(false);
        while (true)
        {
            SessionEvent next;
            using (_gate.Enter())
            {
                if (_waiting is null || !_waiting.TryTake(out next))
                {
                    // A session at rest keeps no empty queue.
                    _waiting = null;
                    _busy = false;
                    return;
                }
            }

            await DealWith(next).ConfigureAwait(false);
        }
    }

    /// <summary>Deals with one event; never throws, and what it returns never fails.</summary>
    private ValueTask DealWith(SessionEvent happened)
    {
        if (happened.Connection is { Session: { } owner } && owner != this)
        {
            // The session ended before the connection could be attached to it, and the connection has another one now.
            owner.Adopt(happened);
            return default;
        }

        return happened.Kind == SessionEventKind.Message
            ? DealWithMessage(happened.Connection!, happened.MessageType, happened.Payload)
            : DealWithAsync(happened);
    }

    /// <summary>The same for a message, which is read where it lies.</summary>
    private ValueTask DealWithMessage(HubLink connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        ValueTask handling;
        try
        {
            handling = HandleMessage(connection, type, payload);
        }
        catch (Exception exception)
        {
            return FailAsync(SessionEventKind.Message, connection, exception);
        }

        return handling.IsCompletedSuccessfully ? default : GuardAsync(connection, handling);
    }

    private async ValueTask GuardAsync(HubLink connection, ValueTask handling)
    {
        try
        {
            await handling.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await FailAsync(SessionEventKind.Message, connection, exception).ConfigureAwait(false);
        }
    }

    private async ValueTask DealWithAsync(SessionEvent happened)
    {
        try
        {
            _owner.OnSessionEvent?.Invoke(this, happened.Kind);
            await (
                happened.Kind switch
                {
                    SessionEventKind.Attach => AttachAsync(happened.Connection!, happened.Handshake!),
                    SessionEventKind.Closed => HandleClosedAsync(happened.Connection!, happened.Status),
                    SessionEventKind.Deadline => HandleDeadlineAsync(),
                    SessionEventKind.Work => happened.Work!(),
                    SessionEventKind.AddAgain => this.AddAgainAsync(),
                    SessionEventKind.Changed => this.SaveChangesAsync(),
                    SessionEventKind.Taken => this.LetGoAsync(),
                    SessionEventKind.Kick => happened.Work!(),
                    SessionEventKind.Revoked => this.HandleRevokedAsync(),
                    _ => EndAsync(),
                }
            ).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await FailAsync(happened.Kind, happened.Connection, exception).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// An event failed, and nobody knows how far it got: the session ends, and its connections with it. Its steps can't fail, so that
    /// nothing stays half-done.
    /// </summary>
    private ValueTask FailAsync(SessionEventKind kind, HubLink? connection, Exception exception)
    {
        Node.Log.SessionFailed(exception, kind, ClientId);
        connection?.TryClose(CloseStatus.InternalError, "Internal error");
        CloseConnection(CloseStatus.InternalError, "Internal error");
        return EndAsync();
    }

    /// <summary>A message that finds no room to wait is refused here, beside the session's turn.</summary>
    private void RefuseToWait(HubLink connection, ReadOnlySpan<byte> payload, int refusedInARow)
    {
        try
        {
            if (IsHeard(connection))
            {
                _owner.Dispatcher.RefuseToWait(this, payload, refusedInARow);
            }
        }
        catch (Exception exception)
        {
            Node.Log.SessionFailed(exception, SessionEventKind.Message, ClientId);
            connection.TryClose(CloseStatus.InternalError, "Internal error");
        }
    }

    private void Adopt(SessionEvent happened)
    {
        if (happened.Kind == SessionEventKind.Message)
        {
            Receive(happened.Connection!, happened.MessageType, happened.Payload);
        }
        else
        {
            Post(happened);
        }
    }

    private ValueTask HandleMessage(HubLink connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        if (!IsHeard(connection))
        {
            return default;
        }

        _owner.OnSessionEvent?.Invoke(this, SessionEventKind.Message);
        if (_secrets.HasFormer && connection.TakesMessages)
        {
            // The client has read its new secret, or could have: it has no use for the former one any more.
            using (_gate.Enter())
            {
                _secrets.ForgetFormer();
            }

            this.SaveSoon();
        }

        return _owner.Dispatcher.Dispatch(this, type, payload);
    }

    /// <summary>From the moment the hub decides to close a connection, what its client sends does not count.</summary>
    internal bool IsHeard(HubLink connection) => connection == _connection && connection.ClosedWith is null;
}
