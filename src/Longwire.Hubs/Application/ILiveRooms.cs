namespace Longwire.Hubs;

/// <summary>The rooms of a template that has a class.</summary>
internal interface ILiveRooms
{
    /// <summary>Asks the room whether a session may join, and gives it its place.</summary>
    ValueTask<HubDecision> JoinAsync(string name, JoinRequest join, HubSession session);

    /// <summary>Takes a session out of its place. Never fails.</summary>
    ValueTask LeaveAsync(string name, HubSession session, LeaveCause cause);

    /// <summary>A member's connection was lost. Never fails.</summary>
    ValueTask LoseAsync(string name, HubSession session);

    /// <summary>Takes bytes that a member sent.</summary>
    ValueTask ReceiveAsync(string name, HubSession session, byte[] payload);
}
