namespace Longwire.Client.Tests;

/// <summary>
/// A clock that stands still until a test turns it, as the clock of a machine that can sleep and whose date can be set. Timers fire on the
/// thread that turns it, in order, each at its own time.
/// </summary>
internal sealed class VirtualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private long _ticks = TimeSpan.TicksPerDay;
    private long _date = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers are set.</summary>
    public int TimerCount
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return new DateTimeOffset(_date, TimeSpan.Zero);
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _ticks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan by)
    {
        long end = GetTimestamp() + by.Ticks;
        while (true)
        {
            Timer? next;
            lock (_gate)
            {
                next = _timers.Where(timer => timer.Due <= end).MinBy(static timer => timer.Due);
                long to = Math.Max(next?.Due ?? end, _ticks);
                _date += to - _ticks;
                _ticks = to;
                next?.Next();
            }

            if (next is null)
            {
                return;
            }

            next.Fire();
        }
    }

    /// <summary>Lets time pass as in sleep: no timer fires before the machine wakes, and each that is due then fires once.</summary>
    /// <param name="by">How long the machine sleeps.</param>
    /// <param name="monotonicStandsStill">Whether the monotonic clock does not count sleep, as on some systems.</param>
    public void Sleep(TimeSpan by, bool monotonicStandsStill = false)
    {
        lock (_gate)
        {
            _date += by.Ticks;
            if (!monotonicStandsStill)
            {
                _ticks += by.Ticks;
                foreach (Timer timer in _timers.Where(timer => timer.Due < _ticks))
                {
                    timer.Due = _ticks;
                }
            }
        }

        // Due timers fire, and the clock is looked at again within a second.
        Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>Sets the date: no time passes.</summary>
    public void StepDate(TimeSpan by)
    {
        lock (_gate)
        {
            _date += by.Ticks;
        }
    }

    private sealed class Timer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private long _period;

        public long Due { get; set; }

        public void Fire() => callback(state);

        // Under the clock's lock.
        public void Next()
        {
            Due += _period;
            if (_period <= 0)
            {
                clock._timers.Remove(this);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime >= TimeSpan.Zero)
                {
                    Due = clock._ticks + dueTime.Ticks;
                    _period = period.Ticks;
                    clock._timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
