namespace Longwire.Hubs;

/// <summary>
/// What an engine tells the hub. Calls return quickly and never throw. For one room, <see cref="OnPublication"/> must be called
/// in rising offsets and one at a time: that is what makes the order the same for all members.
/// </summary>
public interface IHubEngineReceiver
{
    /// <summary>This node's name.</summary>
    string Node { get; }

    /// <summary>The options of a room, by its name.</summary>
    /// <param name="room">The room's name.</param>
    RoomOptions GetRoomOptions(string room);

    /// <summary>A publication in a room this node subscribes to.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="publication">The publication.</param>
    void OnPublication(string room, Publication publication);

    /// <summary>Somebody joined or left a room this node subscribes to; in the order in which the counts came about.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="change">Who, and how many members there are now.</param>
    void OnMembership(string room, MembershipChange change);

    /// <summary>A signal from any node, this one included.</summary>
    /// <param name="signal">The signal.</param>
    void OnSignal(HubSignal signal);
}
