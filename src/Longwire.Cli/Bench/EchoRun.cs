using System.Diagnostics;

namespace Longwire.Cli.Bench;

/// <summary>
/// Each message comes back to its sender. In a closed loop the next one leaves when a reply came; in an open one messages leave at a
/// rate, and their time is counted from when they were due, so that a server that stalls is charged for all that had to wait.
/// </summary>
internal class EchoRun(BenchOptions options) : SessionRun(options)
{
    private readonly LatencyHistogram _latency = new();
    private readonly LatencyHistogram _lag = new();
    private readonly bool _isOpenLoop = options.IsOpenLoop;
    private readonly double _interval = options.IsOpenLoop ? Stopwatch.Frequency / options.Rate : 0;
    private bool _isSending;
    private long _messages;
    private long _began;
    private long _due;
    private int _next;

    /// <summary>Whether a reply is followed by another message.</summary>
    public bool GoesOnAtReply => _isSending && !_isOpenLoop;

    public override long Completed => Volatile.Read(ref _messages);

    protected Script Script { get; private set; } = null!;

    protected override long Pending => Sessions.Sum(static session => session.IsSlow ? 0 : ((EchoSession)session).Pending);

    public void Record(long intendedAt, long now, int count)
    {
        // The open loop's window is that of the messages that were due in it, however late their replies come.
        long at = _isOpenLoop ? intendedAt : now;
        if (at >= WindowStart && at < WindowEnd)
        {
            _messages += count;
            _latency.Record(now - intendedAt, count);
        }
    }

    protected override BenchSession CreateSession(int index, bool isSlow) => new EchoSession(this, index, isSlow);

    protected override void Prepare(int? windowBits)
    {
        Script = new Script(Options, windowBits);
        foreach (EchoSession session in Sessions.Cast<EchoSession>())
        {
            session.Begin(Script);
        }
    }

    protected override void Begin(long now)
    {
        _isSending = true;
        _began = now;
        if (_isOpenLoop)
        {
            return;
        }

        foreach (EchoSession session in Sessions.Cast<EchoSession>())
        {
            for (int i = 0; i < Options.InFlight; i++)
            {
                session.Schedule(now);
            }

            session.Flush();
        }
    }

    protected override long Tick(long now)
    {
        lock (Gate)
        {
            long intendedAt;
            while ((intendedAt = _began + (long)(_due * _interval)) <= now && _isSending && Failure is null)
            {
                var session = (EchoSession)Sessions[_next];
                _next = (_next + 1) % Sessions.Length;
                _due++;
                try
                {
                    session.Schedule(intendedAt);
                    session.Flush();
                }
                catch (BenchFault fault)
                {
                    Fail(fault);
                }

                if (intendedAt >= WindowStart && intendedAt < WindowEnd)
                {
                    _lag.Record(now - intendedAt);
                }
            }

            return intendedAt;
        }
    }

    protected override void StopSending()
    {
        if (_isOpenLoop && _isSending)
        {
            // Messages due before the end belong to the window, though nobody has woken for them yet.
            Tick(WindowEnd);
        }

        _isSending = false;
    }

    protected override BenchShare CreateShare(double seconds) =>
        new()
        {
            Seconds = seconds,
            Messages = _messages,
            Latency = _latency.ToData(),
            Lag = _isOpenLoop ? _lag.ToData() : null,
            OwnCpuSeconds = Meter.OwnSeconds,
            ServerCpuSeconds = Meter.ServerSeconds,
        };

    protected void SendOneEach(long now)
    {
        foreach (EchoSession session in Sessions.Cast<EchoSession>())
        {
            session.Schedule(now);
            session.Flush();
        }
    }
}
