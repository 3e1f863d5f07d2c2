using System.Diagnostics;
using System.Runtime.InteropServices;
using Longwire.Transport.Linux;

namespace Longwire.Cli.Bench;

/// <summary>
/// Calls the loop when a message is due. A loop's own timers are too coarse for it; a thread that sleeps for as long as it takes wakes
/// within some 50 µs, and what comes late is counted from when it was due.
/// </summary>
internal sealed partial class Pacer(EventLoop loop, Func<long, long> tick) : LoopWorkItem, IDisposable
{
    // Messages that are due within the same while leave together.
    private const long LeastSleep = 50_000;

    private readonly AutoResetEvent _ticked = new(false);
    private long _next;
    private volatile bool _stopped;

    public void Start(long beginAt)
    {
        _next = beginAt;
        new Thread(Run)
        {
            IsBackground = true,
            Name = "longwire-bench-pacer",
            Priority = ThreadPriority.AboveNormal,
        }.Start();
    }

    public void Dispose()
    {
        _stopped = true;
        _ticked.Set();
    }

    protected internal override void Execute()
    {
        if (!_stopped)
        {
            _next = tick(Stopwatch.GetTimestamp());
        }

        _ticked.Set();
    }

    [LibraryImport("libc")]
    private static partial int nanosleep(in TimeSpecification time, nint remaining);

    private void Run()
    {
        while (!_stopped)
        {
            long sleep = Math.Clamp(_next - Stopwatch.GetTimestamp(), LeastSleep, Stopwatch.Frequency / 10);
            _ = nanosleep(new TimeSpecification(0, sleep), 0);
            if (_stopped || Stopwatch.GetTimestamp() < _next)
            {
                continue;
            }

            loop.Post(this);
            _ticked.WaitOne();
        }
    }

    private readonly struct TimeSpecification(long seconds, long nanoseconds)
    {
        public readonly long Seconds = seconds;
        public readonly long Nanoseconds = nanoseconds;
    }
}
