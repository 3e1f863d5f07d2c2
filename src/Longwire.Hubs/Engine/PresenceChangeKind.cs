namespace Longwire.Hubs.Engines;

/// <summary>The ways in which the members of a room change.</summary>
public enum PresenceChangeKind
{
    /// <summary>A session has joined.</summary>
    Joined,

    /// <summary>A session has left.</summary>
    Left,

    /// <summary>The metadata of a member's user is another.</summary>
    Updated,
}
