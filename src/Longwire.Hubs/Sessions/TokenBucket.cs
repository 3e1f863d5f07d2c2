namespace Longwire.Hubs;

/// <summary>A bucket of tokens that refills at a steady rate; each message takes one. Not thread-safe: its session guards it.</summary>
internal struct TokenBucket
{
    /// <summary>A bucket that fills more slowly than within a day is as good as full then.</summary>
    private const double MaxRestSeconds = 24 * 60 * 60;

    private readonly double _perSecond;
    private readonly int _burst;
    private double _tokens;
    private long _filledAt;

    public TokenBucket(RateLimitOptions options, TimeProvider timeProvider)
    {
        _perSecond = options.MessagesPerSecond;
        _burst = options.Burst;
        _tokens = options.Burst;
        _filledAt = timeProvider.GetTimestamp();
    }

    /// <summary>How long until it holds the whole burst again.</summary>
    public readonly TimeSpan TimeUntilFull(TimeProvider timeProvider)
    {
        double missing = _burst - _tokens - (timeProvider.GetElapsedTime(_filledAt).TotalSeconds * _perSecond);
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(missing / _perSecond, MaxRestSeconds));
    }

    /// <summary>Takes a token, or says when there will be one.</summary>
    public bool TryTake(TimeProvider timeProvider, out TimeSpan retryAfter)
    {
        long now = timeProvider.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + (timeProvider.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond));
        _filledAt = now;
        if (_tokens >= 1)
        {
            _tokens--;
            retryAfter = TimeSpan.Zero;
            return true;
        }

        retryAfter = TimeSpan.FromSeconds((1 - _tokens) / _perSecond);
        return false;
    }
}
