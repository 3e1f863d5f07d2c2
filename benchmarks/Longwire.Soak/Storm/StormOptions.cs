using Longwire.Hubs;

namespace Longwire.Soak;

/// <summary>The options of <c>storm</c>.</summary>
internal sealed record StormOptions(int Clients, int Rate, SoakTransport Transport, int Seed, StormFault Fault = StormFault.None)
{
    private static readonly TimeSpan _defaultOver = new HubDrainOptions().ReconnectOver;

    public StormOptions(SoakArguments arguments)
        : this(
            arguments.Number("--clients", 10_000, 200, 18_000),
            arguments.Number("--rate", 500, 10, 100_000),
            arguments.Transport,
            arguments.Seed
        ) { }

    /// <summary>How long a server that goes away takes to tell its clients.</summary>
    public TimeSpan DrainTime => TimeSpan.FromSeconds((double)Clients / Rate);

    /// <summary>The time over which those who were told come back.</summary>
    public TimeSpan ReconnectOver => DrainTime < _defaultOver ? DrainTime : _defaultOver;
}
