namespace Longwire.Hubs;

/// <summary>The types of message the hub itself handles.</summary>
internal enum ClientMessageType
{
    /// <summary>None of them: perhaps the application's.</summary>
    Other,
    Auth,
    JoinRoom,
    LeaveRoom,
    Message,
    Chat,
    Direct,
    History,
    Presence,
    PresenceUpdate,
    MapPut,
    MapRemove,
    MapRead,
    Read,
    Ping,
}
