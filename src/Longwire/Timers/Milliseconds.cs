namespace Longwire;

/// <summary>Times in milliseconds on a wheel's clock.</summary>
internal static class Milliseconds
{
    /// <summary>A time after another; <see cref="long.MaxValue"/> where it never comes.</summary>
    public static long After(long since, TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan ? long.MaxValue : since + (long)time.TotalMilliseconds;
}
