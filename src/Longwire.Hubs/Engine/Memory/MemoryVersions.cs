namespace Longwire.Hubs.Engines;

/// <summary>
/// Numbers that no room's presence and no session has had before: those are forgotten, and clients come back all the same. They go by the
/// date, and beyond what is known to have been given within one instant of it. Thread-safe.
/// </summary>
internal sealed class MemoryVersions(TimeProvider time)
{
    private const int PerMillisecond = 1_000;

    private long _last;

    public long New() => Math.Max(Volatile.Read(ref _last), time.GetUtcNow().ToUnixTimeMilliseconds() * PerMillisecond);

    /// <summary>Something that counted on by itself is forgotten.</summary>
    /// <param name="last">The last number that it has given.</param>
    public void Forget(long last)
    {
        long known;
        while (last > (known = Volatile.Read(ref _last)))
        {
            Interlocked.CompareExchange(ref _last, last, known);
        }
    }
}
