namespace Longwire.Hubs;

/// <summary>The wishes of a client that joins.</summary>
/// <param name="Recover">The position from which it wants what it missed; null for none.</param>
/// <param name="History">How many of the newest messages it wants.</param>
internal readonly record struct JoinDetails(RoomPosition? Recover, int History)
{
    public bool WantsState { get; init; }

    public bool WantsMap { get; init; }

    /// <summary>Whether it wants the room's presence, and the differences.</summary>
    public bool WantsPresence { get; init; }

    /// <summary>The version of the presence that it knows; null for none.</summary>
    public long? PresenceVersion { get; init; }

    /// <summary>Whether the room keeps up to where its user has read, and it is to be told.</summary>
    public bool WantsMarker { get; init; }

    /// <summary>Whether it is told where the room is, and nothing else.</summary>
    public bool IsPlain => this is { Recover: null, History: 0, WantsMap: false, WantsPresence: false, WantsMarker: false };
}
