namespace Longwire.Hubs;

/// <summary>Closes the sessions of this node that are banned or revoked.</summary>
internal sealed class AccessEnforcer(NodeContext node, NodeSessions sessions)
{
    private AccessList Access => sessions.Access;

    /// <summary>Closes a session that has come in while it was banned or revoked.</summary>
    public void Enforce(HubSession session)
    {
        if (session.Identity is not { } identity)
        {
            if (Access.FindBan(session.RemoteAddress) is { } addressBan)
            {
                session.Ban(Access.Rest(addressBan));
            }
        }
        else if ((Access.FindBan(identity.UserId) ?? Access.FindBan(session.RemoteAddress)) is { } ban)
        {
            session.Ban(Access.Rest(ban));
        }
        else if (session.MayAct && Access.IsRevoked(identity))
        {
            session.Revoke();
        }
    }

    /// <summary>Closes the sessions that a block is about. Those that come in at the same time see it then.</summary>
    public void Enforce(AccessBlock block)
    {
        IEnumerable<HubSession> found = block.Kind switch
        {
            AccessBlockKind.BannedUser or AccessBlockKind.RevokedUser => sessions.Accounts.SessionsOf(block.Name),
            AccessBlockKind.RevokedSession => sessions.Find(block.Name) is { } session ? [session] : [],
            AccessBlockKind.BannedAddress => sessions.Where(session =>
                session.RemoteAddress is { } address && AddressNames.Includes(block.Name, address)
            ),
            _ => sessions.Where(session => session.Identity?.TokenId == block.Name),
        };
        foreach (HubSession session in found)
        {
            if (block.Kind == AccessBlockKind.RevokedSession)
            {
                RevokeTokenOf(session);
                session.EndRevoked();
            }
            else
            {
                Enforce(session);
            }
        }
    }

    /// <summary>Else the client would be back at once.</summary>
    private void RevokeTokenOf(HubSession session)
    {
        if (session.Identity is { TokenId: { } token } identity)
        {
            _ = RevokeAsync();

            async Task RevokeAsync()
            {
                try
                {
                    await Access.RevokeTokenAsync(token, identity.ExpiresAt, node.Stopping).ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    node.Log.EngineUnavailable(exception, "revoke");
                }
            }
        }
    }
}
