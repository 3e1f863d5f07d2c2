namespace Longwire.Hubs;

/// <summary>Brings the engine's events to the rooms and sessions of this node.</summary>
internal sealed class HubNode(NodeContext node, RoomRegistry rooms, NodeSessions sessions) : IHubNode
{
    public string Id => node.Id;

    /// <summary>Whether the engine has said that it is away.</summary>
    public bool IsEngineAway
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    }

    /// <summary>Answers what other nodes ask about sessions of this one. Without connections there is no answer.</summary>
    public Func<NodeQuestion, ValueTask<ReadOnlyMemory<byte>>> AnswerAsync { get; set; } = static _ => default;

    public void OnPublication(string room, Publication publication)
    {
        if ((rooms.Find(room) ?? OpenOwn(room, publication)) is { } open)
        {
            open.OnPublication(publication);
        }
    }

    public void OnPresence(string room, PresenceChange change) => rooms.Find(room)?.OnPresence(change);

    /// <summary>Sends a command's message to the sessions it is for, or closes them.</summary>
    public void OnCommand(NodeCommand command)
    {
        if (command.Message is { } message)
        {
            Send(command, message);
            return;
        }

        if (command.TakenGeneration is { } generation)
        {
            if (sessions.Find(command.Name) is { } taken && taken.Generation < generation)
            {
                taken.Post(new SessionEvent(SessionEventKind.Taken));
            }

            return;
        }

        foreach (HubSession session in SessionsOf(command))
        {
            session.Kick();
        }
    }

    public ValueTask<ReadOnlyMemory<byte>> OnQuestionAsync(NodeQuestion question) => AnswerAsync(question);

    public void OnBlock(AccessBlock block) => sessions.Access.OnBlock(block);

    public void OnEngineState(EngineState state)
    {
        IsEngineAway = state == EngineState.Away;
        if (state == EngineState.Online)
        {
            CatchUp();
        }
    }

    /// <summary>The engine is back: what was missed is read, and the members are there again.</summary>
    private void CatchUp()
    {
        rooms.VerifyAll();
        if (!sessions.Keeper.IsAlone)
        {
            // Sessions may have been taken meanwhile: each asks whether it is still this node's.
            sessions.Lease.OnAddingFailed();
        }

        _ = sessions.Lease.RenewAsync();
        _ = sessions.Access.CatchUpAsync();
    }

    /// <summary>Opens the room of a user who is here, because something is said there first; null for any other room.</summary>
    private Room? OpenOwn(string room, Publication publication)
    {
        if (!RoomNames.TryGetUser(room, out string user) || sessions.Accounts.FindUser(user) is not { } account)
        {
            return null;
        }

        if (account.Open(rooms, publication.PositionBefore) is { } opened)
        {
            _ = rooms.SubscribeOwnAsync(opened);
        }

        return account.Me;
    }

    private HubSession[] SessionsOf(NodeCommand command) =>
        command.Target switch
        {
            NodeCommandTarget.User => sessions.Accounts.SessionsOf(command.Name),
            NodeCommandTarget.Session when sessions.Find(command.Name) is { } session => [session],
            _ => [],
        };

    private void Send(NodeCommand command, PublicationDraft message)
    {
        switch (command.Target)
        {
            case NodeCommandTarget.Room:
                rooms.Find(command.Name)?.Send(message, command.ExceptClientId);
                break;
            case NodeCommandTarget.All:
                sessions.Everyone.Send(message, command.ExceptClientId);
                break;
            case NodeCommandTarget.User when rooms.Find(RoomNames.OfUser(command.Name)) is { } me:
                me.Send(message, command.ExceptClientId);
                break;
            default:
                Send(SessionsOf(command), message, command.ExceptClientId);
                break;
        }
    }

    /// <summary>Sends a message to sessions one by one.</summary>
    private void Send(HubSession[] receivers, PublicationDraft message, string? exceptClientId)
    {
        if (receivers.Length == 0)
        {
            return;
        }

        PreparedMessage frame = RoomEventJson.Frame(new PassingEvent("", message));
        foreach (HubSession session in receivers)
        {
            if (session.MayAct && session.ClientId != exceptClientId && session.Deliver(frame))
            {
                node.Metrics.MessagesSent(1);
            }
        }
    }
}
