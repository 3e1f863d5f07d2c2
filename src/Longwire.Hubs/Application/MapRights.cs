namespace Longwire.Hubs;

/// <summary>Decides whether a member may change a map: the server alone may, until the application allows more.</summary>
internal static class MapRights
{
    /// <summary>
    /// Asks the filters and the rules of the room. Returns null when the change is allowed, else the error for the client.
    /// </summary>
    public static async ValueTask<HubError?> AskAsync(
        HubApplication application,
        HubSession session,
        string room,
        RoomEndpoint endpoint,
        MapChange change
    )
    {
        if (!Array.Exists(endpoint.MapRules, rule => IsAbout(rule, change)))
        {
            return HubError.Forbidden;
        }

        using var turn = Turn.Enter(session);
        await using HubCall call = application.Call(session, endpoint, room);
        var put = new MapRequest(call, application.RoomOf(call, room, endpoint), change.Key, change.Value);
        HubDecision decision = await endpoint
            .FilterAsync(call, put.Room, put.IsRemoval ? "map-remove" : "map-put", () => AskRulesAsync(call, put, endpoint, change))
            .ConfigureAwait(false);
        return decision.Reason is { } reason ? HubError.Forbidden with { Message = reason } : null;
    }

    private static async ValueTask<HubDecision> AskRulesAsync(HubCall call, MapRequest put, RoomEndpoint endpoint, MapChange change)
    {
        HubDecision? refusal = null;
        foreach (MapRule rule in endpoint.MapRules)
        {
            if (!IsAbout(rule, change))
            {
                continue;
            }

            HubDecision decision = rule.AskAsync is null ? HubDecision.Accepted : await rule.AskAsync(call, put).ConfigureAwait(false);
            if (decision.IsAccepted)
            {
                return decision;
            }

            refusal ??= decision;
        }

        return refusal!;
    }

    private static bool IsAbout(MapRule rule, MapChange change) => change.Key.StartsWith(rule.Prefix, StringComparison.Ordinal);
}
