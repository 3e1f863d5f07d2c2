using System.Buffers.Binary;
using Longwire.Protocol;

namespace Longwire;

// Is the peer alive? Anything that comes says yes; after a silence a ping asks. One coarse timer serves all that.
public sealed partial class WebSocketConnection
{
    private readonly TimerWheel _timers;
    private long _lastReceived;     // milliseconds on the wheel's clock
    private long _lastMessage;
    private long _keepAliveSent;    // when the ping that asks was sent; 0 when none is open
    private long _lastPing;         // the number of the newest ping, which is its payload
    private long _keepAlivePing;
    private long _keepAliveStamp;
    private long _roundTripTicks = -1;
    private LinkedList<PingWaiter>? _pings;

    internal int TimerSlot { get; set; } = -1;

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
        var waiter = new PingWaiter();
        bool flush;
        lock (_transport)
        {
            if (!MaySend)
            {
                throw ClosedException();
            }

            waiter.Number = ++_lastPing;
            waiter.Sent = Options.TimeProvider.GetTimestamp();
            _pings ??= new LinkedList<PingWaiter>();
            _pings.AddLast(waiter);
            flush = WritePing(waiter.Number);
        }

        if (flush)
        {
            Flush();
        }

        try
        {
            return await waiter.Pong.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_transport)
            {
                _pings?.Remove(waiter);
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

        if (Volatile.Read(ref _closeDue) is var closeDue and not 0)
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

    private static bool Passed(long since, TimeSpan time, long now)
        => time != Timeout.InfiniteTimeSpan && now - since >= (long)time.TotalMilliseconds;

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

            _keepAlivePing = ++_lastPing;
            _keepAliveStamp = Options.TimeProvider.GetTimestamp();
            _keepAliveSent = Math.Max(now, 1);
            flush = WritePing(_keepAlivePing);
        }

        if (flush)
        {
            Flush();
        }
    }

    private bool WritePing(long number)
    {
        Span<byte> payload = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(payload, number);
        return Write(Opcode.Ping, payload);
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

            if (number == _keepAlivePing)
            {
                _roundTripTicks = Options.TimeProvider.GetElapsedTime(_keepAliveStamp).Ticks;
                _keepAlivePing = 0;
            }

            while (_pings?.First?.Value is { } waiter && waiter.Number <= number)
            {
                _pings.RemoveFirst();
                TimeSpan time = Options.TimeProvider.GetElapsedTime(waiter.Sent);
                _roundTripTicks = time.Ticks;
                waiter.Pong.TrySetResult(time);
            }
        }
    }

    private void FailPings()
    {
        lock (_transport)
        {
            while (_pings?.First?.Value is { } waiter)
            {
                _pings.RemoveFirst();
                waiter.Pong.TrySetException(ClosedException());
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

        long due = _closeDue != 0 ? _closeDue : Math.Min(
            Math.Min(
                KeepAliveDue(now),
                After(_lastMessage, Options.IdleTimeout)),
            // Sending may get stuck at any time, so that is looked at in every such interval.
            After(_flushing ? _flushingSince : now, Options.SendTimeout));
        if (due != long.MaxValue)
        {
            _timers.Set(this, due);
        }
    }

    // The pong mostly comes long before it must have, and the next interval counts from it: an open ping is looked at in every interval too.
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

    private static long After(long since, TimeSpan time)
        => time == Timeout.InfiniteTimeSpan ? long.MaxValue : since + (long)time.TotalMilliseconds;

    private sealed class PingWaiter
    {
        public readonly TaskCompletionSource<TimeSpan> Pong = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public long Number;
        public long Sent;
    }
}
