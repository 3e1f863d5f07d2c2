namespace Longwire.Hubs;

/// <summary>Sessions that enter and leave rooms without having asked.</summary>
internal static class RoomPlacement
{
    /// <summary>Has a session join for the application. False when it may not, or can't.</summary>
    public static async ValueTask<bool> PutInAsync(Hub hub, HubSession session, string name) =>
        session is { MayAct: true, IsConnected: true }
        && await hub.RoomRequests.JoinAsync(session, name, default, id: null).ConfigureAwait(false) is null;

    /// <summary>Takes a session out of a room for the application. False when it is not in.</summary>
    public static async ValueTask<bool> TakeOutAsync(Hub hub, HubSession session, string name, string? reason)
    {
        if (RoomNames.IsOwn(name) || session.FindMembership(name) is not { } membership)
        {
            return false;
        }

        await hub.RoomRequests.LeaveAsync(session, membership, id: null, LeaveCause.Kicked, reason).ConfigureAwait(false);
        return true;
    }

    /// <summary>Takes a session out of rooms.</summary>
    public static async ValueTask LeaveAllAsync(Hub hub, HubSession session, IEnumerable<Membership> memberships, LeaveCause? cause)
    {
        foreach (Membership membership in memberships)
        {
            try
            {
                await hub.RoomRequests.LeaveSilentlyAsync(session, membership, cause).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // It does not fail; if it does all the same, the other rooms are left.
                hub.Log.SessionFailed(exception, SessionEventKind.End, session.ClientId);
            }
        }
    }
}
