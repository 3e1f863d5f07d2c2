namespace Longwire.Hubs;

/// <summary>How a message is published.</summary>
public sealed record PublishOptions
{
    /// <summary>What to do when the engine is away. Default: <see cref="WhenAway.Throw"/>.</summary>
    public WhenAway WhenAway { get; init; }
}
