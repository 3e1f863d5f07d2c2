namespace Longwire.Hubs;

/// <summary>A message from a member of a room, of a type that the room handles.</summary>
public class RoomRequest : HubRequest
{
    internal RoomRequest(HubCall call, string type, string? id, byte[] utf8Json, IHubRoom room)
        : base(call, type, id, utf8Json) => Room = room;

    /// <summary>The room.</summary>
    public IHubRoom Room { get; }
}
