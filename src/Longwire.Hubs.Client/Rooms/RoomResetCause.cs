namespace Longwire.Hubs.Client;

/// <summary>Why something may be missing in a room.</summary>
public enum RoomResetCause : byte
{
    /// <summary>The client was away for longer than the room's history goes back.</summary>
    Recovery,

    /// <summary>The servers have lost something.</summary>
    Server,

    /// <summary>A live message left some out, as a room may whose slow members miss something on purpose.</summary>
    Gap,
}
