namespace Longwire.Hubs;

/// <summary>The rooms that requests name.</summary>
internal sealed class RequestedRooms(NodeContext node, RoomRegistry rooms)
{
    /// <summary>A name that could be a room's, in its one form.</summary>
    public bool TryGetName(in ClientMessage message, out string name)
    {
        int maxLength = node.Settings.MaxRoomNameLength;
        name = "";
        return message.TryGetString(message.Room, maxLength, out string given) && Names.TryNormalize(given, maxLength, out name);
    }

    /// <summary>
    /// Which error it is that the session is not in a room: because there is none, or because it has not joined. Of another user's own room
    /// nobody learns whether it is there.
    /// </summary>
    public HubError NotAMember(string name) =>
        RoomNames.IsOwn(name) ? HubError.Forbidden
        : rooms.Find(name) is null ? HubError.UnknownRoom
        : HubError.NotInRoom;
}
