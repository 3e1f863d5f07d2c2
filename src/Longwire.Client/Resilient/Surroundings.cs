using System.Net.NetworkInformation;
using System.Runtime.CompilerServices;

namespace Longwire.Client;

/// <summary>
/// Events around the clients of a clock: the machine sleeps, or its network changes. One timer serves all of them, and only while
/// there are some. Thread safe.
/// </summary>
internal sealed class Surroundings
{
    /// <summary>How often the clock is looked at.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // Later than this, the machine slept: connections of before are not worth a question.
    private static readonly TimeSpan _sleep = TimeSpan.FromSeconds(30);

    // Later than this, the machine slept for a moment, or the process stood still.
    private static readonly TimeSpan _doubt = TimeSpan.FromSeconds(5);

    private static readonly ConditionalWeakTable<TimeProvider, Surroundings> _shared = [];

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly HashSet<ISurroundingsListener> _listeners = [];
    private ITimer? _timer;
    private long _lastTimestamp;
    private DateTimeOffset _lastDate;

    private Surroundings(TimeProvider time) => _time = time;

    /// <summary>The surroundings of the clients that go by a clock.</summary>
    public static Surroundings For(TimeProvider time) => _shared.GetValue(time, static time => new Surroundings(time));

    public void Add(ISurroundingsListener listener)
    {
        lock (_gate)
        {
            if (!_listeners.Add(listener) || _listeners.Count > 1)
            {
                return;
            }

            Look();
            _timer = _time.CreateTimer(static surroundings => ((Surroundings)surroundings!).OnTimer(), this, LookInterval, LookInterval);
            Network.Changed += OnNetworkChanged;
        }
    }

    public void Remove(ISurroundingsListener listener)
    {
        lock (_gate)
        {
            if (!_listeners.Remove(listener) || _listeners.Count > 0)
            {
                return;
            }

            _timer!.Dispose();
            _timer = null;
            Network.Changed -= OnNetworkChanged;
        }
    }

    /// <summary>The machine's network has changed, or come back.</summary>
    public void OnNetworkChanged() => Tell(static listener => listener.OnNetworkChanged());

    private void OnTimer()
    {
        TimeSpan late;
        lock (_gate)
        {
            late = Look() - LookInterval;
        }

        if (late >= _sleep)
        {
            Tell(static listener => listener.OnWoken());
        }
        else if (late >= _doubt)
        {
            Tell(static listener => listener.OnDoubt());
        }
    }

    // The time since the last look, by the clock that has gone further: some systems' monotonic clock stands still in sleep, and a date
    // may be set back.
    private TimeSpan Look()
    {
        long timestamp = _time.GetTimestamp();
        DateTimeOffset date = _time.GetUtcNow();
        TimeSpan monotonic = _time.GetElapsedTime(_lastTimestamp, timestamp);
        TimeSpan wall = date - _lastDate;
        _lastTimestamp = timestamp;
        _lastDate = date;
        return wall > monotonic ? wall : monotonic;
    }

    private void Tell(Action<ISurroundingsListener> tell)
    {
        ISurroundingsListener[] listeners;
        lock (_gate)
        {
            listeners = [.. _listeners];
        }

        foreach (ISurroundingsListener listener in listeners)
        {
            tell(listener);
        }
    }

    /// <summary>The system's news of its network, listened to only while somebody asks, and where the system has any.</summary>
    private static class Network
    {
        private static readonly Lock _gate = new();
        private static Action? _changed;

        public static event Action Changed
        {
            add
            {
                lock (_gate)
                {
                    if (_changed is null)
                    {
                        Listen(on: true);
                    }

                    _changed += value;
                }
            }
            remove
            {
                lock (_gate)
                {
                    _changed -= value;
                    if (_changed is null)
                    {
                        Listen(on: false);
                    }
                }
            }
        }

        private static void Listen(bool on)
        {
            if (OperatingSystem.IsBrowser())
            {
                return;
            }

            try
            {
                if (on)
                {
                    NetworkChange.NetworkAddressChanged += OnChanged;
                }
                else
                {
                    NetworkChange.NetworkAddressChanged -= OnChanged;
                }
            }
            catch (NetworkInformationException)
            {
                // The system tells nobody, as in some containers: pings and the clock are left.
            }
        }

        private static void OnChanged(object? sender, EventArgs news) => _changed?.Invoke();
    }
}
