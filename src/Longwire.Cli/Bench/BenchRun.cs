using System.Diagnostics;

namespace Longwire.Cli.Bench;

/// <summary>
/// One process's share of a measurement. On Linux, whose loops it needs, a tick of the clock is a nanosecond, the same in all processes.
/// </summary>
internal abstract class BenchRun(BenchOptions options) : IBenchWorker
{
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BenchOptions Options => options;

    /// <summary>Faults when the measurement can't go on.</summary>
    public Task Failed => _failed.Task;

    /// <summary>The reason that the measurement can't go on; null while it can.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    public abstract long Completed { get; }

    protected long WindowStart { get; set; } = long.MaxValue;

    protected long WindowEnd { get; set; } = long.MaxValue;

    public static BenchRun Create(BenchOptions options) =>
        options.Mode switch
        {
            BenchMode.Broadcast => new BroadcastRun(options),
            BenchMode.Idle => new IdleRun(options),
            BenchMode.Storm => new StormRun(options),
            _ => new EchoRun(options),
        };

    /// <summary>Opens what the measurement needs.</summary>
    public abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Measures.</summary>
    /// <param name="beginAt">When to begin with the warm-up, by the clock.</param>
    /// <param name="interrupt">Ends the window early: the result is then a partial one.</param>
    public abstract Task<BenchShare> MeasureAsync(long beginAt, CancellationToken interrupt);

    public abstract ValueTask DisposeAsync();

    public void Fail(Exception exception)
    {
        lock (_failed)
        {
            Failure ??= exception;
        }

        _failed.TrySetResult();
    }

    /// <summary>Waits until the clock says so, the measurement can't go on, or it is interrupted; never throws.</summary>
    protected async Task WaitUntilAsync(long time, CancellationToken interrupt)
    {
        while (Stopwatch.GetTimestamp() is var now && now < time && Failure is null && !interrupt.IsCancellationRequested)
        {
            // The last millisecond is left to the scheduler's mood: the window's limits are compared with the clock, not with this.
            TimeSpan left = TimeSpan.FromTicks(Math.Max((time - now) / 100, TimeSpan.TicksPerMillisecond));
            using var wake = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
            await Task.WhenAny(Task.Delay(left, wake.Token), _failed.Task);
            await wake.CancelAsync();
        }
    }

    protected void PlanWindow(long beginAt)
    {
        WindowStart = beginAt + Ticks(options.WarmUp);
        WindowEnd = WindowStart + Ticks(options.Duration);
    }

    protected static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
