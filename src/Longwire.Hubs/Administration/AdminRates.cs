using System.Diagnostics.Metrics;

namespace Longwire.Hubs;

/// <summary>
/// How many messages a second come and go. The hub's figures are listened to only as long as somebody asks. Thread-safe.
/// </summary>
internal sealed class AdminRates(Hub hub)
{
    private static readonly TimeSpan _listenFor = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[3];
    private MeterListener? _listener;
    private ITimer? _end;
    private TimeSpan _since;
    private (double Received, double Sent, double Rejected) _last;

    /// <summary>The rates since they were last asked for, or of the last second where that is less ago.</summary>
    public (double Received, double Sent, double Rejected) Take()
    {
        lock (_gate)
        {
            TimeSpan now = hub.Context.Clock.Now;
            if (_listener is null)
            {
                Begin(now);
            }

            double seconds = (now - _since).TotalSeconds;
            if (seconds >= 1)
            {
                _last = (TakeCount(0) / seconds, TakeCount(1) / seconds, TakeCount(2) / seconds);
                _since = now;
            }

            _end!.Change(_listenFor, Timeout.InfiniteTimeSpan);
            return _last;
        }
    }

    private void Begin(TimeSpan now)
    {
        _since = now;
        _last = default;
        Array.Clear(_counts);
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                int index = instrument.Name switch
                {
                    "longwire.hub.messages.received" => 0,
                    "longwire.hub.messages.sent" => 1,
                    "longwire.hub.messages.rejected" => 2,
                    _ => -1,
                };
                if (index >= 0 && hub.Context.Metrics.Owns(instrument))
                {
                    // Boxed once, and not for each measurement.
                    listener.EnableMeasurementEvents(instrument, index);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, index) => Interlocked.Add(ref _counts[(int)index!], value));
        _listener.Start();
        _end = hub.Context.TimeProvider.CreateTimer(static rates => ((AdminRates)rates!).End(), this, _listenFor, Timeout.InfiniteTimeSpan);
    }

    private void End()
    {
        lock (_gate)
        {
            _listener?.Dispose();
            _end?.Dispose();
            _listener = null;
            _end = null;
        }
    }

    private long TakeCount(int index) => Interlocked.Exchange(ref _counts[index], 0);
}
