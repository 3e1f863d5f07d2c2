namespace Longwire.Hubs;

/// <summary>How fast the members of a room on this node send there and join, all together. Thread-safe.</summary>
internal sealed class RoomRates
{
    private readonly Lock _gate = new();
    private readonly RateLimitOptions? _messageRate;
    private readonly ByteRateOptions? _byteRate;
    private readonly RateLimitOptions? _joinRate;
    private RateBuckets _buckets;

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
        lock (_gate)
        {
            return _buckets.TryTake(_messageRate, _byteRate, bytes, now, out retryAfter);
        }
    }

    /// <summary>Counts a join, or says when to try again.</summary>
    public bool TryTakeJoin(TimeSpan now, out TimeSpan retryAfter)
    {
        lock (_gate)
        {
            return _buckets.TryTakeJoin(_joinRate, now, out retryAfter);
        }
    }
}
