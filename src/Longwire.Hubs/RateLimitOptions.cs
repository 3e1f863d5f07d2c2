namespace Longwire.Hubs;

/// <summary>How fast one session may send: a token bucket.</summary>
public sealed record RateLimitOptions
{
    /// <summary>How many messages a second in the long run. Default: 100.</summary>
    public double MessagesPerSecond { get; set; } = 100;

    /// <summary>How many messages at once, after a pause. Default: 200.</summary>
    public int Burst { get; set; } = 200;

    internal void Validate()
    {
        if (!double.IsFinite(MessagesPerSecond) || MessagesPerSecond <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(MessagesPerSecond));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Burst);
    }
}
