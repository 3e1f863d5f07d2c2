namespace Longwire.Hubs;

/// <summary>What the engine says, brought to the rooms and sessions of this node.</summary>
internal sealed class HubNode(Hub hub, RoomRegistry rooms) : IHubNode
{
    public string Id => hub.Node;

    public void OnPublication(string room, Publication publication) => rooms.Find(room)?.OnPublication(publication);

    public void OnPresence(string room, PresenceChange change) => rooms.Find(room)?.OnPresence(change);

    public void OnCommand(NodeCommand command) => hub.Carry(command);

    public void OnEngineState(EngineState state)
    {
        if (state == EngineState.Online)
        {
            hub.OnEngineOnline();
        }
    }
}
