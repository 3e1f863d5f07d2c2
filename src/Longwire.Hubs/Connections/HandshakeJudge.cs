using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>Answers opening handshakes of clients that are not let in, where the hub is set up to do so before the upgrade.</summary>
internal sealed class HandshakeJudge(Hub hub)
{
    /// <summary>Reads a handshake. Where its client is refused, the response says so, and null is returned.</summary>
    public async ValueTask<object?> ReadAsync(HttpContext context)
    {
        if (!hub.IsReady)
        {
            // A proxy in front asks another node then.
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "5";
            return null;
        }

        HubHandshake handshake = HandshakeReader.Read(context);
        if (!hub.Context.Settings.RefuseInHandshake || hub.Sessions.FindElsewhere(handshake.Session) is not null)
        {
            // A session of another node's is judged when it has come here.
            return handshake;
        }

        HubSession? known = hub.Sessions.FindResumable(handshake.Session);
        HubSession session = known ?? hub.Sessions.Prepare();
        (HubIdentity? identity, Refusal? refusal) = await hub.Sessions.Doorkeeper.JudgeAsync(session, handshake).ConfigureAwait(false);
        refusal ??=
            hub.ConnectionCount >= hub.Context.Settings.MaxConnections ? Refusal.ServerFull
            : known is null && IsCrowded(identity, handshake) ? Refusal.TooManyConnections
            : null;
        if (refusal is not null)
        {
            hub.Context.Log.ConnectionRefused(session.ClientId, handshake.RemoteAddress, refusal.Reason);
            await HttpAnswers.RefuseAsync(context, refusal).ConfigureAwait(false);
            return null;
        }

        return handshake.Judged(identity, known is null ? session : null);
    }

    private bool IsCrowded(HubIdentity? identity, HubHandshake handshake)
    {
        AccountKey? key =
            identity is not null ? AccountKey.OfUser(identity.UserId)
            : handshake.RemoteAddress is { } address ? AccountKey.OfAddress(address)
            : null;
        return key is { } known && hub.Sessions.Accounts.Find(known)?.IsCrowded(hub.Context.Settings) == true;
    }
}
