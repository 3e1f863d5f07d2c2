using System.ComponentModel;

namespace Longwire.Hubs;

/// <summary>
/// How fast messages may come: a token bucket. Configuration has both numbers, or a text such as <c>100/s</c>, <c>30/m</c> or
/// <c>500/h</c>, with twice as many at once.
/// </summary>
[TypeConverter(typeof(RateLimitOptionsConverter))]
public sealed record RateLimitOptions
{
    /// <summary>How many messages a second in the long run. Default: 100.</summary>
    public double MessagesPerSecond
    {
        get;
        set
        {
            field = value;
            Interval = (long)Math.Clamp(TimeSpan.TicksPerSecond / value, 1, TimeSpan.TicksPerDay);
        }
    } = 100;

    /// <summary>How many ticks a message costs; slower than one a day counts as one a day.</summary>
    internal long Interval { get; private set; } = TimeSpan.TicksPerSecond / 100;

    /// <summary>How many messages at once, after a pause. Default: 200.</summary>
    public int Burst { get; set; } = 200;

    /// <param name="option">The option that it is the value of, as configuration has it.</param>
    internal void Validate(string option) => TokenBucket.Validate(option, nameof(MessagesPerSecond), MessagesPerSecond, Burst);
}
