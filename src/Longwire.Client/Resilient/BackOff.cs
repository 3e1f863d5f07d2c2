namespace Longwire.Client;

/// <summary>How long a client waits before an attempt.</summary>
internal static class BackOff
{
    private static readonly TimeSpan _longestRetryAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _longestDrain = TimeSpan.FromHours(1);

    /// <summary>The delay before an attempt.</summary>
    /// <param name="attempt">Which attempt it is, from 1.</param>
    /// <param name="advice">The client's reaction to the ending.</param>
    /// <param name="ending">How the connection, or the attempt before, ended.</param>
    /// <param name="drain">When the server said to come back; null when it did not say.</param>
    /// <param name="options">The options.</param>
    /// <param name="random">A number from 0 up to 1.</param>
    public static TimeSpan Delay(
        int attempt,
        ReconnectAdvice advice,
        ConnectionEnding ending,
        TimeSpan? drain,
        ReconnectOptions options,
        Func<double> random
    )
    {
        if (drain is { } told)
        {
            return Min(told, _longestDrain);
        }

        if (ending.RetryAfter is { } after)
        {
            return Min(after, _longestRetryAfter) + (TimeSpan.FromSeconds(1) * random());
        }

        if (attempt == 1 && (ReferenceEquals(ending, ConnectionEnding.Asleep) || ending.Status == (CloseStatus)4003))
        {
            return TimeSpan.Zero;
        }

        TimeSpan delay = Ceiling(attempt, options) * random();
        if (advice != ReconnectAdvice.Later)
        {
            return delay;
        }

        TimeSpan later = TimeSpan.FromSeconds(5 + (25 * random()));
        return later > delay ? later : delay;
    }

    /// <summary>The most that an attempt waits by itself: it grows by the factor, up to the maximum.</summary>
    public static TimeSpan Ceiling(int attempt, ReconnectOptions options)
    {
        double seconds = options.InitialDelay.TotalSeconds * Math.Pow(options.DelayFactor, attempt - 1);
        return seconds < options.MaxDelay.TotalSeconds ? TimeSpan.FromSeconds(seconds) : options.MaxDelay;
    }

    private static TimeSpan Min(TimeSpan first, TimeSpan second) => first < second ? first : second;
}
