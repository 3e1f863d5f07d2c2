namespace Longwire.Hubs;

/// <summary>Keeps a session among those of all nodes. All members are for the session's turns.</summary>
internal static class SessionKeeping
{
    /// <summary>
    /// Saves the session as it is now. False when another node has taken it: then its connection is closed, and it does nothing more. Where
    /// the node is the only one this costs nothing.
    /// </summary>
    public static ValueTask<bool> SaveAsync(this HubSession session) =>
        IsKept(session) ? SaveNowAsync(session, addsMembers: false) : new ValueTask<bool>(true);

    /// <summary>Saves the session when what it is busy with is done: it has changed.</summary>
    public static void SaveSoon(this HubSession session)
    {
        if (IsKept(session) && session.Tenure is { IsChanged: false, Generation: > 0 } tenure)
        {
            tenure.IsChanged = true;
            session.Post(new SessionEvent(SessionEventKind.Changed));
        }
    }

    /// <summary>Saves the session, if that has not been done since it changed.</summary>
    public static async ValueTask SaveChangesAsync(this HubSession session)
    {
        if (IsKept(session) && session.Tenure.IsChanged)
        {
            await session.SaveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The engine may have forgotten the session and its members, or given them to another node.</summary>
    public static async ValueTask AddAgainAsync(this HubSession session)
    {
        if (!IsKept(session))
        {
            await session.Owner.Placement.AddAgainAsync(session.Joined.ToArray()).ConfigureAwait(false);
        }
        else if (!await SaveNowAsync(session, addsMembers: true).ConfigureAwait(false))
        {
            await session.LetGoAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Another node has the session: here it ends, and nobody is told that it has left.</summary>
    public static async ValueTask LetGoAsync(this HubSession session)
    {
        session.Tenure.IsTaken = true;
        await session.EndAsync(HubCloseStatus.SessionReplaced, "Session replaced").ConfigureAwait(false);
        // A request that comes here is for the session where it is now.
        session.Owner.Farewells.Forget(session.ClientId);
    }

    /// <summary>
    /// Makes sure, before its client comes back, that the session is this node's: one that is here still is, or one that another node had
    /// becomes so. Neither that nor a refusal: there is no such session here; with one that was taken, it has to begin here.
    /// </summary>
    public static async ValueTask<(bool IsHere, Refusal? Refusal, TakenSession? Taken)> TakeAsync(
        this HubSession session,
        HubHandshake handshake,
        byte[] presented
    )
    {
        NodeSessions sessions = session.Owner;
        if (sessions.Keeper.IsAlone || (session.HasBegun && session.Generation == 0))
        {
            return (true, null, null);
        }

        if (sessions.Access.IsSessionRevoked(session.ClientId))
        {
            return default;
        }

        TakenSession? taken = session.Tenure.Taken;
        try
        {
            taken ??= await sessions.Keeper.TakeAsync(session.ClientId, SecretHash.Of(presented)).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            sessions.Node.Log.EngineUnavailable(exception, "session");
            return (false, Refusal.TryAgainLater, null);
        }

        if (!session.HasBegun)
        {
            return taken is null ? default : await ContinueAsync(session, taken, handshake).ConfigureAwait(false);
        }

        if (taken?.FormerGeneration == session.Generation)
        {
            session.Tenure.Generation = taken.Generation;
            return (true, null, null);
        }

        await session.LetGoAsync().ConfigureAwait(false);
        return (false, null, taken);
    }

    /// <summary>The members move here before the former node lets go of them, so that they have not left in between.</summary>
    private static async ValueTask<(bool IsHere, Refusal? Refusal, TakenSession? Taken)> ContinueAsync(
        HubSession session,
        TakenSession taken,
        HubHandshake handshake
    )
    {
        NodeSessions sessions = session.Owner;
        session.Tenure.Generation = taken.Generation;
        session.Tenure.Taken = null;
        if (!sessions.TryRegister(session))
        {
            return (false, Refusal.Replaced, null);
        }

        bool isContinued = session.TryContinue(taken.Record, handshake);
        if (isContinued)
        {
            await sessions.Placement.EnterAgainAsync(session, taken.Record.Rooms).ConfigureAwait(false);
        }

        await sessions.Keeper.TellFormerNodeAsync(taken).ConfigureAwait(false);
        return (isContinued, isContinued ? null : Refusal.TooManyConnections, null);
    }

    /// <summary>Only sessions that have signed in can be resumed.</summary>
    private static bool IsKept(HubSession session) =>
        !session.Owner.Keeper.IsAlone && session is { Identity: not null, HasEnded: false, IsTaken: false };

    private static async ValueTask<bool> SaveNowAsync(HubSession session, bool addsMembers)
    {
        SessionTenure tenure = session.Tenure;
        long former = tenure.Generation;
        tenure.Generation = Math.Max(1, former);
        tenure.IsChanged = false;
        long generation = await session.Owner.Keeper.SaveAsync(Record(session), former).ConfigureAwait(false);
        if (generation == 0)
        {
            tenure.IsTaken = true;
            session.CloseConnection(HubCloseStatus.SessionReplaced, "Session replaced");
            session.Owner.Farewells.Forget(session.ClientId);
            return false;
        }

        tenure.Generation = generation;
        bool wasForgotten = former > 0 && generation > former;
        if (wasForgotten || addsMembers)
        {
            // Where the store had forgotten it another node may have had the members, and has not heard yet that it has them no more.
            Membership[] memberships = session.Joined.ToArray();
            foreach (Membership membership in wasForgotten ? memberships : [])
            {
                membership.Presence = membership.Presence! with { Generation = generation };
            }

            await session.Owner.Placement.AddAgainAsync(memberships).ConfigureAwait(false);
        }

        return true;
    }

    private static SessionRecord Record(HubSession session)
    {
        SessionSecrets secrets = session.Secrets;
        SecretHash? former = secrets.FindFormer(session.Owner.Node.Clock.Now, out TimeSpan age);
        return new SessionRecord(session.ClientId, secrets.Newest, session.Identity!.ToUser())
        {
            FormerSecret = former,
            FormerSecretAge = age,
            Producer = session.Producer,
            Rooms = [.. session.Joined.ToArray().Select(static membership => new SessionRoom(membership.Room.Name, membership.Presence!))],
        };
    }
}
