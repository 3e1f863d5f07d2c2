namespace Longwire.Hubs;

/// <summary>Whether a session may join a room: what policies and the application's hooks say.</summary>
internal static class RoomAdmission
{
    /// <summary>Tells the hooks that a session has left. One that fails is logged.</summary>
    public static async ValueTask TellOfLeaveAsync(
        HubApplication application,
        HubSession session,
        string name,
        RoomEndpoint endpoint,
        LeaveCause cause
    )
    {
        if (endpoint.LeaveHooks.Count == 0)
        {
            return;
        }

        try
        {
            using var turn = SessionTurn.Enter(session);
            await using HubCall call = application.Call(session, endpoint, name);
            var notice = new LeaveNotice(call, application.RoomOf(call, name, endpoint), cause);
            foreach (Func<HubCall, LeaveNotice, ValueTask> hook in endpoint.LeaveHooks)
            {
                await hook(call, notice).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            application.LogFailure(exception, session);
        }
    }

    /// <summary>Asks the policies and then the hooks. Returns null when the session may join, else the error for the client.</summary>
    public static async ValueTask<HubError?> AskAsync(HubApplication application, HubSession session, string name, RoomEndpoint endpoint)
    {
        if (endpoint.Policy is null && endpoint.JoinHooks.Count == 0)
        {
            return null;
        }

        using var turn = SessionTurn.Enter(session);
        await using HubCall call = application.Call(session, endpoint, name);
        if (
            endpoint.Policy is { } policy
            && !await RoomPolicy.AllowsAsync(policy, call, new RoomResource(name, call.Values!, session)).ConfigureAwait(false)
        )
        {
            return HubError.Forbidden;
        }

        var join = new JoinRequest(call, application.RoomOf(call, name, endpoint));
        foreach (Func<HubCall, JoinRequest, ValueTask<HubDecision>> hook in endpoint.JoinHooks)
        {
            HubDecision decision = await hook(call, join).ConfigureAwait(false);
            if (decision.Reason is { } reason)
            {
                return HubError.Forbidden with { Message = reason };
            }
        }

        return null;
    }
}
