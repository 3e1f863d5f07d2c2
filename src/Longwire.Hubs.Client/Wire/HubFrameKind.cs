namespace Longwire.Hubs.Client;

/// <summary>What a message of the hub's is for.</summary>
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
    Ack,
    Error,
    Answer,
    Drain,
    Ask,
    Welcome,
}
