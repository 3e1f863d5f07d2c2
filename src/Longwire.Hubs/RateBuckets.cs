namespace Longwire.Hubs;

/// <summary>How much is taken of three rates: of messages, of their bytes, and of joins. Not thread-safe: its owner guards it.</summary>
internal struct RateBuckets
{
    private TokenBucket _messages;
    private TokenBucket _bytes;
    private TokenBucket _joins;

    /// <summary>How long until all three are as new.</summary>
    public readonly TimeSpan TimeUntilFull(TimeSpan now)
    {
        long longest = Math.Max(_messages.TimeUntilFull(now).Ticks, _bytes.TimeUntilFull(now).Ticks);
        return new TimeSpan(Math.Max(longest, _joins.TimeUntilFull(now).Ticks));
    }

    /// <summary>Counts a message, or says when to try again. A rate that is null is no limit.</summary>
    public bool TryTake(RateLimitOptions? rate, ByteRateOptions? byteRate, int bytes, TimeSpan now, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        return (rate is null || _messages.TryTake(rate, now, out retryAfter))
            && (byteRate is null || _bytes.TryTake(byteRate, bytes, now, out retryAfter));
    }

    /// <summary>Counts a join, or says when to try again. A rate that is null is no limit.</summary>
    public bool TryTakeJoin(RateLimitOptions? rate, TimeSpan now, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        return rate is null || _joins.TryTake(rate, now, out retryAfter);
    }
}
