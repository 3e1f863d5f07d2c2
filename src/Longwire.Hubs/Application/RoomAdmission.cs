using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs;

/// <summary>Whether a session may join a room: what policies and the application's hooks say.</summary>
internal static class RoomAdmission
{
    /// <summary>Whether a member may stay, now that its token says something else about the user: the policies are asked again.</summary>
    public static async ValueTask<bool> MayStayAsync(
        HubApplication application,
        HubSession session,
        string name,
        RoomEndpoint endpoint,
        AuthorizationPolicy policy
    )
    {
        using var turn = Turn.Enter(session);
        await using HubCall call = application.Call(session, endpoint, name);
        return await AllowsAsync(policy, call, new RoomResource(name, call.Values!, session)).ConfigureAwait(false);
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
    public static async ValueTask<HubError?> AdmitAsync(HubApplication application, HubSession session, string name, RoomEndpoint endpoint)
    {
        if (endpoint.Policy is null && endpoint.JoinHooks.Count == 0 && endpoint.Live is null && endpoint.Filters.Count == 0)
        {
            return null;
        }

        using var turn = Turn.Enter(session);
        await using HubCall call = application.Call(session, endpoint, name);
        if (
            endpoint.Policy is { } policy
            && !await AllowsAsync(policy, call, new RoomResource(name, call.Values!, session)).ConfigureAwait(false)
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

    /// <summary>Asks ASP.NET Core's authorization, with the room as resource.</summary>
    private static async ValueTask<bool> AllowsAsync(AuthorizationPolicy policy, HubCall call, RoomResource room)
    {
        IAuthorizationService service = call.Services.GetRequiredService<IAuthorizationService>();
        return (await service.AuthorizeAsync(call.User, room, policy).ConfigureAwait(false)).Succeeded;
    }
}
