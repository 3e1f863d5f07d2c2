namespace Longwire.Hubs;

/// <summary>
/// The treatment of a member that does not keep up, once the messages that wait for it have reached the bound of its send queue. The other
/// members never wait for it.
/// </summary>
public enum SlowConsumerPolicy
{
    /// <summary>It is closed with 4008 "Too slow", and may come back and recover.</summary>
    Disconnect,

    /// <summary>The oldest of the room's publications that wait for it make room. It sees a gap in the offsets.</summary>
    DropOldest,

    /// <summary>
    /// A publication takes the place of those with the same key that wait for it; where that is not enough, the oldest make room. It sees
    /// gaps in the offsets, but the newest of each key reaches it.
    /// </summary>
    KeepLatest,
}
