namespace Longwire.Hubs;

/// <summary>What the engine says, brought to the rooms and sessions of this node.</summary>
internal sealed class EngineReceiver(Hub hub, RoomRegistry rooms) : IHubEngineReceiver
{
    /// <summary>For rooms that the options don't know, but that the application publishes in all the same.</summary>
    private static readonly RoomOptions _unlisted = new();

    public string Node => hub.Node;

    public RoomOptions GetRoomOptions(string room) => hub.Settings.Rooms.Find(room) ?? _unlisted;

    public void OnPublication(string room, Publication publication) => rooms.Find(room)?.Deliver(publication);

    public void OnMembership(string room, MembershipChange change) => rooms.Find(room)?.OnMembership(change);

    public void OnSignal(HubSignal signal) => hub.Carry(signal);
}
