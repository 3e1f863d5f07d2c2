namespace Longwire.Hubs;

/// <summary>Says of a handshake whose it is, or why its client is not let in.</summary>
internal sealed class Doorkeeper(NodeContext node, AccessList access, Authenticator authenticator)
{
    /// <summary>Judges a handshake. Neither an identity nor a refusal: the client has not said who it is.</summary>
    public async ValueTask<(HubIdentity? Identity, Refusal? Refusal)> JudgeAsync(HubSession session, HubHandshake handshake)
    {
        if (handshake.Producer is { Length: > HubHandshake.MaxProducerLength })
        {
            return (null, Refusal.InvalidProducer);
        }

        if (access.FindBan(handshake.RemoteAddress) is { } addressBan)
        {
            return (null, Refusal.Banned(access.Rest(addressBan)));
        }

        HubIdentity? identity = handshake.Identity;
        if (identity is null && handshake.Token is { } token)
        {
            Authenticator.Outcome outcome = await authenticator
                .ValidateAsync(session, token, handshake.Username, handshake.RemoteAddress)
                .ConfigureAwait(false);
            identity = outcome.Identity;
            if (identity is null)
            {
                node.Log.AuthenticationFailed(session.ClientId, handshake.RemoteAddress);
                return (null, outcome.IsUnavailable ? Refusal.TryAgainLater : Refusal.InvalidAuthentication);
            }
        }

        return identity switch
        {
            null => default,
            _ when access.FindBan(identity.UserId) is { } ban => (null, Refusal.Banned(access.Rest(ban))),
            _ when access.IsRevoked(identity) => (null, Refusal.InvalidAuthentication),
            _ => (identity, null),
        };
    }
}
