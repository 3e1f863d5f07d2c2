namespace Longwire.Hubs;

/// <summary>Has sessions enter and leave rooms without their clients having asked, in the sessions' turns.</summary>
internal interface IRoomPlacement
{
    /// <summary>Has a session join for the application. False when it may not, or can't.</summary>
    ValueTask<bool> PutInAsync(HubSession session, string name);

    /// <summary>Takes a session out of a room for the application. False when it is not in.</summary>
    ValueTask<bool> TakeOutAsync(HubSession session, string name, string? reason);

    /// <summary>Takes a session that becomes another user's out of a room, and tells its client.</summary>
    ValueTask LeaveAsync(HubSession session, Membership membership);

    /// <summary>Takes a session out of rooms, whose client has gone. Never fails.</summary>
    ValueTask LeaveAllAsync(HubSession session, IEnumerable<Membership> memberships, LeaveCause? cause);

    /// <summary>
    /// The rooms of a session that another node had have it as their member here: nobody is told, neither its client, which asks to join
    /// again, nor the others. Never fails: it is not in a room then.
    /// </summary>
    ValueTask EnterAgainAsync(HubSession session, IReadOnlyList<SessionRoom> entered);

    /// <summary>Adds members that the engine may have forgotten. Never fails: what could not be added is added later.</summary>
    ValueTask AddAgainAsync(Membership[] memberships);

    /// <summary>Tells rooms that a session's connection was lost.</summary>
    ValueTask TellOfLossAsync(HubSession session, IEnumerable<Membership> memberships);
}
