namespace Longwire.Hubs;

/// <summary>
/// The time since the clock was created. Setting the machine's date does not change it, so all durations are measured by it. Thread-safe.
/// </summary>
internal sealed class MonotonicClock(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();

    /// <summary>A moment that never comes.</summary>
    public static TimeSpan Never => TimeSpan.MaxValue;

    public TimeSpan Now => timeProvider.GetElapsedTime(_start);

    /// <summary>The moment at which a duration that begins now is over.</summary>
    public TimeSpan After(TimeSpan duration)
    {
        TimeSpan now = Now;
        return duration < Never - now ? now + duration : Never;
    }
}
