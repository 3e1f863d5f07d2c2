using System.Security.Cryptography;

namespace Longwire.Hubs;

/// <summary>The hub's settings and limits. The hub takes a copy when it is created; later changes have no effect.</summary>
public sealed record LongwireHubOptions
{
    /// <summary>The greatest number of connections at one time; one more is closed with 1008 "Server full". Default: 100,000.</summary>
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>The limits and times of each connection. Default: those that <c>AddLongwire</c> sets.</summary>
    public WebSocketConnectionOptions Connection
    {
        get => OwnConnection ??= new WebSocketConnectionOptions();
        set => OwnConnection = value;
    }

    /// <summary>The connections' options where the hub has its own; else null.</summary>
    internal WebSocketConnectionOptions? OwnConnection { get; private set; }

    /// <summary>
    /// The greatest number of rooms with members on this node; one more is refused as <c>forbidden</c>. Default: 100,000.
    /// </summary>
    public int MaxRooms { get; set; } = 100_000;

    /// <summary>The greatest number of rooms one session may be in; one more is refused as <c>forbidden</c>. Default: 100.</summary>
    public int MaxRoomsPerSession { get; set; } = 100;

    /// <summary>The greatest length of a room's name in UTF-16 units; longer is <c>invalid-format</c>. Default: 128.</summary>
    public int MaxRoomNameLength { get; set; } = 128;

    /// <summary>
    /// The greatest length of a username a client may ask for, in UTF-16 units; longer is <c>invalid-format</c>. Default: 64.
    /// </summary>
    public int MaxUsernameLength { get; set; } = 64;

    /// <summary>The greatest length of a token in UTF-16 units; longer is <c>invalid-format</c>. Default: 8,192.</summary>
    public int MaxTokenLength { get; set; } = 8_192;

    /// <summary>
    /// The greatest size of what a client publishes (<c>content</c>, or <c>message</c> of a chat), as JSON in bytes; more is
    /// <c>too-large</c>. A whole message may be <see cref="EnvelopeBytes"/> larger. Default: 64 KiB.
    /// </summary>
    public int MaxContentBytes { get; set; } = 64 * 1024;

    /// <summary>The room for a message beside its content: 16 KiB, so that the longest token fits.</summary>
    public const int EnvelopeBytes = 16 * 1024;

    /// <summary>How deep objects and arrays may lie in each other; deeper is <c>invalid-json</c>. Default: 64.</summary>
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>The greatest number of messages in one <c>history</c> answer or one recovery. Default: 1,000.</summary>
    public int MaxHistoryMessages { get; set; } = 1_000;

    /// <summary>The greatest size of the messages in one <c>history</c> answer or one recovery, in bytes. Default: 256 KiB.</summary>
    public int MaxHistoryBytes { get; set; } = 256 * 1024;

    /// <summary>The greatest number of members listed in one <c>presence</c> answer. Default: 1,000.</summary>
    public int MaxPresenceMembers { get; set; } = 1_000;

    /// <summary>
    /// How many messages of one session may wait while an earlier one is still worked on; one more is <c>rate-limited</c>.
    /// Default: 64.
    /// </summary>
    public int MaxWaitingMessages { get; set; } = 64;

    /// <summary>How many bytes of one session may wait likewise. Default: 256 KiB.</summary>
    public int MaxWaitingBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// How fast one user may send, on all connections to this node together; null for no limit. Sessions without a user and guests have it
    /// each for itself. Default: 100 messages a second, bursts of 200.
    /// </summary>
    public RateLimitOptions? RateLimit { get; set; } = new();

    /// <summary>
    /// How fast all sessions of one address together may send that have no user or are guests; null for no limit. Default: 1,000 messages
    /// a second, bursts of 2,000.
    /// </summary>
    public RateLimitOptions? AddressRateLimit { get; set; } = new() { MessagesPerSecond = 1_000, Burst = 2_000 };

    /// <summary>The greatest number of connections of one user to this node; one more is refused. Default: 1,000.</summary>
    public int MaxConnectionsPerUser { get; set; } = 1_000;

    /// <summary>
    /// The greatest number of connections of one address without a user or of guests; one more is refused. Behind a proxy, forwarded
    /// headers have to be set up, else all clients seem to have one address. Default: 10,000.
    /// </summary>
    public int MaxConnectionsPerAddress { get; set; } = 10_000;

    /// <summary>
    /// The greatest number of rooms that all sessions of one user on this node may be in, a room counting for each session; one more is
    /// refused as <c>forbidden</c>. Default: 1,000.
    /// </summary>
    public int MaxRoomsPerUser { get; set; } = 1_000;

    /// <summary>The same for all guests of one address. Default: 10,000.</summary>
    public int MaxRoomsPerAddress { get; set; } = 10_000;

    /// <summary>The greatest number of lost sessions kept for one user; one more ends at once. Default: 100.</summary>
    public int MaxLostSessionsPerUser { get; set; } = 100;

    /// <summary>The same for all guests of one address. Default: 1,000.</summary>
    public int MaxLostSessionsPerAddress { get; set; } = 1_000;

    /// <summary>
    /// Whether a client need not sign in: one that doesn't is a guest, whose user id is its client id. Else it may do nothing but
    /// <c>auth</c> and <c>ping</c> before. Default: false.
    /// </summary>
    public bool AllowGuests { get; set; }

    /// <summary>How long a client may take to authenticate before it is closed with 1008 "Authentication failed". Default: 10 s.</summary>
    public TimeSpan AuthenticationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after its token's expiry a session may go on without a new one. Default: 30 s.</summary>
    public TimeSpan ExpiryGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a session whose connection was lost still counts as a member of its rooms; the others see no leave and no join
    /// when it is back before. Default: 15 s.
    /// </summary>
    public TimeSpan PresenceGrace { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a session can be resumed after its connection was lost; zero for never. Default: 2 minutes.</summary>
    public TimeSpan ResumeWindow { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The greatest number of lost sessions kept for resuming; one more ends at once. Default: 10,000.</summary>
    public int MaxLostSessions { get; set; } = 10_000;

    /// <summary>
    /// How long the engine is asked to remember a request's id, so that sending it again does nothing twice. Clients are told. Default: 24
    /// hours.
    /// </summary>
    public TimeSpan IdempotencyAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The history of messages to everyone and to one user, so that a client which comes back can recover them. Default: 100
    /// publications, 64 KiB, 10 minutes.
    /// </summary>
    public RoomOptions OwnRooms { get; set; } =
        new()
        {
            HistorySize = 100,
            HistoryBytes = 64 * 1024,
            AnnouncedMembers = 0,
        };

    /// <summary>The greatest length of a user's id that clients may send to, in UTF-16 units; OpenID Connect allows 255.</summary>
    public const int MaxUserIdLength = 256;

    /// <summary>
    /// Up to how many connections everybody is told, by <c>user-joined</c> and <c>user-left</c> without a room, that somebody
    /// connected or left. Default: 0, never.
    /// </summary>
    public int AnnouncedConnections { get; set; }

    /// <summary>The text of the <c>welcome</c> that follows <c>connected</c>; null for none. Default: null.</summary>
    public string? Welcome { get; set; }

    /// <summary>Whether clients may use <c>chat</c>, which reaches everyone on all nodes. Default: false.</summary>
    public bool AllowChat { get; set; }

    /// <summary>The options of rooms, by name or pattern.</summary>
    public RoomOptionsTable Rooms { get; set; } = new();

    /// <summary>This node's name, told to clients. Default: a random one.</summary>
    public string? Node { get; set; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Fills bytes for ids and secrets. Default: the system's cryptographic source; replace it in tests only.</summary>
    public Action<Span<byte>> FillRandom { get; set; } = RandomNumberGenerator.Fill;

    /// <summary>A copy that shares nothing that can be changed.</summary>
    internal LongwireHubOptions Copy() =>
        this with
        {
            RateLimit = RateLimit is null ? null : RateLimit with { },
            AddressRateLimit = AddressRateLimit is null ? null : AddressRateLimit with { },
            Rooms = Rooms?.Copy()!,
            OwnRooms = OwnRooms is null ? null! : OwnRooms with { },
        };

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConnections);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRooms);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRoomsPerSession);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRoomNameLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxUsernameLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxTokenLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxContentBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxJsonDepth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxJsonDepth, 1_000);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxHistoryMessages);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxHistoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxPresenceMembers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaitingMessages);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaitingBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AuthenticationTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ExpiryGrace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(PresenceGrace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ResumeWindow, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxLostSessions);
        ArgumentOutOfRangeException.ThrowIfLessThan(IdempotencyAge, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(OwnRooms);
        OwnRooms.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(AnnouncedConnections);
        ArgumentNullException.ThrowIfNull(Rooms);
        Rooms.Default?.Validate();
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(FillRandom);
        RateLimit?.Validate();
        AddressRateLimit?.Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConnectionsPerUser);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConnectionsPerAddress);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRoomsPerUser);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRoomsPerAddress);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxLostSessionsPerUser);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxLostSessionsPerAddress);
    }
}
