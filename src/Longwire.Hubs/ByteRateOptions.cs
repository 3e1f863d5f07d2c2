using System.ComponentModel;

namespace Longwire.Hubs;

/// <summary>
/// How many bytes of messages may be sent in a time: a token bucket. Configuration has both numbers, or a text such as <c>2MiB/s</c>,
/// <c>500KB/s</c> or <c>10MiB/m</c>, with twice as many at once.
/// </summary>
[TypeConverter(typeof(ByteRateOptionsConverter))]
public sealed record ByteRateOptions
{
    private const double DefaultRate = 2 * 1024 * 1024;

    /// <summary>How many bytes a second in the long run. Default: 2 MiB.</summary>
    public double BytesPerSecond
    {
        get;
        set
        {
            field = value;
            TicksOfByte = TimeSpan.TicksPerSecond / value;
        }
    } = DefaultRate;

    /// <summary>How many ticks a byte costs.</summary>
    internal double TicksOfByte { get; private set; } = TimeSpan.TicksPerSecond / DefaultRate;

    /// <summary>
    /// How many bytes at once, after a pause. The message that exceeds it is let through, and those behind it wait for longer, so that no
    /// message is too large for it. Default: 8 MiB.
    /// </summary>
    public long Burst { get; set; } = 8 * 1024 * 1024;

    /// <param name="option">The option that it is the value of, as configuration has it.</param>
    internal void Validate(string option) => TokenBucket.Validate(option, nameof(BytesPerSecond), BytesPerSecond, Burst);
}
