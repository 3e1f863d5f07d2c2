using System.Buffers.Text;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Longwire.Hubs;

/// <summary>
/// Sessions, rooms and users over WebSockets. Create one, <see cref="StartAsync"/> it, and bring it connections through a
/// <see cref="HubHandler"/>. All members are safe from any thread.
/// </summary>
public sealed partial class Hub : IAsyncDisposable
{
    /// <summary>The name of the meter: <c>longwire.hub.*</c>, see the guide "In operation".</summary>
    public const string MeterName = "Longwire.Hubs";

    /// <summary>
    /// The name of the <see cref="System.Diagnostics.ActivitySource"/>: spans of clients' requests, of publications and of their delivery.
    /// </summary>
    public const string ActivitySourceName = "Longwire.Hubs";

    private readonly IHubEngine _engine;
    private readonly RoomRegistry _rooms;
    private readonly Publisher _publisher;
    private readonly NodeLease _lease;
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>How long clients may take to answer a Close before a drain goes on without them.</summary>
    private static readonly TimeSpan _closeTime = TimeSpan.FromSeconds(5);
    private readonly JwtValidator? _jwt;
    private bool _started;
    private bool _disposed;
    private bool _isDraining;
    private readonly TaskCompletionSource _drainedAtRate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Creates a hub.</summary>
    /// <param name="options">The settings and limits; they are copied.</param>
    /// <param name="tokenValidator">Whose token it is. Without one no token is valid, and only the host can authenticate clients.</param>
    /// <param name="engine">The engine, which the hub owns from here on. Default: a <see cref="MemoryHubEngine"/>.</param>
    /// <param name="loggerFactory">Where to log; the category is <c>Longwire.Hubs</c>. Default: nowhere.</param>
    /// <param name="meterFactory">Where the meter <c>Longwire.Hubs</c> is made. Default: a meter of the hub's own.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit makes no sense.</exception>
    public Hub(
        LongwireHubOptions? options = null,
        ITokenValidator? tokenValidator = null,
        IHubEngine? engine = null,
        ILoggerFactory? loggerFactory = null,
        IMeterFactory? meterFactory = null
    )
    {
        Settings = (options ?? new LongwireHubOptions()).Copy();
        Settings.Validate();
        Clock = new MonotonicClock(Settings.TimeProvider);
        Accounts = new AccountTable(Clock);
        ApiKeys = new ApiKeys(Settings.ApiKeys, Clock);
        Node = Settings.Node ?? NewId(stackalloc byte[6]);
        Log = new HubLog(new SafeLogger((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Longwire.Hubs")));
        Metrics = new HubMetrics(meterFactory);
        Stopping = _stopping.Token;
        _engine = engine ?? new MemoryHubEngine(TimeProvider, Settings.FillRandom);
        Traces = new LiveTraces(Settings.Admin.MaxTraces);
        var node = new NodeContext(Node, Settings, _engine, Clock, Log, Metrics, Traces, Stopping);
        _rooms = new RoomRegistry(node);
        _publisher = new Publisher(node, _rooms);
        _lease = new NodeLease(node, () => Sessions);
        Keeper = new SessionKeeper(node, _lease);
        _jwt = Settings.Jwt is { } jwt ? new JwtValidator(jwt, new JwtKeys(jwt, Clock, Log), TimeProvider) : null;
        Access = new AccessList(this, _engine);
        Doorkeeper = new Doorkeeper(this);
        Authenticator = new Authenticator(this, [.. new[] { _jwt, tokenValidator }.OfType<ITokenValidator>()]);
        Dispatcher = new MessageDispatcher(this);
        RoomRequests = new RoomRequests(this, _engine, _rooms);
        BinaryRequests = new BinaryRequests(this);
        PresenceRequests = new PresenceRequests(this, _engine.Presence);
        MarkerRequests = new MarkerRequests(this, _engine.Users);
        MapRequests = new MapRequests(this, _publisher, _engine.Maps);
        MessageRequests = new MessageRequests(this, _publisher);
        AuthenticationRequests = new AuthenticationRequests(this);
        Questions = new SessionQuestions(this);
    }

    /// <summary>The settings and limits: a copy each time. Changing it has no effect.</summary>
    public LongwireHubOptions Options => Settings.Copy();

    /// <summary>This node's name, as clients are told.</summary>
    public string Node { get; }

    /// <summary>Whether connections are let in: not before the start, nor from the moment that the hub drains or stops.</summary>
    public bool IsReady => _started && !IsStopping && !Volatile.Read(ref _isDraining);

    /// <summary>How many connections are open on this node.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>How many rooms have members on this node.</summary>
    public int RoomCount => _rooms.Count;

    /// <summary>The hub's own copy of its options. Nobody changes it.</summary>
    internal LongwireHubOptions Settings { get; }

    internal TimeProvider TimeProvider => Settings.TimeProvider;

    /// <summary>Measures durations.</summary>
    internal MonotonicClock Clock { get; }

    /// <summary>The date, which may be set at any time: for what others see and for the expiry of tokens, never for durations.</summary>
    internal DateTimeOffset Date => TimeProvider.GetUtcNow();

    /// <summary>The date as messages carry it: milliseconds since 1970.</summary>
    internal long Timestamp => Date.ToUnixTimeMilliseconds();

    /// <summary>The rooms that the application mapped; null where it mapped none.</summary>
    internal HubApplication? Application { get; private set; }

    internal TypedRequests? TypedRequests { get; private set; }

    internal HubLog Log { get; }

    internal HubMetrics Metrics { get; }

    /// <summary>The users and rooms that an administrator watches.</summary>
    internal LiveTraces Traces { get; }

    internal RoomRegistry Rooms => _rooms;

    internal Publisher Publisher => _publisher;

    internal IMapStore Maps => _engine.Maps;

    internal INodeBus Nodes => _engine.Nodes;

    /// <summary>Whether the engine tells of what is said to users whose rooms nobody has subscribed to.</summary>
    internal bool TellsOfUsers => _engine.Publications.TellsOfUsers;

    internal NodeLease Lease => _lease;

    /// <summary>Keeps the sessions of this node among those of all nodes.</summary>
    internal SessionKeeper Keeper { get; }

    /// <summary>The room that every authenticated session is told of.</summary>
    internal Room Everyone { get; private set; } = null!;

    /// <summary>For how long a client may send a request again, as it is told.</summary>
    internal TimeSpan IdempotencyAge =>
        _engine.Publications.IdempotencyLimit is var limit && limit < Settings.IdempotencyAge ? limit : Settings.IdempotencyAge;

    internal AccountTable Accounts { get; }

    internal ApiKeys ApiKeys { get; }

    internal Authenticator Authenticator { get; }

    internal AccessList Access { get; }

    internal Doorkeeper Doorkeeper { get; }

    internal MessageDispatcher Dispatcher { get; }

    internal RoomRequests RoomRequests { get; }

    internal MessageRequests MessageRequests { get; }

    internal MapRequests MapRequests { get; }

    internal PresenceRequests PresenceRequests { get; }

    internal MarkerRequests MarkerRequests { get; }

    internal BinaryRequests BinaryRequests { get; }

    internal AuthenticationRequests AuthenticationRequests { get; }

    /// <summary>Answers requests about sessions of this node that came at another one.</summary>
    internal SessionQuestions Questions { get; }

    /// <summary>Cancelled when the hub stops. Kept apart from its source, because it is read after that is disposed of.</summary>
    internal CancellationToken Stopping { get; }

    /// <summary>Whether the engine has still to be told that rooms, members or sessions of this node are gone.</summary>
    internal bool IsOwing => _rooms.IsOwing || Keeper.IsOwing;

    internal bool IsStopping => Stopping.IsCancellationRequested;

    /// <summary>
    /// Called before a session deals with an event; what it throws is that event's failure. For tests that inject faults.
    /// </summary>
    internal Action<HubSession, SessionEventKind>? OnSessionEvent { get; set; }

    /// <summary>From here on the hub is the application's. Called before the start.</summary>
    internal void Open(HubApplication application)
    {
        Application = application;
        TypedRequests = new TypedRequests(this, application);
        Settings.Rooms.Router = application.Router;
    }

    /// <summary>Starts the engine and the hub's clock. Call it once, before the first connection.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The hub was started already.</exception>
    public async ValueTask StartAsync(CancellationToken cancellationToken = default)
    {
        if (_started)
        {
            throw new InvalidOperationException("The hub was started already.");
        }

        _started = true;
        await _engine.StartAsync(new HubNode(this, _rooms), cancellationToken).ConfigureAwait(false);
        await Access.ReadAsync(cancellationToken).ConfigureAwait(false);
        await _lease.RenewAsync().ConfigureAwait(false);
        Everyone = (await _rooms.EnterAsync(RoomNames.All, Settings.OwnRooms).ConfigureAwait(false)).Room!;
        StartClock();
        Log.Started(Node);
    }

    /// <summary>
    /// Closes all connections with 1001 "Going away", lets no more in, and waits until they have ended; connections that don't
    /// answer end after their own close time-out.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting; the connections still end by themselves.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!IsStopping)
        {
            Log.Stopping(Node, ConnectionCount);
            await _stopping.CancelAsync().ConfigureAwait(false);
        }

        StopClock();
        CloseAll();
        await Drained().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Stops the hub for a restart. From here on no connection is let in, and health checks say that it is not ready. Every client is told
    /// by <c>drain</c> when to come back, each at another time, and closed with 1012 "Service restart", so many a second. Sessions that go
    /// so may be resumed, so that nobody sees the leave and the join of those who come back in time. Returns when all have ended; a
    /// second call waits for the first.
    /// </summary>
    /// <param name="options">How fast. Default: <see cref="LongwireHubOptions.Drain"/>, or the defaults of that.</param>
    /// <param name="cancellationToken">Stops at once, as <see cref="StopAsync"/> does.</param>
    public async Task DrainAsync(HubDrainOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Settings.Drain ?? new HubDrainOptions();
        options.Validate();
        if (!Interlocked.Exchange(ref _isDraining, true))
        {
            try
            {
                await new HubDrain(this, options).RunAsync(cancellationToken).ConfigureAwait(false);
                await Drained().WaitAsync(_closeTime, TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
            {
                // Those that are left are closed below.
            }
            finally
            {
                _drainedAtRate.SetResult();
            }
        }
        else
        {
            // A second caller, as the host is when it stops, must not cut the first drain short.
            await _drainedAtRate.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the hub, without waiting for its connections, and disposes of the engine.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        try
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            StopClock();
            CloseAll();
            try
            {
                await _engine.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                _jwt?.Dispose();
                Metrics.Dispose();
                _stopping.Dispose();
            }
        }
    }

    /// <summary>The room named, when it has members on this node.</summary>
    /// <param name="name">The room's name.</param>
    public Room? FindRoom(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        name = Names.Normalize(name);
        return RoomNames.IsOwn(name) ? null : _rooms.Find(name);
    }

    private string NewId(Span<byte> bytes)
    {
        Settings.FillRandom(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
