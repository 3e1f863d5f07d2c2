namespace Longwire.Hubs;

/// <summary>The <c>auth</c> message: the first one, and those that renew the token in place.</summary>
internal sealed class AuthenticationRequests(NodeContext node, Refusals refusals, NodeSessions sessions, RoomRequests rooms)
{
    public ValueTask Authenticate(HubSession session, in ClientMessage message)
    {
        string? username = null;
        if (!message.TryGetString(message.Token, node.Settings.MaxTokenLength, out string token))
        {
            // Browsers send what they find in their storage: nothing found is null. That is a token, and not a valid one.
            if (message.Token.IsPresentAndNotNull)
            {
                return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
            }
        }

        if (message.Username.IsPresentAndNotNull)
        {
            if (!message.TryGetString(message.Username, node.Settings.MaxUsernameLength, out string given))
            {
                return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
            }

            // Pages send an empty field for no name.
            if (given.Length > 0 && !Names.TryNormalize(given, node.Settings.MaxUsernameLength, out username))
            {
                return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
            }
        }

        string? producer = null;
        if (
            message.Producer.IsPresentAndNotNull
            && (!message.TryGetString(message.Producer, HubHandshake.MaxProducerLength, out producer) || producer.Length == 0)
        )
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        return AuthenticateAsync(session, token, username, producer, message.Id);
    }

    private async ValueTask AuthenticateAsync(HubSession session, string token, string? username, string? producer, string? id)
    {
        Authenticator.Outcome outcome = await sessions
            .Authenticator.ValidateAsync(session, token, username, session.RemoteAddress)
            .ConfigureAwait(false);
        if (outcome.IsUnavailable)
        {
            await refusals.Refuse(session, HubError.Unavailable, id).ConfigureAwait(false);
            return;
        }

        if (outcome.Identity is not { } identity)
        {
            node.Log.AuthenticationFailed(session.ClientId, session.RemoteAddress);
            session.Answer(ServerMessages.AuthFailed(outcome.Reason, id));
            await session.EndAsync(CloseStatus.PolicyViolation, "Authentication failed").ConfigureAwait(false);
            return;
        }

        if (sessions.Access.FindBan(identity.UserId) is { } ban)
        {
            session.Ban(sessions.Access.Rest(ban));
            return;
        }

        bool isNew = !session.MayAct || session.Identity?.UserId != identity.UserId;
        (bool accepted, string? newSecret) = await session.AuthenticateAsync(identity).ConfigureAwait(false);
        if (!accepted)
        {
            await refusals.Refuse(session, HubError.Forbidden with { Message = "Too many connections" }, id).ConfigureAwait(false);
            return;
        }

        session.Producer = producer ?? session.Producer;
        // With its new secret, before the client knows that.
        await session.SaveAsync().ConfigureAwait(false);
        session.Answer(ServerMessages.AuthSuccess(identity, newSecret, id));
        sessions.Enforcer.Enforce(session);
        if (isNew)
        {
            await session.OnConnectedAsync().ConfigureAwait(false);
        }
        else
        {
            await JudgeRoomsAsync(session).ConfigureAwait(false);
        }
    }

    /// <summary>The token was renewed: a member whom a room's policy refuses now leaves it.</summary>
    private async ValueTask JudgeRoomsAsync(HubSession session)
    {
        foreach (string room in session.Rooms)
        {
            if (
                session.FindMembership(room) is { } membership
                && membership.Room.Settings.Endpoint is { } endpoint
                && !await endpoint.MayStayAsync(session, room).ConfigureAwait(false)
            )
            {
                await rooms.LeaveAsync(session, membership, id: null, LeaveCause.Kicked, HubError.Forbidden.Code).ConfigureAwait(false);
            }
        }
    }
}
