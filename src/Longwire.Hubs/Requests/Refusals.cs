namespace Longwire.Hubs;

/// <summary>Tells clients that a request is refused, and why: because of what it says, or because it comes too soon.</summary>
internal sealed class Refusals(NodeContext node)
{
    /// <summary>Tells the client what is wrong with its message.</summary>
    /// <param name="session">The client's session.</param>
    /// <param name="error">The error.</param>
    /// <param name="id">The request's id.</param>
    /// <param name="version">The version in the way, of a conflict.</param>
    public ValueTask Refuse(HubSession session, HubError error, string? id, long? version = null)
    {
        node.Metrics.MessageRejected(error);
        HubTracing.Refused(error);
        node.Log.MessageRejected(session.ClientId, error.Code);
        session.Answer(ServerMessages.Error(error, id, version: version));
        return default;
    }

    /// <summary>The same, of a request that the client may send again later.</summary>
    public ValueTask RefuseForNow(HubSession session, string? id, TimeSpan? retryAfter)
    {
        session.RefuseForNow(id);
        node.Metrics.MessageRejected(HubError.Unavailable);
        node.Log.MessageRejected(session.ClientId, HubError.Unavailable.Code);
        session.Answer(ServerMessages.Error(HubError.Unavailable, id, retryAfter));
        return default;
    }

    /// <summary>Whether a member may say so much more in its room now. The client is told when it may not.</summary>
    public bool TryTakeOfRoom(HubSession session, Room room, int bytes, TimeSpan now, string? id) =>
        room.Rates is not { } rates || rates.TryTake(bytes, now, out TimeSpan retryAfter) || RefuseForRate(session, id, retryAfter);

    /// <summary>The same for a message.</summary>
    public bool TryTakeOfRoom(HubSession session, Room room, in ClientMessage message) =>
        room.Rates is null || TryTakeOfRoom(session, room, message.Whole.Length, message.At, message.Id);

    /// <summary>Whether a session may join now. The client is told when it may not.</summary>
    public bool TryTakeJoin(HubSession session, Room? room, in ClientMessage message)
    {
        return (session.TryTakeJoin(message.At, out TimeSpan retryAfter) && room?.Rates?.TryTakeJoin(message.At, out retryAfter) != false)
            || RefuseForRate(session, message.Id, retryAfter);
    }

    /// <returns>False.</returns>
    private bool RefuseForRate(HubSession session, string? id, TimeSpan retryAfter)
    {
        session.RefuseForNow(id);
        node.Metrics.MessageRejected(HubError.RateLimited);
        session.Answer(ServerMessages.Error(HubError.RateLimited, id, retryAfter));
        return false;
    }
}
