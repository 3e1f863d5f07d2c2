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
    public const string MeterName = HubMetrics.MeterName;

    /// <summary>
    /// The name of the <see cref="System.Diagnostics.ActivitySource"/>: spans of clients' requests, of publications and of their delivery.
    /// </summary>
    public const string ActivitySourceName = HubTracing.SourceName;

    private static readonly TimeSpan _clockInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long clients may take to answer a Close before a drain goes on without them.</summary>
    private static readonly TimeSpan _closeTime = TimeSpan.FromSeconds(5);

    private readonly HubNode _node;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drainedAtRate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly JwtValidator? _jwt;
    private IServiceProvider? _services;
    private ITimer? _clock;
    private bool _started;
    private bool _disposed;
    private bool _isDraining;
    private bool _isTicking;

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
        LongwireHubOptions settings = (options ?? new LongwireHubOptions()).Copy();
        settings.Validate();
        var clock = new MonotonicClock(settings.TimeProvider);
        var log = new HubLog(new SafeLogger((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Longwire.Hubs")));
        Context = new NodeContext(
            settings.Node ?? settings.NewId(stackalloc byte[6]),
            settings,
            engine ?? new MemoryHubEngine(settings.TimeProvider, settings.FillRandom),
            clock,
            log,
            new HubMetrics(meterFactory),
            new LiveTraces(settings.Admin.MaxTraces),
            // Kept apart from its source, because it is read after that is disposed of.
            _stopping.Token
        );
        ApiKeys = new ApiKeys(settings.ApiKeys, clock);
        Rooms = new RoomRegistry(Context);
        Publisher = new Publisher(Context, Rooms);
        _jwt = settings.Jwt is { } jwt ? new JwtValidator(jwt, new JwtKeys(jwt, clock, log), settings.TimeProvider) : null;
        Sessions = new NodeSessions(Context, Rooms, [.. new[] { _jwt, tokenValidator }.OfType<ITokenValidator>()]);
        Requests = new ClientRequests(Context, Rooms, Publisher, Sessions);
        Sessions.Dispatcher = Requests.Dispatcher;
        Sessions.Placement = Requests.Placement;
        _node = new HubNode(Context, Rooms, Sessions);
    }

    /// <summary>The settings and limits: a copy each time. Changing it has no effect.</summary>
    public LongwireHubOptions Options => Context.Settings.Copy();

    /// <summary>This node's name, as clients are told.</summary>
    public string Node => Context.Id;

    /// <summary>Whether connections are let in: not before the start, nor from the moment that the hub drains or stops.</summary>
    public bool IsReady => _started && !Context.IsStopping && !Volatile.Read(ref _isDraining);

    /// <summary>How many connections are open on this node.</summary>
    public int ConnectionCount => Sessions.ConnectionCount;

    /// <summary>How many rooms have members on this node.</summary>
    public int RoomCount => Rooms.Count;

    internal NodeContext Context { get; }

    internal RoomRegistry Rooms { get; }

    internal Publisher Publisher { get; }

    /// <summary>The sessions of this node.</summary>
    internal NodeSessions Sessions { get; }

    internal ClientRequests Requests { get; }

    internal ApiKeys ApiKeys { get; }

    /// <summary>Whether the engine has said that it is away.</summary>
    internal bool IsEngineAway => _node.IsEngineAway;

    /// <summary>Whether the engine has still to be told that rooms, members or sessions of this node are gone.</summary>
    internal bool IsOwing => Rooms.IsOwing || Sessions.Keeper.IsOwing;

    /// <summary>From here on the hub is the application's. Called before the start.</summary>
    internal void Open(ISessionApplication application, ITypedRequests requests, IServiceProvider services)
    {
        Sessions.Application = application;
        Requests.Dispatcher.Typed = requests;
        _services = services;
    }

    /// <summary>
    /// From here on sessions get connections, and this answers what other nodes ask about sessions of this one. Before there is no answer.
    /// </summary>
    internal void AnswerQuestions(Func<NodeQuestion, ValueTask<ReadOnlyMemory<byte>>> answer) => _node.AnswerAsync = answer;

    /// <summary>Lets a connection in, or closes it, with the messages that belong to that.</summary>
    internal void Accept(HubLink connection, HubHandshake handshake)
    {
        if (!_started)
        {
            throw new InvalidOperationException("The hub has not been started.");
        }

        if (!IsReady)
        {
            Context.Metrics.ConnectionRejected("stopping");
            connection.Close(CloseStatus.GoingAway, "Going away");
            return;
        }

        Sessions.Accept(connection, handshake);
    }

    /// <summary>A connection has ended.</summary>
    internal void Release(HubLink connection, CloseStatus status)
    {
        if (Sessions.Release(connection, status) && !IsReady)
        {
            _drained.TrySetResult();
        }
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
        await Context.Engine.StartAsync(_node, cancellationToken).ConfigureAwait(false);
        await Sessions.Access.ReadAsync(cancellationToken).ConfigureAwait(false);
        await Sessions.Lease.RenewAsync().ConfigureAwait(false);
        Sessions.Everyone = (await Rooms.EnterAsync(RoomNames.All, Context.Settings.OwnRooms).ConfigureAwait(false)).Room!;
        // One timer for all deadlines of all sessions; a second early or late makes no difference to them.
        _clock = Context.TimeProvider.CreateTimer(static hub => ((Hub)hub!).OnClock(), this, _clockInterval, _clockInterval);
        Context.Log.Started(Node);
    }

    /// <summary>
    /// Closes all connections with 1001 "Going away", lets no more in, and waits until they have ended; connections that don't
    /// answer end after their own close time-out.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting; the connections still end by themselves.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!Context.IsStopping)
        {
            Context.Log.Stopping(Node, ConnectionCount);
            await _stopping.CancelAsync().ConfigureAwait(false);
        }

        _clock?.Dispose();
        Sessions.CloseAll();
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
        options ??= Context.Settings.Drain ?? new HubDrainOptions();
        options.Validate();
        if (!Interlocked.Exchange(ref _isDraining, true))
        {
            try
            {
                await new HubDrain(this, options).RunAsync(cancellationToken).ConfigureAwait(false);
                await Drained().WaitAsync(_closeTime, Context.TimeProvider, cancellationToken).ConfigureAwait(false);
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
            _clock?.Dispose();
            Sessions.CloseAll();
            try
            {
                await Context.Engine.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                _jwt?.Dispose();
                Context.Metrics.Dispose();
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
        return RoomNames.IsOwn(name) ? null : Rooms.Find(name);
    }

    /// <summary>The session with a client id, on this node; null when there is none.</summary>
    /// <param name="clientId">The client's id.</param>
    public HubSession? FindSession(string clientId)
    {
        ArgumentNullException.ThrowIfNull(clientId);
        return Sessions.Find(clientId);
    }

    private void OnClock()
    {
        if (Interlocked.Exchange(ref _isTicking, true))
        {
            // The timer does not wait for a tick that takes more than its second.
            return;
        }

        try
        {
            TimeSpan now = Context.Clock.Now;
            Sessions.OnClock(now);
            Rooms.OnClock(now);
            Sessions.Lease.OnClock(now);
            Sessions.Access.OnClock(now);
            Sessions.Keeper.OnClock();
        }
        catch (Exception exception)
        {
            // A timer's exception would end the process.
            Context.Log.ClockFailed(exception);
        }
        finally
        {
            Volatile.Write(ref _isTicking, false);
        }
    }

    private Task Drained()
    {
        if (ConnectionCount == 0)
        {
            _drained.TrySetResult();
        }

        return _drained.Task;
    }
}
