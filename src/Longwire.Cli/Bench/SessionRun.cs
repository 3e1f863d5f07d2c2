using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Longwire.Transport.Linux;

namespace Longwire.Cli.Bench;

/// <summary>
/// A run of sessions that are opened at first, then measured, then closed. One event loop carries them all, so that nothing needs a lock
/// but what TLS does.
/// </summary>
internal abstract class SessionRun : BenchRun
{
    private static readonly TimeSpan _closeTime = TimeSpan.FromSeconds(1);

    private readonly Dialer _dialer;
    private long _progress;
    private int _slowReadersEnded;
    private volatile bool _isClosing;

    protected SessionRun(BenchOptions options)
        : base(options)
    {
        Group = new EventLoopGroup(
            new EventLoopOptions
            {
                LoopCount = 1,
                Kind = options.Loop,
                // Received bytes are only looked at: a few buffers that stay in the cache are better than many.
                RingBufferCount = 8,
                TimerTick = TimeSpan.FromMilliseconds(10),
                LingerTimeout = _closeTime,
            }
        );
        _dialer = new Dialer(options, Group);
    }

    /// <summary>Held by whoever works on the run beside the loop, and by the loop where it could meet them.</summary>
    public object Gate { get; } = new();

    /// <summary>True when connections may end.</summary>
    public bool IsClosing => _isClosing;

    protected EventLoopGroup Group { get; }

    protected EventLoop Loop => Group.Loops[0];

    protected BenchSession[] Sessions { get; private set; } = [];

    protected BenchMeter Meter { get; } = new();

    /// <summary>Messages whose reply, or replies, are still to come.</summary>
    protected abstract long Pending { get; }

    public void NoteProgress() => _progress++;

    public void SlowReaderEnded() => Interlocked.Increment(ref _slowReadersEnded);

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        Sessions =
        [
            .. Enumerable
                .Range(0, Options.Connections)
                .Select(index => CreateSession(index, index >= Options.Connections - Options.SlowReaders)),
        ];
        await _dialer.OpenAsync(Sessions, cancellationToken);
        ThrowIfFailed();
        await OnLoopAsync(() => Prepare(Options.Deflate ? Sessions.Min(static session => session.Deflate?.ClientMaxWindowBits) : null));
        await JoinAsync(cancellationToken);
        ThrowIfFailed();
    }

    public override async Task<BenchShare> MeasureAsync(long beginAt, CancellationToken interrupt)
    {
        PlanWindow(beginAt);
        await WaitUntilAsync(beginAt, interrupt);
        using var pacer = new Pacer(Loop, Tick);
        await OnLoopAsync(() => Begin(Stopwatch.GetTimestamp()));
        if (Options.IsOpenLoop)
        {
            pacer.Start(beginAt);
        }

        await WaitUntilAsync(WindowStart - Ticks(TimeSpan.FromMilliseconds(30)), interrupt);
        // Garbage of the opening is not to be collected within the window.
        GC.Collect();
        await WaitUntilAsync(WindowStart, interrupt);
        Meter.Start(Options.ServerProcess);
        await WatchAsync(interrupt);
        Meter.Stop();
        long end = Math.Min(Stopwatch.GetTimestamp(), WindowEnd);
        pacer.Dispose();
        await OnLoopAsync(() =>
        {
            WindowEnd = end;
            StopSending();
        });
        long lost = 0;
        if (Failure is null && !interrupt.IsCancellationRequested)
        {
            lost = await DrainAsync();
            await EndAsync();
        }

        BenchShare share = null!;
        await OnLoopAsync(() => share = CreateShare(Math.Max(0, end - WindowStart) / (double)Stopwatch.Frequency));
        return share with
        {
            Connections = Options.Connections,
            SlowReadersEnded = _slowReadersEnded,
            Lost = lost,
            IsInterrupted = interrupt.IsCancellationRequested,
            Failure = Failure?.Message ?? (lost > 0 ? LostText(lost) : null),
            ExitCode =
                Failure is null ? (lost > 0 ? ExitCode.Timeout : ExitCode.Done)
                : Failure is BenchFault fault ? fault.ExitCode
                : ExitCode.ProtocolError,
        };
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isClosing)
        {
            await OnLoopAsync(EndSending);
        }

        await OnLoopAsync(() =>
        {
            foreach (BenchSession session in Sessions)
            {
                session.Link?.Close();
            }
        });
        await _dialer.DisposeAsync();
        await Group.DisposeAsync();
    }

    protected abstract BenchSession CreateSession(int index, bool isSlow);

    /// <summary>All connections are open; on the loop.</summary>
    /// <param name="windowBits">The window that all servers' compression allows; null for no compression.</param>
    protected abstract void Prepare(int? windowBits);

    /// <summary>Waits, with the server's patience as its limit, until the server has done what it does behind its handshakes.</summary>
    protected virtual Task JoinAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The warm-up begins; on the loop.</summary>
    protected abstract void Begin(long now);

    /// <summary>Open loop: sends what is due, on the loop.</summary>
    /// <returns>When more will be due.</returns>
    protected abstract long Tick(long now);

    /// <summary>The window is over; on the loop.</summary>
    protected abstract void StopSending();

    protected abstract BenchShare CreateShare(double seconds);

    protected virtual string LostText(long lost) => $"{lost:N0} messages got no reply within {Options.Patience.TotalSeconds:0.##} s.";

    /// <summary>Runs on the loop, alone.</summary>
    protected async Task OnLoopAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(
            _ =>
            {
                try
                {
                    lock (Gate)
                    {
                        action();
                    }
                }
                catch (Exception exception)
                {
                    Fail(exception);
                }

                done.SetResult();
            },
            null
        );
        await done.Task;
    }

    /// <summary>Waits until nothing is pending.</summary>
    /// <returns>The replies still pending when the time limit for the server has passed.</returns>
    protected async Task<long> DrainAsync()
    {
        long deadline = Stopwatch.GetTimestamp() + Ticks(Options.Patience);
        while (true)
        {
            long pending = 0;
            await OnLoopAsync(() => pending = Pending);
            if (pending == 0 || Failure is not null || Stopwatch.GetTimestamp() > deadline)
            {
                return pending;
            }

            await Task.Delay(5);
        }
    }

    // Messages that a server sends before its answer to the Close are still compared: there a last reply that comes twice is found.
    private async Task EndAsync()
    {
        await OnLoopAsync(EndSending);
        long deadline = Stopwatch.GetTimestamp() + Ticks(Options.Patience);
        for (bool isOpen = true; isOpen && Failure is null && Stopwatch.GetTimestamp() < deadline; )
        {
            await OnLoopAsync(() => isOpen = Sessions.Any(static session => !session.HasEnded && !session.IsSlow));
            await Task.Delay(isOpen ? 5 : 0);
        }
    }

    private void EndSending()
    {
        _isClosing = true;
        foreach (BenchSession session in Sessions)
        {
            // Those that never opened have none.
            session.Link?.EndSending();
        }
    }

    private void ThrowIfFailed()
    {
        if (Failure is not null)
        {
            ExceptionDispatchInfo.Throw(Failure);
        }
    }

    // A server that says nothing at all has failed, and needn't be waited for until the window's end.
    private async Task WatchAsync(CancellationToken interrupt)
    {
        long seen = -1;
        long quietSince = Stopwatch.GetTimestamp();
        while (Failure is null && !interrupt.IsCancellationRequested && Stopwatch.GetTimestamp() is var now && now < WindowEnd)
        {
            long progress = Volatile.Read(ref _progress);
            if (progress != seen || Options.Mode == BenchMode.Idle)
            {
                seen = progress;
                quietSince = now;
            }
            else if (now - quietSince > Ticks(Options.Patience) && Pending > 0)
            {
                Fail(new BenchFault($"The server has said nothing for {Options.Patience.TotalSeconds:0.##} s.", ExitCode.Timeout));
            }

            await WaitUntilAsync(Math.Min(WindowEnd, now + Stopwatch.Frequency / 5), interrupt);
        }
    }
}
