namespace Longwire.Hubs;

/// <summary>
/// The rooms of a session: its memberships, and the hub's own rooms, which every session that has signed in hears. All members are for the
/// session's turns, unless they say otherwise.
/// </summary>
internal static class SessionRooms
{
    /// <summary>The name of the room of the session's user.</summary>
    public static string OwnRoomName(this HubSession session) => RoomNames.OfUser(session.Identity!.UserId);

    /// <summary>The session's membership of a room, by the name that its client knows.</summary>
    public static Membership? FindMembership(this HubSession session, string room) =>
        room switch
        {
            RoomNames.All => new Membership(session.Owner.Everyone, presence: null, link: null),
            RoomNames.Me => session.User?.Me is { } me ? new Membership(me, presence: null, link: null) : null,
            _ => session.Joined.Find(room),
        };

    /// <summary>The way to tell the session what happens in a room, on its present connection; null when it has none.</summary>
    public static Receiver? Listen(this HubSession session, Membership membership)
    {
        if (session.Link is not { } link || membership.Link is not null)
        {
            return session.Link is null ? null : membership;
        }

        if (membership.Presence is null)
        {
            return membership.Room == session.Owner.Everyone ? link : session.Extras.HearingMe;
        }

        var heard = new Membership(membership.Room, membership.Presence, link);
        session.Joined.Replace(heard);
        return heard;
    }

    /// <summary>The session stays a member, but is told nothing until its client asks to join again.</summary>
    public static Task SuspendAsync(this HubSession session, Membership membership)
    {
        // The one that is told now: another may have taken the place of the one that the caller found.
        if (session.Joined.Find(membership.Room.Name) is not { Link: not null } told)
        {
            return Task.CompletedTask;
        }

        session.Joined.Replace(new Membership(told.Room, told.Presence, link: null));
        return told.Room.RemoveAsync(told);
    }

    /// <summary>The memberships last, but nothing is delivered until the client asks to join again.</summary>
    public static void SuspendMemberships(this HubSession session, HubLink link)
    {
        foreach (Membership membership in session.Joined.ToArray())
        {
            _ = session.SuspendAsync(membership);
        }

        session.User?.Suspend(session);
        if (link.IsHearingAll)
        {
            link.IsHearingAll = false;
            _ = session.Owner.Everyone.RemoveAsync(link);
        }
    }

    public static void AddMembership(this HubSession session, Membership membership)
    {
        session.Joined.Add(membership);
        session.SaveSoon();
    }

    public static void RemoveMembership(this HubSession session, Membership membership)
    {
        session.Joined.Remove(membership);
        session.LeaveRoom();
        session.SaveSoon();
    }

    /// <summary>Opens the room of the session's user, if it is not open yet: what is said to a user first is what else opens it.</summary>
    public static ValueTask OpenOwnRoomAsync(this HubSession session)
    {
        RoomRegistry rooms = session.Owner.Rooms;
        return session.User?.Open(rooms, before: null) is { } opened ? new ValueTask(rooms.SubscribeOwnAsync(opened)) : default;
    }

    /// <summary>From here on the client is told what is said to everyone and to its user.</summary>
    public static ValueTask FollowOwnRoomsAsync(this HubSession session)
    {
        if (session is not { Link: { } link, MayAct: true })
        {
            return default;
        }

        if (!link.IsHearingAll)
        {
            link.IsHearingAll = true;
            session.Owner.Everyone.Follow(link);
            session.Owner.Everyone.Run();
        }

        session.User!.Follow(session);
        return session.Owner.Node.Engine.Publications.TellsOfUsers ? default : session.OpenOwnRoomAsync();
    }

    /// <summary>The user's own room is open, and the session hears it if it may. Called under the account's lock.</summary>
    public static void HearMe(this HubSession session, Room me)
    {
        if (session is { Link: { } link, MayAct: true } && session.Extras is { HearingMe: null } extras)
        {
            me.Follow(extras.HearingMe = new Membership(me, presence: null, link));
        }
    }

    /// <summary>The session hears its user's own room no more. Called under the account's lock.</summary>
    public static void StopHearingMe(this HubSession session, Room? me)
    {
        if (session.FindExtras() is { HearingMe: { } hearing } extras)
        {
            extras.HearingMe = null;
            me!.Unfollow(hearing);
        }
    }
}
