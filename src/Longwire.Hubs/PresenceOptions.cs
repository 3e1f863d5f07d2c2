namespace Longwire.Hubs;

/// <summary>How members of a room learn of each other.</summary>
public sealed class PresenceOptions
{
    /// <summary>
    /// Up to how many members joins and leaves are told; beyond, n members joining would make n² messages. Default: 1,000.
    /// </summary>
    public int AnnouncedMembers { get; set; } = 1_000;

    /// <summary>
    /// Whether members may say something about themselves by <c>presence-update</c>, of at most 4 KiB, as that they are away. Default:
    /// false.
    /// </summary>
    public bool MayUpdate { get; set; }

    /// <summary>
    /// How long a member whose connection was lost still counts as there; when it is back before, the others see no leave and no join.
    /// Default: <see cref="LongwireHubOptions.PresenceGrace"/>.
    /// </summary>
    public TimeSpan? Grace { get; set; }
}
