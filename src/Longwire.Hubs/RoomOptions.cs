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

    /// <summary>
    /// How many keys the room's live map may have; 0 means that the room keeps none. Default: 0. One more is refused as <c>forbidden</c>.
    /// </summary>
    public int MapKeys { get; set; }

    /// <summary>How many bytes the keys and values of the map may take, roughly. Default: 64 MiB.</summary>
    public long MapBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many changes of the map are kept, so that a member that comes back gets only what changed. Default: 10,000, of at most 4 MiB.
    /// </summary>
    public int MapChanges { get; set; } = 10_000;

    /// <summary>How long a change of the map is kept. Default: 10 minutes.</summary>
    public TimeSpan MapChangeAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The greatest number of members on one node; one more is refused as <c>forbidden</c>. Default: 100,000.</summary>
    public int MaxMembers { get; set; } = 100_000;

    /// <summary>
    /// How fast all members on one node together may send to the room, in messages and changes of its map; null for no limit but their own.
    /// The application's publications don't count. Default: null.
    /// </summary>
    public RateLimitOptions? MessageRate { get; set; }

    /// <summary>How many bytes they may send together; null for no limit but their own. Default: null.</summary>
    public ByteRateOptions? ByteRate { get; set; }

    /// <summary>
    /// How fast sessions of one node may join the room, again included; null for no limit but their own. Clients wait as the error says, so
    /// that after a restart all of them are back as fast as this lets them. Default: null.
    /// </summary>
    public RateLimitOptions? JoinRate { get; set; }

    /// <summary>
    /// Up to how many members joins and leaves are told to the others; beyond, n members joining would make n² messages.
    /// 0 turns it off. Default: 1,000.
    /// </summary>
    public int AnnouncedMembers { get; set; } = 1_000;

    /// <summary>
    /// How long a member whose connection was lost still counts as there. Default: <see cref="LongwireHubOptions.PresenceGrace"/>.
    /// </summary>
    public TimeSpan? PresenceGrace { get; set; }

    /// <summary>Whether members may say something about themselves by <c>presence-update</c>. Default: false.</summary>
    public bool MayUpdatePresence { get; set; }

    /// <summary>Whether the room keeps, for each user, up to where the user has read. Default: false.</summary>
    public bool HasReadMarkers { get; set; }

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

    /// <summary>
    /// Whether a member may change a key of the map of the room named; null means that only the server may. Must not block.
    /// </summary>
    public Func<HubSession, string, string, bool>? MayPut { get; set; }

    /// <summary>The endpoint that the application mapped these rooms to; null where it set options alone.</summary>
    internal IRoomEndpoint? Endpoint { get; set; }

    /// <param name="group">The beginning of the options' names, as configuration has them.</param>
    internal void Validate(string group = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(HistorySize, group + nameof(HistorySize));
        ArgumentOutOfRangeException.ThrowIfNegative(HistoryBytes, group + nameof(HistoryBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(HistoryAge, TimeSpan.Zero, group + nameof(HistoryAge));
        ArgumentOutOfRangeException.ThrowIfNegative(MapKeys, group + nameof(MapKeys));
        ArgumentOutOfRangeException.ThrowIfNegative(MapBytes, group + nameof(MapBytes));
        ArgumentOutOfRangeException.ThrowIfNegative(MapChanges, group + nameof(MapChanges));
        ArgumentOutOfRangeException.ThrowIfLessThan(MapChangeAge, TimeSpan.Zero, group + nameof(MapChangeAge));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxMembers, group + nameof(MaxMembers));
        MessageRate?.Validate(group + nameof(MessageRate));
        ByteRate?.Validate(group + nameof(ByteRate));
        JoinRate?.Validate(group + nameof(JoinRate));
        ArgumentOutOfRangeException.ThrowIfNegative(AnnouncedMembers, group + nameof(AnnouncedMembers));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StateTimeout, TimeSpan.Zero, group + nameof(StateTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(PresenceGrace ?? TimeSpan.Zero, TimeSpan.Zero, group + nameof(PresenceGrace));
    }
}
