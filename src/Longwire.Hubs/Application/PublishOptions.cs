namespace Longwire.Hubs;

/// <summary>How a message is published.</summary>
public sealed record PublishOptions
{
    /// <summary>
    /// The subject of the message: where the room keeps the latest for slow members, a later one with the same key takes its place in a
    /// member's queue. History keeps both. Default: null, nothing.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>
    /// The version of what the message is about, by its <see cref="Key"/>. A message that is older than the newest published is dropped.
    /// Default: null, no version.
    /// </summary>
    public long? Version { get; init; }

    /// <summary>
    /// By what the message is recognised when it is published again, within <see cref="LongwireHubOptions.IdempotencyAge"/>: it then counts
    /// once. Default: null, each call publishes.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The behaviour while the engine is away. Default: <see cref="WhenAway.Throw"/>.</summary>
    public WhenAway WhenAway { get; init; }

    internal static PublishOptions Default { get; } = new();
}
