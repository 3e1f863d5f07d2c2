using System.Buffers.Text;
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

    /// <summary>
    /// The greatest number of messages in one <c>history</c> answer or one recovery, and of keys in one page of a map. Default: 1,000.
    /// </summary>
    public int MaxHistoryMessages { get; set; } = 1_000;

    /// <summary>The greatest size of the messages in one <c>history</c> answer or one recovery, in bytes. Default: 256 KiB.</summary>
    public int MaxHistoryBytes { get; set; } = 256 * 1024;

    /// <summary>The greatest number of users in one <c>presence</c> answer, 1,000 at most. Default: 1,000.</summary>
    public int MaxPresenceMembers { get; set; } = 1_000;

    /// <summary>
    /// How many messages of one session may wait while an earlier one is still worked on; one more is <c>rate-limited</c>.
    /// Default: 64.
    /// </summary>
    public int MaxWaitingMessages { get; set; } = 64;

    /// <summary>How many bytes of one session may wait likewise. Default: 256 KiB.</summary>
    public int MaxWaitingBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// How fast one session may send, and so one connection: a tab that sends more leaves the rest of its user's rate to the others. Null
    /// for no limit but <see cref="RateLimit"/>. Default: null.
    /// </summary>
    public RateLimitOptions? SessionRateLimit { get; set; }

    /// <summary>
    /// How many bytes of messages one session may send; null for no limit but <see cref="ByteRate"/>. Default: null.
    /// </summary>
    public ByteRateOptions? SessionByteRate { get; set; }

    /// <summary>
    /// How fast one session may join rooms, again included; null for no limit but <see cref="JoinRate"/>. Default: null.
    /// </summary>
    public RateLimitOptions? SessionJoinRate { get; set; }

    /// <summary>
    /// How fast one user may send, on all connections to this node together; null for no limit. Guests have it each for itself, and so have
    /// sessions that have not signed in, where <see cref="SessionRateLimit"/> says nothing else. Default: 100 messages a second, bursts of
    /// 200.
    /// </summary>
    public RateLimitOptions? RateLimit { get; set; } = new();

    /// <summary>
    /// How fast all sessions of one address together may send that have no user or are guests; null for no limit. Default: 1,000 messages
    /// a second, bursts of 2,000.
    /// </summary>
    public RateLimitOptions? AddressRateLimit { get; set; } = new() { MessagesPerSecond = 1_000, Burst = 2_000 };

    /// <summary>
    /// How many bytes of messages one user may send, on all connections to this node together; null for no limit. A guest has it for
    /// itself. Default: 2 MiB a second, bursts of 8 MiB.
    /// </summary>
    public ByteRateOptions? ByteRate { get; set; } = new();

    /// <summary>
    /// How many bytes all sessions of one address together may send that have no user or are guests; null for no limit. Default: 20 MiB a
    /// second, bursts of 80 MiB.
    /// </summary>
    public ByteRateOptions? AddressByteRate { get; set; } = new() { BytesPerSecond = 20 * 1024 * 1024, Burst = 80 * 1024 * 1024 };

    /// <summary>
    /// How fast one user may join rooms, again included, on all connections to this node together; null for no limit but
    /// <see cref="RateLimit"/>, by which joins count as messages. Guests have that of their address. Default: null.
    /// </summary>
    public RateLimitOptions? JoinRate { get; set; }

    /// <summary>The same for all sessions of one address that have no user or are guests. Default: null.</summary>
    public RateLimitOptions? AddressJoinRate { get; set; }

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

    /// <summary>
    /// Whether a WebSocket whose client is not let in is answered by a status in the handshake (401, 403, 429, 503), as over HTTP, and not
    /// opened and closed with a code: for proxies and logs, and for clients that are no browsers; a page learns nothing of a status. One
    /// that is refused only later, as after an <c>auth</c> message, is closed all the same. Default: false.
    /// </summary>
    public bool RefuseInHandshake { get; set; }

    /// <summary>How long after its token's expiry a session may go on without a new one. Default: 30 s.</summary>
    public TimeSpan ExpiryGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a revocation is kept where nothing says how long the token lives: longer than any does. Default: 30 days.
    /// </summary>
    public TimeSpan RevocationAge { get; set; } = TimeSpan.FromDays(30);

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
            HistoryAge = TimeSpan.FromDays(1),
            HasReadMarkers = true,
            AnnouncedMembers = 0,
        };

    /// <summary>The greatest length of a user's id that clients may send to, in UTF-16 units; OpenID Connect allows 255.</summary>
    public const int MaxUserIdLength = 256;

    /// <summary>
    /// How connections leave when the application stops, as by SIGTERM: at a rate, to be back elsewhere; null to close all at once with
    /// 1001 "Going away". The host is given the time for it. Default: null.
    /// </summary>
    public HubDrainOptions? Drain { get; set; }

    /// <summary>Which JSON Web Tokens sign clients in; null for none. Default: null.</summary>
    public HubJwtOptions? Jwt { get; set; }

    /// <summary>The keys by which other servers publish. Default: none, so that none may.</summary>
    public IList<HubApiKey> ApiKeys { get; set; } = [];

    /// <summary>The ways in over plain HTTP.</summary>
    public HubHttpOptions Http { get; set; } = new();

    /// <summary>
    /// Up to how many connections everybody is told, by <c>user-joined</c> and <c>user-left</c> without a room, that somebody
    /// connected or left. Default: 0, never.
    /// </summary>
    public int AnnouncedConnections { get; set; }

    /// <summary>The text of the <c>welcome</c> that follows <c>connected</c>; null for none. Default: null.</summary>
    public string? Welcome { get; set; }

    /// <summary>Whether clients may use <c>chat</c>, which reaches everyone on all nodes. Default: false.</summary>
    public bool AllowChat { get; set; }

    /// <summary>The tokens for the administrator's page and API. Default: none, and there are neither.</summary>
    public HubAdminOptions Admin { get; set; } = new();

    /// <summary>The options of rooms, by name or pattern.</summary>
    public RoomOptionsTable Rooms { get; set; } = new();

    /// <summary>This node's name, told to clients. Default: a random one.</summary>
    public string? Node { get; set; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Fills bytes for ids and secrets. Default: the system's cryptographic source; replace it in tests only.</summary>
    public Action<Span<byte>> FillRandom { get; set; } = RandomNumberGenerator.Fill;

    /// <summary>A name that nobody guesses.</summary>
    /// <param name="bytes">As much randomness as it is to have.</param>
    internal string NewId(Span<byte> bytes)
    {
        FillRandom(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>A copy that shares nothing that can be changed.</summary>
    internal LongwireHubOptions Copy() =>
        this with
        {
            SessionRateLimit = SessionRateLimit is null ? null : SessionRateLimit with { },
            SessionByteRate = SessionByteRate is null ? null : SessionByteRate with { },
            SessionJoinRate = SessionJoinRate is null ? null : SessionJoinRate with { },
            RateLimit = RateLimit is null ? null : RateLimit with { },
            AddressRateLimit = AddressRateLimit is null ? null : AddressRateLimit with { },
            ByteRate = ByteRate is null ? null : ByteRate with { },
            AddressByteRate = AddressByteRate is null ? null : AddressByteRate with { },
            JoinRate = JoinRate is null ? null : JoinRate with { },
            AddressJoinRate = AddressJoinRate is null ? null : AddressJoinRate with { },
            Rooms = Rooms?.Copy()!,
            Drain = Drain is null ? null : Drain with { },
            Jwt = Jwt?.Copy(),
            ApiKeys = ApiKeys is null ? null! : [.. ApiKeys.Select(static key => key.Copy())],
            Http = Http is null ? null! : Http with { },
            Admin = Admin is null ? null! : Admin with { },
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
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RevocationAge, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(PresenceGrace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ResumeWindow, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxLostSessions);
        ArgumentOutOfRangeException.ThrowIfLessThan(IdempotencyAge, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(OwnRooms);
        OwnRooms.Validate(nameof(OwnRooms) + ":");
        ArgumentOutOfRangeException.ThrowIfNegative(AnnouncedConnections);
        ArgumentNullException.ThrowIfNull(Rooms);
        Rooms.Default?.Validate();
        Drain?.Validate();
        if (Jwt?.Faults().ToArray() is { Length: > 0 } faults)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }

        ArgumentNullException.ThrowIfNull(ApiKeys);
        foreach (HubApiKey key in ApiKeys)
        {
            key.Validate();
        }

        ArgumentNullException.ThrowIfNull(Http);
        Http.Validate();
        ArgumentNullException.ThrowIfNull(Admin);
        Admin.Validate();
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(FillRandom);
        SessionRateLimit?.Validate(nameof(SessionRateLimit));
        SessionByteRate?.Validate(nameof(SessionByteRate));
        SessionJoinRate?.Validate(nameof(SessionJoinRate));
        RateLimit?.Validate(nameof(RateLimit));
        AddressRateLimit?.Validate(nameof(AddressRateLimit));
        ByteRate?.Validate(nameof(ByteRate));
        AddressByteRate?.Validate(nameof(AddressByteRate));
        JoinRate?.Validate(nameof(JoinRate));
        AddressJoinRate?.Validate(nameof(AddressJoinRate));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConnectionsPerUser);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConnectionsPerAddress);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRoomsPerUser);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxRoomsPerAddress);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxLostSessionsPerUser);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxLostSessionsPerAddress);
    }
}
