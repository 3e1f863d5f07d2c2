namespace Longwire.Hubs;

/// <summary>A bucket of tokens that refills at a steady rate; each message takes one. Not thread-safe: its session guards it.</summary>
internal struct TokenBucket
{
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
