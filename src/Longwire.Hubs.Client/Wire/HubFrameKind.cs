namespace Longwire.Hubs.Client;

/// <summary>The purpose of a message of the hub's.</summary>
internal enum HubFrameKind : byte
{
    /// <summary>It belongs to a room: what members say, or the application.</summary>
    RoomMessage,
    Connected,
    AuthSuccess,
    JoinedRoom,
    LeftRoom,
    RoomReset,
    Members,
    Presence,
    Read,
    Ack,
    Error,
    Answer,
    Drain,
    Ask,
    Welcome,
}
