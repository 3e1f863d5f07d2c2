namespace Longwire.Hubs;

/// <summary>
/// The ways in which a session is thrown out, from any thread. Nothing that its client sent and that has not been dealt with yet counts.
/// </summary>
internal static class Expulsion
{
    /// <summary>The client is told for how long it is banned. Its session is over.</summary>
    public static void Ban(this HubSession session, TimeSpan time) => session.ThrowOut(link => link?.Refuse(Refusal.Banned(time)));

    /// <summary>The session is over, and its client may come back with another token.</summary>
    public static void EndRevoked(this HubSession session) =>
        session.ThrowOut(static link => link?.TryClose(HubCloseStatus.TokenExpired, "Session revoked"));

    /// <summary>The session's token was revoked: another one resumes it.</summary>
    public static void Revoke(this HubSession session)
    {
        session.CloseConnection(HubCloseStatus.TokenExpired, "Token revoked");
        session.Post(new SessionEvent(SessionEventKind.Revoked));
    }
}
