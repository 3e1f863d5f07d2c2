namespace Longwire.Hubs;

/// <summary>Whether a session may join a room: what policies and the application's hooks say.</summary>
internal static class RoomAdmission
{
    /// <summary>Asks whether a session may join, at each join. Returns null when it may.</summary>
    public static ValueTask<HubError?> AdmitAsync(Hub hub, HubSession session, string name, RoomOptions options)
    {
        if (session.FindMembership(name) is not null)
        {
            return options.Endpoint is { } joined
                ? AskAsync(hub.Application!, session, name, joined)
                : new ValueTask<HubError?>((HubError?)null);
        }

        if (RoomNames.IsOwn(name) || (options.MayJoin is { } mayJoin && !mayJoin(session, name)))
        {
            return new ValueTask<HubError?>(HubError.Forbidden);
        }

        return options.Endpoint is { } endpoint
            ? AskAsync(hub.Application!, session, name, endpoint)
            : new ValueTask<HubError?>((HubError?)null);
    }

    /// <summary>Whether a member may stay, now that its token says something else about the user: the policies are asked again.</summary>
    public static async ValueTask<bool> MayStayAsync(Hub hub, HubSession session, Membership membership)
    {
        if (membership.Room.Settings.Endpoint is not { Policy: { } policy } endpoint)
        {
            return true;
        }

        using var turn = Turn.Enter(session);
        await using HubCall call = hub.Application!.Call(session, endpoint, membership.Room.Name);
        return await RoomPolicy
            .AllowsAsync(policy, call, new RoomResource(membership.Room.Name, call.Values!, session))
            .ConfigureAwait(false);
    }

    /// <summary>Loads what a room shows to a session that joins, and writes it as members are shown it.</summary>
    public static async ValueTask<RoomState> LoadStateAsync(
        HubApplication application,
        HubSession session,
        string name,
        RoomEndpoint endpoint,
        Func<HubCall, JoinRequest, ValueTask<RoomState>> load
    )
    {
        using var turn = Turn.Enter(session);
        await using HubCall call = application.Call(session, endpoint, name);
        RoomState state =
            await load(call, new JoinRequest(call, application.RoomOf(call, name, endpoint))).ConfigureAwait(false)
            ?? throw new InvalidOperationException("WithState has to return a state, and returned null.");
        byte[] json = state.Write?.Invoke(application.Contracts) ?? state.Json.ToArray();
        return state with { Json = endpoint.Show(json) };
    }

    /// <summary>Tells the rooms that a session's connection was lost.</summary>
    public static async ValueTask TellOfLossAsync(HubSession session, IEnumerable<Membership> memberships)
    {
        foreach (Membership membership in memberships)
        {
            if (membership.Room.Settings.Endpoint?.Live is { } live)
            {
                await live.LoseAsync(membership.Room.Name, session).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Tells the hooks that a session has left. One that fails is logged. Where there is no cause it has not, but is another node's; the
    /// room's class on this node loses it all the same.
    /// </summary>
    public static async ValueTask TellOfLeaveAsync(
        HubApplication application,
        HubSession session,
        string name,
        RoomEndpoint endpoint,
        LeaveCause? cause
    )
    {
        if (endpoint.Live is { } live)
        {
            await live.LeaveAsync(name, session, cause ?? LeaveCause.Lost).ConfigureAwait(false);
        }

        if (cause is not { } left || endpoint.LeaveHooks.Count == 0)
        {
            return;
        }

        try
        {
            using var turn = Turn.Enter(session);
            await using HubCall call = application.Call(session, endpoint, name);
            var notice = new LeaveNotice(call, application.RoomOf(call, name, endpoint), left);
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
    private static async ValueTask<HubError?> AskAsync(HubApplication application, HubSession session, string name, RoomEndpoint endpoint)
    {
        if (endpoint.Policy is null && endpoint.JoinHooks.Count == 0 && endpoint.Live is null && endpoint.Filters.Count == 0)
        {
            return null;
        }

        using var turn = Turn.Enter(session);
        await using HubCall call = application.Call(session, endpoint, name);
        if (
            endpoint.Policy is { } policy
            && !await RoomPolicy.AllowsAsync(policy, call, new RoomResource(name, call.Values!, session)).ConfigureAwait(false)
        )
        {
            return HubError.Forbidden;
        }

        var join = new JoinRequest(call, application.RoomOf(call, name, endpoint));
        HubDecision decision = await endpoint
            .FilterAsync(call, join.Room, messageType: null, () => AskHooksAsync(call, join, session, name, endpoint))
            .ConfigureAwait(false);
        return decision.Reason is { } reason ? HubError.Forbidden with { Message = reason } : null;
    }

    private static async ValueTask<HubDecision> AskHooksAsync(
        HubCall call,
        JoinRequest join,
        HubSession session,
        string name,
        RoomEndpoint endpoint
    )
    {
        HubDecision decision = HubDecision.Accepted;
        foreach (Func<HubCall, JoinRequest, ValueTask<HubDecision>> hook in endpoint.JoinHooks)
        {
            decision = await hook(call, join).ConfigureAwait(false);
            if (!decision.IsAccepted)
            {
                break;
            }
        }

        if (decision.IsAccepted && endpoint.Live is { } live)
        {
            // Last, because it gives the session its place.
            decision = await live.JoinAsync(name, join, session).ConfigureAwait(false);
        }

        return decision;
    }
}
