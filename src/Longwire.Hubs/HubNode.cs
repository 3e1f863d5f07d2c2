namespace Longwire.Hubs;

/// <summary>Brings the engine's events to the rooms and sessions of this node.</summary>
internal sealed class HubNode(Hub hub, RoomRegistry rooms) : IHubNode
{
    public string Id => hub.Node;

    public void OnPublication(string room, Publication publication)
    {
        if ((rooms.Find(room) ?? OpenOwn(room, publication)) is { } open)
        {
            open.OnPublication(publication);
        }
    }

    public void OnPresence(string room, PresenceChange change) => rooms.Find(room)?.OnPresence(change);

    public void OnCommand(NodeCommand command) => hub.Carry(command);

    public ValueTask<ReadOnlyMemory<byte>> OnQuestionAsync(NodeQuestion question) => hub.Questions.AnswerAsync(question);

    public void OnBlock(AccessBlock block) => hub.Access.OnBlock(block);

    public void OnEngineState(EngineState state)
    {
        hub.IsEngineAway = state == EngineState.Away;
        if (state == EngineState.Online)
        {
            hub.OnEngineOnline();
        }
    }

    /// <summary>Opens the room of a user who is here, because something is said there first; null for any other room.</summary>
    private Room? OpenOwn(string room, Publication publication)
    {
        if (!RoomNames.TryGetUser(room, out string user) || hub.Accounts.FindUser(user) is not { } account)
        {
            return null;
        }

        if (account.Open(rooms, publication.PositionBefore) is { } opened)
        {
            _ = rooms.SubscribeOwnAsync(opened);
        }

        return account.Me;
    }
}
