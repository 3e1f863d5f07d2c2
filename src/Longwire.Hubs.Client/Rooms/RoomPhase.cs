namespace Longwire.Hubs.Client;

/// <summary>Where a client stands with a room.</summary>
internal enum RoomPhase : byte
{
    /// <summary>It is not in the room, and does not want to be.</summary>
    Left,

    /// <summary>It wants to be in the room, and the hub has not said yet that it is.</summary>
    Joining,

    /// <summary>It is in the room.</summary>
    Joined,

    /// <summary>It is in the room, and a reader has fallen behind: what comes meanwhile is recovered later.</summary>
    Behind,
}
