namespace Longwire.Hubs;

/// <summary>How fast the members of a room on this node send there and join, all together. Thread-safe.</summary>
internal sealed class RoomRates
{
    private readonly Lock _gate = new();
    private readonly RateLimitOptions? _messageRate;
    private readonly ByteRateOptions? _byteRate;
    private readonly RateLimitOptions? _joinRate;
    private TokenBucket _messages;
    private TokenBucket _bytes;
    private TokenBucket _joins;

    private RoomRates(RoomOptions options)
    {
        _messageRate = options.MessageRate is null ? null : options.MessageRate with { };
        _byteRate = options.ByteRate is null ? null : options.ByteRate with { };
        _joinRate = options.JoinRate is null ? null : options.JoinRate with { };
    }

    /// <summary>Those of a room; null where nothing is limited.</summary>
    public static RoomRates? Of(RoomOptions options) =>
        options is { MessageRate: null, ByteRate: null, JoinRate: null } ? null : new RoomRates(options);

    /// <summary>Counts a message, or says when to try again.</summary>
    public bool TryTake(int bytes, TimeSpan now, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        lock (_gate)
        {
            return (_messageRate is null || _messages.TryTake(_messageRate, now, out retryAfter))
                && (_byteRate is null || _bytes.TryTake(_byteRate, bytes, now, out retryAfter));
        }
    }

    /// <summary>Counts a join, or says when to try again.</summary>
    public bool TryTakeJoin(TimeSpan now, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        lock (_gate)
        {
            return _joinRate is null || _joins.TryTake(_joinRate, now, out retryAfter);
        }
    }
}
