namespace Longwire.Hubs;

/// <summary>What happens to a member whose send queue has no room for a publication. The other members never wait for it.</summary>
public enum SlowConsumerPolicy
{
    /// <summary>It is closed with 4008 "Too slow", and may come back and recover.</summary>
    Disconnect,

    /// <summary>It misses the publication, and sees a gap in the offsets. For rooms where only the newest value counts.</summary>
    Skip,
}
