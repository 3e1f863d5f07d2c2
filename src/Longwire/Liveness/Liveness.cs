namespace Longwire;

/// <summary>
/// Is the peer alive? Anything that comes says yes; after a silence a ping asks. It has no clock: times, in milliseconds, are arguments.
/// Guarded by the connection's send lock, but for what comes in. Mutable: keep it in a field, don't copy it.
/// </summary>
internal struct Liveness()
{
    // Less than this before a ping is with the peer in no time, and says nothing of its pong.
    private const int MuchWaitingBytes = 4 << 10;

    private SentPing? _pings; // that wait for their pongs, the oldest first
    private long _lastMessage;
    private long _keepAliveSent; // when the ping that asks was sent; 0 when none is open
    private long _roundTripTicks = -1;
    private uint _lastPing; // the number of the newest ping, which is its payload

    /// <summary>When something last came. The receiving thread writes it without the lock.</summary>
    public long LastReceived { get; set; }

    /// <summary>The newest measured time from a ping to its pong; null before.</summary>
    public readonly TimeSpan? RoundTripTime => Volatile.Read(in _roundTripTicks) is var ticks and >= 0 ? new TimeSpan(ticks) : null;

    /// <summary>Whether pings wait for their pongs.</summary>
    public readonly bool HasOpenPings => _pings is not null;

    /// <summary>The connection begins.</summary>
    public void Start(long now) => LastReceived = _lastMessage = now;

    /// <summary>A message, or a part of one, has arrived.</summary>
    public void NoteMessage() => _lastMessage = LastReceived;

    /// <summary>The action that is due.</summary>
    public LivenessAction Check(in LivenessFacts facts, long now) =>
        IsPeerDead(facts, now) ? LivenessAction.Abort
        : IsIdle(facts, now) ? LivenessAction.CloseIdle
        : _keepAliveSent == 0 && HasPassed(LastReceived, facts.Limits.PingInterval, now) ? LivenessAction.Ping
        : LivenessAction.None;

    /// <summary>When to check next; <see cref="long.MaxValue"/> for never.</summary>
    public readonly long Next(WebSocketConnectionOptions limits, long now) =>
        Math.Min(KeepAliveDue(limits, now), Milliseconds.After(_lastMessage, limits.IdleTimeout));

    /// <summary>Begins to ask: the ping is to be sent next.</summary>
    public SentPing AskPeer(in LivenessFacts facts, long now)
    {
        // A peer that sends but never answers pings must not have them pile up.
        Forget(static (ping, _) => ping.Pong is null, null);
        _keepAliveSent = Math.Max(now, 1);
        bool isMuchWaiting = facts.Transport.TryGetPeerProgress(out long taken, out long waiting) && waiting >= MuchWaitingBytes;
        SentPing ping = Add(facts.Limits.TimeProvider, null);
        (ping.IsBehind, ping.Taken) = (facts.IsLeaving || isMuchWaiting, taken);
        return ping;
    }

    /// <summary>Notes a ping that is to be sent next.</summary>
    public SentPing Add(TimeProvider time, TaskCompletionSource<TimeSpan>? pong)
    {
        ref SentPing? end = ref _pings;
        while (end is not null)
        {
            end = ref end.Next;
        }

        end = new SentPing
        {
            Number = ++_lastPing,
            Timestamp = time.GetTimestamp(),
            Pong = pong,
        };
        return end;
    }

    /// <summary>Nobody waits for this ping's pong any more.</summary>
    public void Forget(SentPing ping) => Forget(static (each, ping) => each == ping, ping);

    /// <summary>
    /// A pong has come. It answers its ping and all before it (RFC 6455 §5.5.3); one with another payload came unasked and is ignored.
    /// </summary>
    public void OnPong(long number, TimeProvider clock)
    {
        if (number < 1 || number > _lastPing)
        {
            return;
        }

        while (_pings is { } ping && ping.Number <= number)
        {
            _pings = ping.Next;
            TimeSpan time = clock.GetElapsedTime(ping.Timestamp);
            Volatile.Write(ref _roundTripTicks, time.Ticks);
            ping.Pong?.TrySetResult(time);
        }
    }

    /// <summary>No pong comes any more.</summary>
    public void FailPings(Exception exception)
    {
        for (; _pings is { } ping; _pings = ping.Next)
        {
            ping.Pong?.TrySetException(exception);
        }
    }

    // Messages that the application has not let in may be waiting unread: that is not the peer's silence.
    private bool IsIdle(in LivenessFacts facts, long now)
    {
        if (facts.IsPaused)
        {
            _lastMessage = now;
        }

        return HasPassed(_lastMessage, facts.Limits.IdleTimeout, now);
    }

    private bool IsPeerDead(in LivenessFacts facts, long now)
    {
        if (_keepAliveSent == 0)
        {
            return false;
        }

        if (LastReceived >= _keepAliveSent)
        {
            _keepAliveSent = 0;
            return false;
        }

        // While the application doesn't read, the pong may be waiting unread: silence says nothing then. And the ping is behind what was
        // sent before it: while the peer takes that, it lives.
        if (facts.IsPaused || HasComeCloserToPing(facts))
        {
            _keepAliveSent = now;
            return false;
        }

        return HasPassed(_keepAliveSent, facts.Limits.PongTimeout, now);
    }

    private readonly bool HasComeCloserToPing(in LivenessFacts facts)
    {
        if (_pings is not { } ping)
        {
            return false;
        }

        if (facts.IsLeaving)
        {
            return facts.LastTaken > _keepAliveSent;
        }

        if (!ping.IsBehind || !facts.Transport.TryGetPeerProgress(out long taken, out long waiting))
        {
            return false;
        }

        bool isCloser = taken != ping.Taken;
        ping.Taken = taken;
        ping.IsBehind = waiting >= MuchWaitingBytes;
        return isCloser;
    }

    // Pongs usually arrive well before their deadline, and the next interval starts at the pong. So while a ping is open it is looked at in
    // every interval, not only at the deadline.
    private readonly long KeepAliveDue(WebSocketConnectionOptions limits, long now)
    {
        if (_keepAliveSent == 0)
        {
            return Milliseconds.After(LastReceived, limits.PingInterval);
        }

        long interval = Math.Max((long)limits.PingInterval.TotalMilliseconds, 1);
        long intervals = ((now - _keepAliveSent) / interval) + 1;
        return Math.Min(Milliseconds.After(_keepAliveSent, limits.PongTimeout), _keepAliveSent + (intervals * interval));
    }

    private void Forget(Func<SentPing, SentPing?, bool> which, SentPing? argument)
    {
        ref SentPing? link = ref _pings;
        while (link is not null)
        {
            if (which(link, argument))
            {
                link = link.Next;
            }
            else
            {
                link = ref link.Next;
            }
        }
    }

    private static bool HasPassed(long since, TimeSpan time, long now) =>
        time != Timeout.InfiniteTimeSpan && now - since >= (long)time.TotalMilliseconds;
}
