namespace Longwire.Hubs;

/// <summary>How the connections of a node leave it, before it goes away for a restart.</summary>
public sealed record HubDrainOptions
{
    /// <summary>
    /// How many connections a second are told to go: so fast do the clients come to the other nodes. Default: 500.
    /// </summary>
    public double Rate { get; set; } = 500;

    /// <summary>
    /// After which time all that are left are told at once. Default: a minute; 500 a second are 30,000 by then.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The time over which those who were told come back, each after another part of it. Default: 5 s.
    /// </summary>
    public TimeSpan ReconnectOver { get; set; } = TimeSpan.FromSeconds(5);

    internal void Validate()
    {
        if (!double.IsFinite(Rate) || Rate <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Rate), Rate, "Drain:Rate has to be more than 0 connections a second.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.Zero, "Drain:Timeout");
        ArgumentOutOfRangeException.ThrowIfLessThan(ReconnectOver, TimeSpan.Zero, "Drain:ReconnectOver");
    }
}
