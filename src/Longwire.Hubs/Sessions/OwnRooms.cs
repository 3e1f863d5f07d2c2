namespace Longwire.Hubs;

/// <summary>
/// The hub's own rooms as one session follows them: what is said to everyone, and to its user. The session's turns guard it. It is a
/// struct because each session has one.
/// </summary>
internal struct OwnRooms
{
    private Room? _me;
    private Receiver? _hearingMe;
    private Receiver? _hearingAll;

    /// <summary>Whether the session's user has a room here.</summary>
    public readonly bool HasMe => _me is not null;

    /// <summary>The session's membership by the name that its client knows.</summary>
    public readonly Membership? Find(Hub hub, string name) =>
        name == RoomNames.All ? new Membership(hub.Everyone, presence: null) { Receiver = _hearingAll }
        : _me is null ? null
        : new Membership(_me, presence: null) { Receiver = _hearingMe };

    /// <summary>From here on the client is told what is said to everyone.</summary>
    public void FollowEveryone(Hub hub, HubConnection connection)
    {
        if (_hearingAll is null)
        {
            hub.Everyone.Follow(_hearingAll = new Receiver(connection));
        }
    }

    /// <summary>From here on the client is told what is said to its user.</summary>
    /// <param name="connection">The client's connection.</param>
    /// <param name="me">The user's room, where it is not known yet.</param>
    public void FollowMe(HubConnection connection, Room? me)
    {
        _me ??= me;
        if (_hearingMe is null)
        {
            _me?.Follow(_hearingMe = new Receiver(connection));
        }
    }

    /// <summary>Nothing is delivered until they are followed again.</summary>
    public void Suspend(Hub hub)
    {
        StopHearing(_me, ref _hearingMe);
        StopHearing(hub.Everyone, ref _hearingAll);
    }

    /// <summary>The session is not its user's any more. Returns the user's room, to be exited.</summary>
    public Room? Leave()
    {
        Room? me = _me;
        StopHearing(me, ref _hearingMe);
        _me = null;
        return me;
    }

    private static void StopHearing(Room? room, ref Receiver? receiver)
    {
        if (receiver is { } hearing)
        {
            receiver = null;
            _ = room!.RemoveAsync(hearing);
        }
    }
}
