using Longwire.Protocol;

namespace Longwire;

// Progress: what waits for the peer must go on at a least rate, and what waits counts against the process's budget. A check finds such a
// wait when it has lasted a while; so what leaves or arrives at once costs a look at a flag.
public sealed partial class WebSocketConnection
{
    private const long FirstLookMilliseconds = 2000;
    private const long LookMilliseconds = 1000;

    // A slow peer gets pieces that it takes within the time that they buy.
    private const int SlowSliceBytes = 8 << 10;

    private ProgressWatch? _watch;
    private uint _arrived; // grows with what arrives of the message that has begun; 0 for none
    private bool _watching; // checks come every second

    private enum TimerAction
    {
        None,
        Ping,
        CloseIdle,
        SendOwedClose,
        EndTcp,
        Complete,
        AbortDead,
        AbortSlow,
        AbortUnanswered,
    }

    /// <summary>For the budget: the time on this connection's clock.</summary>
    internal long Clock => _timers.Now;

    /// <summary>For the budget: this connection has to go.</summary>
    internal void AbortOverBudget() => Abort(ConnectionAbortCause.OverBudget);

    private int SliceBytes => _watch is { IsSlow: true } ? SlowSliceBytes : SendQueue.SliceBytes;

    private void WatchSending()
    {
        lock (_transport)
        {
            if (_flushing && !_watching)
            {
                BeginWatching();
            }
        }
    }

    private void BeginWatching()
    {
        _watching = true;
        ScheduleNextCheck(_timers.Now);
    }

    // Under the send lock, at the end of a read.
    private void NoteUnfinished()
    {
        uint arrived = _receiver.IsInsideMessage ? Math.Max((uint)_receiver.ArrivedBytes, 1) : 0;
        if (arrived != _arrived)
        {
            _arrived = arrived;
            // A part of a message is activity, as a message is.
            _lastMessage = _lastReceived;
        }

        if (arrived == 0)
        {
            if (_watch is not null)
            {
                _watch.Arriving.Stop();
                if (_watch.Unfinished is not null)
                {
                    Count(_watch.Unfinished, 0);
                }
            }

            return;
        }

        if (!_watching)
        {
            BeginWatching();
        }

        int held = _receiver.HeldBytes;
        if (held >= MemoryBudget.StepBytes || _watch is { Unfinished: not null })
        {
            _watch ??= new ProgressWatch();
            MemoryShare share = _watch.Unfinished ??= new MemoryShare(this);
            share.NoteProgress(arrived);
            Count(share, held);
        }
    }

    // Under the send lock, whenever what waits has changed.
    private void CountWaiting()
    {
        long held = (_queue?.HeldBytes ?? 0) + (Held?.HeldBytes ?? 0);
        if (held >= MemoryBudget.StepBytes || _watch is { Waiting: not null })
        {
            _watch ??= new ProgressWatch();
            MemoryShare share = _watch.Waiting ??= new MemoryShare(this);
            if (share.CountedBytes == 0)
            {
                share.Begin(held);
            }

            Count(share, held);
        }
    }

    private void Count(MemoryShare share, long held)
    {
        long counted = held - (held % MemoryBudget.StepBytes);
        if (counted == share.CountedBytes)
        {
            return;
        }

        share.CountedBytes = counted;
        Options.MemoryBudget.Set(share, counted);
    }

    // Under the send lock: another part has left, and the next is on its way.
    private void NoteFlush(int bytes)
    {
        if (_watch is { } watch)
        {
            watch.FlushedBytes += watch.FlushBytes;
            watch.FlushBytes = bytes;
        }
    }

    // Under the send lock.
    private TimerAction CheckProgress(long now)
    {
        bool leaving = IsLeaving;
        long taken = 0;
        long waiting = 0;
        bool known = (leaving || _closing.IsCloseSent) && _transport.TryGetPeerProgress(out taken, out waiting);
        // Bytes that the kernel still has count while this side closes: its Close frame is behind it.
        bool sending = leaving || (_closing.IsCloseSent && waiting != 0);
        bool arriving = _arrived != 0 && !_closing.IsPeerTcpOver && _closing.State < ClosingState.SendingEnded && !IsPaused;
        if (!sending && !arriving && _arrived == 0 && _watch is null or { HoldsMemory: false })
        {
            _watch = null;
            _watching = _ending is { Record.IsTimed: true };
            return TimerAction.None;
        }

        ProgressWatch watch = _watch ??= new ProgressWatch();
        bool fast = true;
        if (sending)
        {
            fast = CheckSending(watch, known ? taken : watch.FlushedBytes, known, now);
        }
        else
        {
            watch.Sending.Stop();
        }

        if (arriving)
        {
            fast &= CheckArriving(watch, now);
        }
        else
        {
            watch.Arriving.Stop();
        }

        return fast ? TimerAction.None : TimerAction.AbortSlow;
    }

    private bool CheckSending(ProgressWatch watch, long position, bool known, long now)
    {
        if (!watch.Sending.IsRunning)
        {
            // A transport that shows progress by whole flushes only gets the time that the largest takes.
            watch.Sending.Start(position, now, known ? DataRateMeter.GraceMilliseconds : DataRateMeter.MostCreditMilliseconds);
            return true;
        }

        long before = watch.Sending.LastProgress;
        bool fast = watch.Sending.Observe(position, now, Options.MinDataRateBytesPerSecond);
        watch.IsSlow = !known && watch.Sending.LastProgress == before;
        if (watch.Waiting is { } share)
        {
            share.NoteProgress(watch.Sending.Progress);
        }

        if (_ending is { } ending)
        {
            _closing.NoteLeft(ref ending.Record, now);
        }

        return fast;
    }

    private bool CheckArriving(ProgressWatch watch, long now)
    {
        if (!watch.Arriving.IsRunning)
        {
            watch.Arriving.Start(_arrived, now);
            return true;
        }

        return watch.Arriving.Observe(_arrived, now, Options.MinDataRateBytesPerSecond);
    }
}
