using System.Buffers.Binary;
using Longwire.Protocol;

namespace Longwire;

// Is the peer alive? Anything that comes says yes; after a silence a ping asks. One coarse timer serves all that.
public sealed partial class WebSocketConnection
{
    // Less than this before a ping is with the peer in no time, and says nothing of its pong.
    private const int MuchWaitingBytes = 4 << 10;

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
        TimerAction action;
        lock (_transport)
        {
            if (_closing.State == ClosingState.Completed)
            {
                return;
            }

            if (_queue is { IsEmpty: true })
            {
                _queue = null;
            }

            action = Check(now);
            ScheduleNextCheck(now);
        }

        switch (action)
        {
            case TimerAction.Ping:
                SendKeepAlive(now);
                break;
            case TimerAction.CloseIdle:
                TryClose(Longwire.CloseStatus.GoingAway, "Idle");
                break;
            case TimerAction.SendOwedClose:
                SendOwedClose();
                break;
            case TimerAction.EndTcp:
                _transport.Close(abort: false);
                break;
            case TimerAction.Complete:
                TheEnding.IsHurried = true;
                CompleteWhenOver();
                break;
            case TimerAction.AbortDead:
                Abort(ConnectionAbortCause.PeerDead);
                break;
            case TimerAction.AbortSlow:
                Abort(ConnectionAbortCause.TooSlow);
                break;
            case TimerAction.AbortUnanswered:
                Abort(ConnectionAbortCause.CloseTimeout);
                break;
        }
    }

    // Under the send lock.
    private TimerAction Check(long now)
    {
        if (_watching && _closing.State < ClosingState.Ended && CheckProgress(now) is var slow and not TimerAction.None)
        {
            return slow;
        }

        if (_ending is { Record.IsTimed: true } ending)
        {
            return _closing.OnTimer(ref ending.Record, Facts, now).Kind switch
            {
                ClosingActionKind.SendClose => TimerAction.SendOwedClose,
                ClosingActionKind.EndTcp => TimerAction.EndTcp,
                ClosingActionKind.Abort => TimerAction.AbortUnanswered,
                ClosingActionKind.Complete => TimerAction.Complete,
                _ => TimerAction.None,
            };
        }

        return IsPeerDead(now) ? TimerAction.AbortDead
            : IsIdle(now) ? TimerAction.CloseIdle
            : _keepAliveSent == 0 && Passed(_lastReceived, Options.PingInterval, now) ? TimerAction.Ping
            : TimerAction.None;
    }

    private static bool Passed(long since, TimeSpan time, long now) =>
        time != Timeout.InfiniteTimeSpan && now - since >= (long)time.TotalMilliseconds;

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

        // While the application doesn't read, the pong may be waiting unread: silence says nothing then. And the ping is behind what was
        // sent before it: while the peer takes that, it lives.
        if (IsPaused || HasComeCloserToPing())
        {
            _keepAliveSent = now;
            return false;
        }

        return Passed(_keepAliveSent, Options.PongTimeout, now);
    }

    private bool HasComeCloserToPing()
    {
        if (_pings is not { } ping)
        {
            return false;
        }

        if (IsLeaving)
        {
            return _watch is { Sending: { IsRunning: true } sending } && sending.LastProgress > _keepAliveSent;
        }

        if (!ping.IsBehind || !_transport.TryGetPeerProgress(out long taken, out long waiting))
        {
            return false;
        }

        bool closer = taken != ping.Taken;
        ping.Taken = taken;
        ping.IsBehind = waiting >= MuchWaitingBytes;
        return closer;
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
            bool behind = IsLeaving;
            behind |= _transport.TryGetPeerProgress(out long taken, out long waiting) && waiting >= MuchWaitingBytes;
            flush = WritePing(null, out SentPing ping);
            (ping.IsBehind, ping.Taken) = (behind, taken);
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
        if (_closing.State == ClosingState.Completed || !_started)
        {
            return;
        }

        long due;
        if (_ending is { Record.IsTimed: true } ending)
        {
            (due, _) = _closing.Next(ending.Record, Facts);
        }
        else
        {
            due = Math.Min(KeepAliveDue(now), After(_lastMessage, Options.IdleTimeout));
        }

        if (_watching && _closing.State < ClosingState.Ended)
        {
            due = Math.Min(due, now + (_watch is null ? FirstLookMilliseconds : LookMilliseconds));
        }

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

    private static long After(long since, TimeSpan time, int divisor = 1) =>
        time == Timeout.InfiniteTimeSpan ? long.MaxValue : since + ((long)time.TotalMilliseconds / divisor);

    private sealed class SentPing
    {
        public SentPing? Next;
        public TaskCompletionSource<TimeSpan>? Pong; // null where only the connection itself asked
        public long Time;
        public long Taken; // what the peer had taken when it was last looked at
        public uint Number;
        public bool IsBehind; // whether something was sent before it that the peer may not have taken yet
    }
}
