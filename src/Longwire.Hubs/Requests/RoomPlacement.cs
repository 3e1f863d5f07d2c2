namespace Longwire.Hubs;

/// <summary>Sessions that enter and leave rooms without having asked.</summary>
internal sealed class RoomPlacement(NodeContext node, RoomRequests rooms, NodeLease lease) : IRoomPlacement
{
    public async ValueTask<bool> PutInAsync(HubSession session, string name) =>
        session is { MayAct: true, IsConnected: true }
        && await rooms.JoinAsync(session, name, default, id: null).ConfigureAwait(false) is null;

    public async ValueTask<bool> TakeOutAsync(HubSession session, string name, string? reason)
    {
        if (RoomNames.IsOwn(name) || session.FindMembership(name) is not { } membership)
        {
            return false;
        }

        await rooms.LeaveAsync(session, membership, id: null, LeaveCause.Kicked, reason).ConfigureAwait(false);
        return true;
    }

    public ValueTask LeaveAsync(HubSession session, Membership membership) => rooms.LeaveAsync(session, membership, id: null);

    public async ValueTask LeaveAllAsync(HubSession session, IEnumerable<Membership> memberships, LeaveCause? cause)
    {
        foreach (Membership membership in memberships)
        {
            try
            {
                await rooms.LeaveSilentlyAsync(session, membership, cause).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // It does not fail; if it does all the same, the other rooms are left.
                node.Log.SessionFailed(exception, SessionEventKind.End, session.ClientId);
            }
        }
    }

    public async ValueTask EnterAgainAsync(HubSession session, IReadOnlyList<SessionRoom> entered)
    {
        foreach (SessionRoom room in entered)
        {
            try
            {
                if (node.Settings.Rooms.Find(room.Name) is { } options)
                {
                    await rooms.EnterAsync(session, room.Name, options, room.Member).ConfigureAwait(false);
                }
            }
            catch (Exception exception)
            {
                node.Log.EngineUnavailable(exception, "presence");
            }
        }
    }

    public async ValueTask AddAgainAsync(Membership[] memberships)
    {
        try
        {
            foreach (Membership membership in memberships)
            {
                await node.Engine.Presence.AddAsync(membership.Room.Name, [membership.Presence!], node.Stopping).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            node.Log.EngineUnavailable(exception, "presence");
            lease.OnAddingFailed();
        }
    }

    public async ValueTask TellOfLossAsync(HubSession session, IEnumerable<Membership> memberships)
    {
        foreach (Membership membership in memberships)
        {
            if (membership.Room.Settings.Endpoint is { } endpoint)
            {
                await endpoint.OnLostAsync(session, membership.Room.Name).ConfigureAwait(false);
            }
        }
    }
}
