namespace Longwire.Hubs;

/// <summary>The <c>auth</c> message: the first one, and those that renew the token in place.</summary>
internal sealed class AuthenticationRequests(Hub hub)
{
    public ValueTask Authenticate(HubSession session, in ClientMessage message)
    {
        string? username = null;
        if (!message.TryGetString(message.Token, hub.Settings.MaxTokenLength, out string token))
        {
            // Browsers send what they find in their storage: nothing found is null. That is a token, and not a valid one.
            if (message.Token.IsPresentAndNotNull)
            {
                return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
            }
        }

        if (message.Username.IsPresentAndNotNull)
        {
            if (!message.TryGetString(message.Username, hub.Settings.MaxUsernameLength, out string given))
            {
                return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
            }

            // Pages send an empty field for no name.
            if (given.Length > 0 && !Names.TryNormalize(given, hub.Settings.MaxUsernameLength, out username))
            {
                return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
            }
        }

        string? producer = null;
        if (
            message.Producer.IsPresentAndNotNull
            && (!message.TryGetString(message.Producer, HubHandshake.MaxProducerLength, out producer) || producer.Length == 0)
        )
        {
            return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        return AuthenticateAsync(session, token, username, producer, message.Id);
    }

    private async ValueTask AuthenticateAsync(HubSession session, string token, string? username, string? producer, string? id)
    {
        Authenticator.Outcome outcome = await hub
            .Authenticator.ValidateAsync(session, token, username, session.RemoteAddress)
            .ConfigureAwait(false);
        if (outcome.IsUnavailable)
        {
            await hub.Dispatcher.Refuse(session, HubError.Unavailable, id).ConfigureAwait(false);
            return;
        }

        if (outcome.Identity is not { } identity)
        {
            hub.Log.AuthenticationFailed(session.ClientId, session.RemoteAddress);
            session.Answer(ServerMessages.AuthFailed(outcome.Reason, id));
            await session.EndAsync(CloseStatus.PolicyViolation, "Authentication failed").ConfigureAwait(false);
            return;
        }

        if (hub.Access.FindBan(identity.UserId) is { } ban)
        {
            session.Ban(hub.Access.Rest(ban));
            return;
        }

        bool isNew = !session.MayAct || session.Identity?.UserId != identity.UserId;
        (bool accepted, string? newSecret) = await session.AuthenticateAsync(identity).ConfigureAwait(false);
        if (!accepted)
        {
            await hub.Dispatcher.Refuse(session, HubError.Forbidden with { Message = "Too many connections" }, id).ConfigureAwait(false);
            return;
        }

        session.Producer = producer ?? session.Producer;
        // With its new secret, before the client knows that.
        await session.SaveAsync().ConfigureAwait(false);
        session.Answer(ServerMessages.AuthSuccess(identity, newSecret, id));
        hub.Access.Enforce(session);
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
                && !await RoomAdmission.MayStayAsync(hub, session, membership).ConfigureAwait(false)
            )
            {
                await RoomPlacement.TakeOutAsync(hub, session, room, HubError.Forbidden.Code).ConfigureAwait(false);
            }
        }
    }
}
