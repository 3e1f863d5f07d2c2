namespace Longwire.Hubs;

/// <summary>
/// The deadlines of a session: to sign in, to bring a new token, to come back. They are dealt with in the session's turns, but for the
/// question that the hub's timer asks.
/// </summary>
internal static class SessionDeadlines
{
    /// <summary>Whether one of the session's deadlines has passed. The hub asks every second, from its timer's thread.</summary>
    /// <param name="session">The session.</param>
    /// <param name="now">Now, for durations.</param>
    /// <param name="date">Now, for the token's expiry.</param>
    public static bool IsDue(this HubSession session, TimeSpan now, DateTimeOffset date) =>
        now >= session.Deadline || (session is { State: SessionState.Connected, MayAct: true } && date >= ExpiresAt(session));

    /// <summary>Whether the session's token is good still.</summary>
    public static bool IsGood(this HubSession session) =>
        session.Owner.Node.Date < ExpiresAt(session) && (session.Identity is not { } identity || !session.Owner.Access.IsRevoked(identity));

    public static void UpdateDeadline(this HubSession session) =>
        session.Deadline = session.State switch
        {
            SessionState.Ended => MonotonicClock.Never,
            SessionState.Lost => Earlier(
                session.Joined.NextDue(session.Tenure.LostAt, session.Owner.Node.Settings.PresenceGrace),
                ResumableUntil(session)
            ),
            _ => session.Deadline,
        };

    public static async ValueTask HandleDeadlineAsync(this HubSession session)
    {
        NodeContext node = session.Owner.Node;
        TimeSpan now = node.Clock.Now;
        if (session.State == SessionState.Connected)
        {
            if (!session.MayAct && now >= session.Deadline)
            {
                node.Log.AuthenticationTimedOut(session.ClientId);
                await session.EndAsync(CloseStatus.PolicyViolation, "Authentication failed").ConfigureAwait(false);
            }
            else if (session.MayAct && node.Date >= ExpiresAt(session))
            {
                session.Expire("Token expired");
            }
        }
        else if (session.State == SessionState.Lost && (session.IsTaken || now >= ResumableUntil(session)))
        {
            await session.EndAsync().ConfigureAwait(false);
        }
        else if (session.State == SessionState.Lost)
        {
            await session
                .Owner.Placement.LeaveAllAsync(
                    session,
                    session.Joined.DueBy(now, session.Tenure.LostAt, node.Settings.PresenceGrace),
                    LeaveCause.Lost
                )
                .ConfigureAwait(false);
        }

        session.UpdateDeadline();
    }

    /// <summary>The token was revoked. A newer one has come meanwhile, or nothing is to be done.</summary>
    public static ValueTask HandleRevokedAsync(this HubSession session)
    {
        if (!session.IsGood())
        {
            session.Expire("Token revoked");
        }

        return default;
    }

    private static DateTimeOffset ExpiresAt(HubSession session)
    {
        TimeSpan grace = session.Owner.Node.Settings.ExpiryGrace;
        return session.Identity?.ExpiresAt is { } expiry && expiry < DateTimeOffset.MaxValue - grace
            ? expiry + grace
            : DateTimeOffset.MaxValue;
    }

    private static TimeSpan ResumableUntil(HubSession session)
    {
        TimeSpan lostAt = session.Tenure.LostAt;
        TimeSpan window = session.Owner.Node.Settings.ResumeWindow;
        return window < MonotonicClock.Never - lostAt ? lostAt + window : MonotonicClock.Never;
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
