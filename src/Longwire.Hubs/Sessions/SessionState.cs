namespace Longwire.Hubs;

/// <summary>Where a session is between its first connection and its end.</summary>
internal enum SessionState : byte
{
    /// <summary>Its first connection has not been let in yet.</summary>
    New,

    /// <summary>It has a connection.</summary>
    Connected,

    /// <summary>Its connection was lost without a goodbye; it waits to be resumed.</summary>
    Lost,

    /// <summary>It is over, and forgotten by the hub.</summary>
    Ended,
}
