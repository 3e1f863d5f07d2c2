using System.Buffers.Binary;
using Longwire.Protocol;

namespace Longwire;

// Is the peer alive? Anything that comes says yes; after a silence a ping asks. One coarse timer serves all that.
public sealed partial class WebSocketConnection
{
    private readonly TimerWheel _timers;
    private long _lastReceived; // milliseconds on the wheel's clock
    private long _lastMessage;
    private long _keepAliveSent; // when the ping that asks was sent; 0 when none is open
    private SentPing? _pings; // that wait for their pongs, the oldest first
    private uint _lastPing; // the number of the newest ping, which is its payload
    private long _roundTripTicks = -1;

    internal short TimerSlot { get; set; } = -1;

    internal WebSocketConnection? TimerNext { get; set; }

    internal WebSocketConnection? TimerPrevious { get; set; }

    /// <summary>The newest measured time from a ping to its pong; null when none was measured yet.</summary>
    public TimeSpan? RoundTripTime => Volatile.Read(ref _roundTripTicks) is var ticks and >= 0 ? new TimeSpan(ticks) : null;

    /// <summary>Sends a ping and waits for its pong. Thread safe.</summary>
    /// <param name="cancellationToken">Ends the wait and nothing else.</param>
    /// <returns>The time from the ping to its pong, the wait in this side's queue included.</returns>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing, or closed before the pong came.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SentPing waiter;
        bool flush;
        lock (_transport)
        {
            if (!MaySend)
            {
                throw ClosedException();
            }

            flush = WritePing(new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously), out waiter);
        }

        if (flush)
        {
            Flush();
        }

        try
        {
            return await waiter.Pong!.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_transport)
            {
                ForgetPings(ping => ping == waiter);
            }
        }
    }

    /// <summary>For the wheel: looks at what is due.</summary>
    internal void OnTimer(long now)
    {
        if (_ended)
        {
            return;
        }

        if (_ending is { } ending && Volatile.Read(ref ending.CloseDue) is var closeDue and not 0)
        {
            if (now >= closeDue)
            {
                CloseDue(now);
                return;
            }
        }
        else if (IsSendingStuck(now) || IsPeerDead(now))
        {
            Abort();
            return;
        }
        else if (IsIdle(now))
        {
            TryClose(Protocol.CloseStatus.GoingAway, "Idle");
            return;
        }
        else if (_keepAliveSent == 0 && Passed(_lastReceived, Options.PingInterval, now))
        {
            SendKeepAlive(now);
        }

        lock (_transport)
        {
            if (_queue is { IsEmpty: true })
            {
                _queue = null;
            }

            ScheduleNextCheck(now);
        }
    }

    private static bool Passed(long since, TimeSpan time, long now) =>
        time != Timeout.InfiniteTimeSpan && now - since >= (long)time.TotalMilliseconds;

    private bool IsSendingStuck(long now)
    {
        lock (_transport)
        {
            return _flushing && Passed(_flushingSince, Options.SendTimeout, now);
        }
    }

    // Messages that the application has not let in may be waiting unread: that is not the peer's silence.
    private bool IsIdle(long now)
    {
        if (IsPaused)
        {
            _lastMessage = now;
        }

        return Passed(_lastMessage, Options.IdleTimeout, now);
    }

    private bool IsPeerDead(long now)
    {
        if (_keepAliveSent == 0)
        {
            return false;
        }

        if (_lastReceived >= _keepAliveSent)
        {
            _keepAliveSent = 0;
            return false;
        }

        // While the application doesn't read, the pong may be waiting unread: silence says nothing then.
        if (IsPaused)
        {
            _keepAliveSent = now;
            return false;
        }

        return Passed(_keepAliveSent, Options.PongTimeout, now);
    }

    private void SendKeepAlive(long now)
    {
        bool flush;
        lock (_transport)
        {
            if (!MaySend)
            {
                return;
            }

            // A peer that sends but never answers pings must not have them pile up.
            ForgetPings(static ping => ping.Pong is null);
            _keepAliveSent = Math.Max(now, 1);
            flush = WritePing(null, out _);
        }

        if (flush)
        {
            Flush();
        }
    }

    // Under the send lock. Returns whether the caller must flush once it has left the lock.
    private bool WritePing(TaskCompletionSource<TimeSpan>? pong, out SentPing ping)
    {
        ping = new SentPing
        {
            Number = ++_lastPing,
            Time = Options.TimeProvider.GetTimestamp(),
            Pong = pong,
        };
        ref SentPing? end = ref _pings;
        while (end is not null)
        {
            end = ref end.Next;
        }

        end = ping;
        Span<byte> payload = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(payload, ping.Number);
        return Write(Opcode.Ping, payload);
    }

    // Under the send lock.
    private void ForgetPings(Predicate<SentPing> which)
    {
        ref SentPing? link = ref _pings;
        while (link is not null)
        {
            if (which(link))
            {
                link = link.Next;
            }
            else
            {
                link = ref link.Next;
            }
        }
    }

    // A pong answers its ping and all before it (RFC 6455 §5.5.3); one with another payload came unasked and is ignored.
    private void OnPong(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != sizeof(long))
        {
            return;
        }

        long number = BinaryPrimitives.ReadInt64BigEndian(payload);
        lock (_transport)
        {
            if (number < 1 || number > _lastPing)
            {
                return;
            }

            while (_pings is { } ping && ping.Number <= number)
            {
                _pings = ping.Next;
                TimeSpan time = Options.TimeProvider.GetElapsedTime(ping.Time);
                _roundTripTicks = time.Ticks;
                ping.Pong?.TrySetResult(time);
            }
        }
    }

    private void FailPings()
    {
        lock (_transport)
        {
            for (; _pings is { } ping; _pings = ping.Next)
            {
                ping.Pong?.TrySetException(ClosedException());
            }
        }
    }

    // Under the send lock, so that no earlier time that another thread sets is overwritten, and nothing is set behind the end.
    private void ScheduleNextCheck(long now)
    {
        if (_ended)
        {
            return;
        }

        long due = _ending is { CloseDue: not 0 } ending
            ? ending.CloseDue
            : Math.Min(
                Math.Min(KeepAliveDue(now), After(_lastMessage, Options.IdleTimeout)),
                // Sending may get stuck at any time, so that is looked at in every such interval.
                After(_flushing ? _flushingSince : now, Options.SendTimeout)
            );
        if (due != long.MaxValue)
        {
            _timers.Set(this, due);
        }
    }

    // The pong mostly comes long before it must have, and the next interval counts from it: an open ping is looked at in every interval
    // too.
    private long KeepAliveDue(long now)
    {
        if (_keepAliveSent == 0)
        {
            return After(_lastReceived, Options.PingInterval);
        }

        long interval = Math.Max((long)Options.PingInterval.TotalMilliseconds, 1);
        long intervals = ((now - _keepAliveSent) / interval) + 1;
        return Math.Min(After(_keepAliveSent, Options.PongTimeout), _keepAliveSent + (intervals * interval));
    }

    private static long After(long since, TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan ? long.MaxValue : since + (long)time.TotalMilliseconds;

    private sealed class SentPing
    {
        public SentPing? Next;
        public TaskCompletionSource<TimeSpan>? Pong; // null where only the connection itself asked
        public long Time;
        public uint Number;
    }
}
