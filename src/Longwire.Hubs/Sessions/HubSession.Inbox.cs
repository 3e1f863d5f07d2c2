namespace Longwire.Hubs;

/// <content>
/// One thing after the other. As long as nothing has to be waited for, an event is dealt with on the thread that brings it and a
/// message is read where it lies. What comes while an earlier event is still worked on waits in a bounded queue.
/// </content>
public sealed partial class HubSession
{
    private static readonly TimeSpan _retryWhenBusy = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Queue<SessionEvent>? _waiting;
    private int _waitingMessages;
    private int _waitingBytes;
    private bool _busy;

    /// <summary>Takes a message. The payload is read or copied before this returns.</summary>
    internal void Receive(HubConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        bool isDelivering = DeliveryScope.IsActive;
        lock (_gate)
        {
            if (!_busy && !isDelivering)
            {
                _busy = true;
            }
            else if (_waitingMessages < _hub.Options.MaxWaitingMessages && _waitingBytes + payload.Length <= _hub.Options.MaxWaitingBytes)
            {
                _waitingMessages++;
                _waitingBytes += payload.Length;
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
                    // The peer's end of a pipe may run inside of a send, and so under a room's lock: see Post.
                    _busy = true;
                    ThreadPool.UnsafeQueueUserWorkItem(static session => session.Continue(default), this, preferLocal: false);
                }

                return;
            }
            else
            {
                _hub.Metrics.MessageRejected(HubError.RateLimited);
                ServerMessages.SendError(this, HubError.RateLimited, id: null, _retryWhenBusy);
                return;
            }
        }

        Continue(HandleMessage(connection, type, payload));
    }

    internal void Post(SessionEvent happened)
    {
        lock (_gate)
        {
            if (_busy)
            {
                Enqueue(happened);
                return;
            }

            _busy = true;
        }

        if (DeliveryScope.IsActive)
        {
            // A send that failed may end the connection right here, under a room's lock: what follows from it must not run there.
            ThreadPool.UnsafeQueueUserWorkItem(
                static work => work.Session.Continue(work.Session.Handle(work.Happened)),
                (Session: this, Happened: happened),
                preferLocal: false
            );
            return;
        }

        Continue(Handle(happened));
    }

    private void Enqueue(SessionEvent happened) => (_waiting ??= new Queue<SessionEvent>()).Enqueue(happened);

    private void Continue(ValueTask current)
    {
        if (current.IsCompletedSuccessfully)
        {
            lock (_gate)
            {
                if (_waiting is not { Count: > 0 })
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
            lock (_gate)
            {
                if (_waiting is null || !_waiting.TryDequeue(out next))
                {
                    _busy = false;
                    return;
                }

                if (next.Payload is { } payload)
                {
                    _waitingMessages--;
                    _waitingBytes -= payload.Length;
                }
            }

            await Handle(next).ConfigureAwait(false);
        }
    }

    /// <summary>Never fails: whatever goes wrong is logged, and the next event gets its turn.</summary>
    private async ValueTask Handle(SessionEvent happened)
    {
        try
        {
            if (happened.Connection is { Session: { } owner } && owner != this)
            {
                // The session ended before the connection could be attached to it, and the connection has another one now.
                owner.Adopt(happened);
                return;
            }

            if (happened.Kind != SessionEventKind.Message)
            {
                _hub.OnSessionEvent?.Invoke(this, happened.Kind);
            }

            await (
                happened.Kind switch
                {
                    SessionEventKind.Attach => AttachAsync(happened.Connection!, happened.Handshake!),
                    SessionEventKind.Message => HandleMessage(happened.Connection!, happened.MessageType, happened.Payload),
                    SessionEventKind.Closed => HandleClosedAsync(happened.Connection!, happened.Status),
                    SessionEventKind.Deadline => HandleDeadlineAsync(),
                    SessionEventKind.Kick => KickAsync(),
                    _ => EndAsync(),
                }
            ).ConfigureAwait(false);
        }
        catch (HubEngineUnavailableException exception)
        {
            _hub.Log.EngineUnavailable(exception, happened.Kind.ToString());
        }
        catch (Exception exception)
        {
            _hub.Log.SessionFailed(exception, happened.Kind.ToString(), ClientId);
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

    private ValueTask HandleMessage(HubConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        _hub.OnSessionEvent?.Invoke(this, SessionEventKind.Message);
        return connection == _connection ? _hub.Dispatcher.Dispatch(this, type, payload) : default;
    }
}
