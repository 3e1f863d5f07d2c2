namespace Longwire.Hubs;

/// <summary>The <c>auth</c> message: the first one, and those that renew the token in place.</summary>
internal sealed class AuthenticationRequests(Hub hub)
{
    public ValueTask Authenticate(HubSession session, in ClientMessage message)
    {
        string? username = null;
        if (!message.TryGetString(message.Token, hub.Options.MaxTokenLength, out string token))
        {
            // Browsers send what they find in their storage: nothing found is null. That is a token, and not a valid one.
            if (message.Token.IsPresentAndNotNull)
            {
                return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
            }
        }

        if (message.Username.IsPresentAndNotNull)
        {
            if (!message.TryGetString(message.Username, hub.Options.MaxUsernameLength, out string given))
            {
                return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
            }

            username = given;
        }

        return AuthenticateAsync(session, token, username, message.Id);
    }

    private async ValueTask AuthenticateAsync(HubSession session, string token, string? username, string? id)
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
            ServerMessages.SendAuthFailed(session, id);
            session.CloseConnection(CloseStatus.PolicyViolation, "Authentication failed");
            return;
        }

        await session.AuthenticateAsync(identity).ConfigureAwait(false);
        ServerMessages.SendAuthSuccess(session, identity, id);
    }
}
