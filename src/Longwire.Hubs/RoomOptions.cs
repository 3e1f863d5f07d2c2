namespace Longwire.Hubs;

/// <summary>The settings and limits of a room, or of all rooms that a pattern names.</summary>
public sealed record RoomOptions
{
    /// <summary>How many publications are kept. Default: 0, none.</summary>
    public int HistorySize { get; set; }

    /// <summary>How many bytes of publications are kept; the oldest go first. Default: 1 MiB.</summary>
    public int HistoryBytes { get; set; } = 1024 * 1024;

    /// <summary>How long a publication is kept. Default: 10 minutes.</summary>
    public TimeSpan HistoryAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The greatest number of members on one node; one more is refused as <c>forbidden</c>. Default: 100,000.</summary>
    public int MaxMembers { get; set; } = 100_000;

    /// <summary>
    /// Up to how many members joins and leaves are told to the others; beyond, n members joining would make n² messages.
    /// 0 turns it off. Default: 1,000.
    /// </summary>
    public int AnnouncedMembers { get; set; } = 1_000;

    /// <summary>
    /// How long a member whose connection was lost still counts as there. Default: <see cref="LongwireHubOptions.PresenceGrace"/>.
    /// </summary>
    public TimeSpan? PresenceGrace { get; set; }

    /// <summary>The treatment of members that don't keep up. Default: <see cref="SlowConsumerPolicy.Disconnect"/>.</summary>
    public SlowConsumerPolicy SlowConsumer { get; set; } = SlowConsumerPolicy.Disconnect;

    /// <summary>
    /// Loads what the room named shows to a session that joins with <c>state</c>; null when it shows nothing. It is given the position
    /// before which the state must not be: what is published meanwhile is delivered behind the state. Default: null.
    /// </summary>
    public Func<HubSession, string, RoomPosition, CancellationToken, ValueTask<RoomState>>? LoadState { get; set; }

    /// <summary>How long loading the state may take; longer is <c>unavailable</c> to the client. Default: 5 s.</summary>
    public TimeSpan StateTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a session may join the room named; null means every session may. Must not block.</summary>
    public Func<HubSession, string, bool>? MayJoin { get; set; }

    /// <summary>Whether a member may publish in the room named; null means every member may. Must not block.</summary>
    public Func<HubSession, string, bool>? MayPublish { get; set; }

    /// <summary>The endpoint that the application mapped these rooms to; null where it set options alone.</summary>
    internal RoomEndpoint? Endpoint { get; set; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(HistorySize);
        ArgumentOutOfRangeException.ThrowIfNegative(HistoryBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(HistoryAge, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxMembers);
        ArgumentOutOfRangeException.ThrowIfNegative(AnnouncedMembers);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StateTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(PresenceGrace ?? TimeSpan.Zero, TimeSpan.Zero);
    }
}
