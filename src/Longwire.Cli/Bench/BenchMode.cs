namespace Longwire.Cli.Bench;

/// <summary>The quantity that <c>longwire bench</c> measures.</summary>
internal enum BenchMode
{
    /// <summary>Each message comes back to its sender.</summary>
    Echo,

    /// <summary>Each message comes to everybody.</summary>
    Broadcast,

    /// <summary>Connections that are open and silent: what does one cost the server?</summary>
    Idle,

    /// <summary>Connections are opened and closed all the time.</summary>
    Storm,
}
