namespace Longwire;

/// <summary>
/// A coarse timer for any number of connections: one list per slot, one slot per tick. Setting and clearing cost a few
/// pointer writes, a connection needs no timer object of its own, and nothing ticks while no connection is there.
/// </summary>
/// <remarks>
/// A connection may be called up to one tick late, never early by more than the horizon allows: it looks at the clock
/// itself and asks to be called again. Thread safe.
/// </remarks>
internal sealed class TimerWheel
{
    /// <summary>Milliseconds from tick to tick.</summary>
    public const int TickMilliseconds = 100;

    // 102.4 s ahead; what is due later is looked at once in a turn of the wheel.
    private const int SlotCount = 1024;
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<TimeProvider, TimerWheel> _shared = [];

    private readonly WebSocketConnection?[] _slots = new WebSocketConnection?[SlotCount];
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly bool _manual;
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private long _tick;
    private long _held; // the time that the owner of a turned wheel holds; 0 when the clock runs
    private int _count;

    /// <summary>Makes a wheel that its owner turns by <see cref="Advance"/>, as an event loop does.</summary>
    /// <param name="time">The clock.</param>
    public TimerWheel(TimeProvider time)
        : this(time, manual: true) { }

    private TimerWheel(TimeProvider time, bool manual)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _start = time.GetTimestamp();
        _manual = manual;
    }

    /// <summary>Milliseconds on this wheel's clock since it was made.</summary>
    public long Now => Volatile.Read(ref _held) is var held and not 0 ? held : Measure();

    /// <summary>How many connections wait for a call.</summary>
    public int Count => _count;

    internal static TimerWheel For(TimeProvider time) => _shared.GetValue(time, static time => new TimerWheel(time, manual: false));

    /// <summary>
    /// Has the clock stand still until <see cref="Release"/>. For the owner of a wheel that it turns itself: while a loop works through
    /// what has arrived, which takes far less than a tick, it reads the clock once instead of several times for each message.
    /// </summary>
    public void Hold() => Volatile.Write(ref _held, Math.Max(Measure(), 1));

    /// <summary>Has the clock run again. To be called before the owner waits.</summary>
    public void Release() => Volatile.Write(ref _held, 0);

    /// <summary>Calls every connection whose time has come. For the owner of a wheel that it turns itself.</summary>
    public void Advance()
    {
        long target = Now / TickMilliseconds;
        if (_count == 0 || Volatile.Read(ref _tick) >= target)
        {
            return;
        }

        while (TryNextDue(target, out WebSocketConnection? connection))
        {
            ConnectionTimer.OnTimer(connection, Now);
        }
    }

    /// <summary>Calls <see cref="ConnectionTimer.OnTimer"/> at or soon after a time, in place of what was set before.</summary>
    internal void Set(WebSocketConnection connection, long due)
    {
        lock (_lock)
        {
            if (connection.TimerSlot >= 0)
            {
                Unlink(connection);
            }

            if (_count == 0)
            {
                _tick = Now / TickMilliseconds;
                StartTicking();
            }

            long tick = Math.Clamp((due + TickMilliseconds - 1) / TickMilliseconds, _tick + 1, _tick + SlotCount - 1);
            int slot = (int)(tick % SlotCount);
            WebSocketConnection? head = _slots[slot];
            connection.TimerSlot = (short)slot;
            connection.TimerNext = head;
            connection.TimerPrevious = null;
            if (head is not null)
            {
                head.TimerPrevious = connection;
            }

            _slots[slot] = connection;
            _count++;
        }
    }

    /// <summary>Forgets a connection.</summary>
    internal void Clear(WebSocketConnection connection)
    {
        lock (_lock)
        {
            if (connection.TimerSlot >= 0)
            {
                Unlink(connection);
            }
        }
    }

    private bool TryNextDue(long target, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out WebSocketConnection? connection)
    {
        lock (_lock)
        {
            while (_count != 0 && _tick <= target)
            {
                connection = _slots[_tick % SlotCount];
                if (connection is not null)
                {
                    // Taken out one at a time: the call may set or clear timers, its own and others'.
                    Unlink(connection);
                    return true;
                }

                if (_tick == target)
                {
                    break;
                }

                // A long pause turns the wheel once, not once for every tick that was slept through.
                _tick = Math.Max(_tick + 1, target - SlotCount + 1);
            }

            connection = null;
            return false;
        }
    }

    private void Unlink(WebSocketConnection connection)
    {
        if (connection.TimerPrevious is null)
        {
            _slots[connection.TimerSlot] = connection.TimerNext;
        }
        else
        {
            connection.TimerPrevious.TimerNext = connection.TimerNext;
        }

        if (connection.TimerNext is not null)
        {
            connection.TimerNext.TimerPrevious = connection.TimerPrevious;
        }

        connection.TimerNext = connection.TimerPrevious = null;
        connection.TimerSlot = -1;
        _count--;
        if (_count == 0)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    private long Measure() => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    private void StartTicking()
    {
        if (_manual)
        {
            return;
        }

        // The wheel outlives the request that happens to start it, so it must not hold on to that request's context.
        AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        TimeSpan tick = TimeSpan.FromMilliseconds(TickMilliseconds);
        _timer = _time.CreateTimer(static wheel => ((TimerWheel)wheel!).Advance(), this, tick, tick);
        flow?.Undo();
    }
}
