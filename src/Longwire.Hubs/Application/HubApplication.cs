namespace Longwire.Hubs;

/// <summary>
/// The application while it runs: its rooms, its handlers and hooks, and how it is called. It is filled before the start, and does not
/// change then.
/// </summary>
internal sealed class HubApplication(Hub hub, IServiceProvider services, MessageContracts contracts) : ISessionApplication
{
    private static readonly TimeSpan _retryWhenAway = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, MessageHandler> _handlers = new(StringComparer.Ordinal);

    public IServiceProvider Services => services;

    public MessageContracts Contracts => contracts;

    /// <summary>Deals with clients' messages of the application's types. There from the start on.</summary>
    public TypedRequests Requests => field ??= new TypedRequests(hub, this);

    /// <summary>The rooms' endpoints; null before the start, and where no room is mapped.</summary>
    public RoomRouter? Router { get; private set; }

    /// <summary>Asked for tokens that nothing before took; the last one set counts.</summary>
    public Func<HubCall, AuthenticateRequest, ValueTask<HubDecision>>? Authenticate { get; set; }

    /// <summary>Called when a session has a connection and may act.</summary>
    public List<Func<HubCall, ValueTask>> ConnectHooks { get; } = [];

    /// <summary>Called when a session that could act has lost its connection.</summary>
    public List<Func<HubCall, ValueTask>> DisconnectHooks { get; } = [];

    /// <summary>The messages that the application says outside of rooms, as far as it declares them.</summary>
    public List<MessageContract> Produced { get; } = [];

    /// <summary>The questions that the application asks clients, as far as it declares them, and the answers' types.</summary>
    public List<(MessageContract Question, Type Reply)> Asks { get; } = [];

    /// <summary>The handlers of messages that are for no room.</summary>
    public IEnumerable<MessageHandler> Handlers => _handlers.Values;

    /// <summary>A call in the turn of a session; about a room where one is given.</summary>
    public HubCall Call(HubSession session, RoomEndpoint? endpoint = null, string? room = null) =>
        new(hub, services, session) { Values = endpoint?.ValuesOf(room!) };

    public TimeProvider TimeProvider => hub.Context.TimeProvider;

    public long Timestamp => hub.Context.Timestamp;

    /// <summary>A room as the application sees it outside of calls.</summary>
    public IHubRoom RoomOf(string name, RoomEndpoint endpoint) => new HubRoomHandle(hub, this, name, endpoint, requester: null);

    /// <summary>The room as a call sees it, which knows who the others are.</summary>
    public IHubRoom RoomOf(HubCall call, string name, RoomEndpoint endpoint) => new HubRoomHandle(hub, this, name, endpoint, call.Session);

    /// <summary>The handler of messages that are for no room.</summary>
    public MessageHandler? FindHandler(string type) => _handlers.GetValueOrDefault(type);

    /// <summary>False when there is a handler of the type already.</summary>
    public bool TryAddHandler(MessageHandler handler) => _handlers.TryAdd(handler.Contract.Type, handler);

    /// <summary>Whether any room handles messages of the type.</summary>
    public bool IsOfRooms(string type) => Router?.Endpoints.Any(endpoint => endpoint.FindHandler(type) is not null) == true;

    /// <summary>From here on the hub is the application's. Called once, before the hub starts.</summary>
    /// <param name="router">The rooms' endpoints; null where no room is mapped.</param>
    public void Open(RoomRouter? router)
    {
        Router = router;
        hub.Context.Settings.Rooms.Mapped = router is null ? null : room => router.Find(room)?.Options;
        hub.Open(this, Requests, services);
    }

    /// <summary>A message of the application's, as it is published or sent.</summary>
    /// <exception cref="ArgumentException">The class is no message of the application's.</exception>
    /// <exception cref="NotSupportedException">There is no JSON metadata for the class.</exception>
    public PublicationDraft Draft(object message, RoomEndpoint? endpoint = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        MessageContract contract = contracts.Of(message.GetType());
        contract.ThrowIfNotSendable();
        byte[] content = contract.Write(message);
        return new PublicationDraft(contract.Type, Sender: null, ContentKind.Json, endpoint?.Show(content) ?? content, hub.Context.Date);
    }

    /// <summary>Sends what the application says to sessions on all nodes.</summary>
    public ValueTask SendAsync(
        NodeCommandTarget target,
        string name,
        PublicationDraft message,
        CancellationToken cancellationToken,
        string? exceptClientId = null
    ) => hub.Publisher.SendAsync(new NodeCommand(target, name) { Message = message, ExceptClientId = exceptClientId }, cancellationToken);

    /// <summary>Publishes what the application says.</summary>
    public async ValueTask<RoomPosition> PublishAsync(
        string room,
        PublicationDraft draft,
        PublishOptions? options,
        CancellationToken cancellationToken
    )
    {
        options ??= PublishOptions.Default;
        draft = draft with { Key = options.Key, Version = options.Version };
        // Producers of clients begin with the length of the user's id.
        IdempotencyKey? key = options.IdempotencyKey is { } id ? new IdempotencyKey("application", id) : null;
        ulong fingerprint = key is null ? 0 : Fingerprint.Of(draft.Content.Span);
        while (true)
        {
            try
            {
                PublishResult result = await hub
                    .Publisher.PublishAsync(room, draft, key, fingerprint, cancellationToken)
                    .ConfigureAwait(false);
                return result.Outcome switch
                {
                    PublishOutcome.Stale => default,
                    PublishOutcome.IdReused => throw new InvalidOperationException(
                        $"Another message was published with the idempotency key \"{options.IdempotencyKey}\"."
                    ),
                    _ => result.Position,
                };
            }
            catch (HubUnavailableException) when (options.WhenAway == WhenAway.Drop)
            {
                return default;
            }
            catch (HubUnavailableException) when (options.WhenAway == WhenAway.Wait)
            {
                await Task.Delay(_retryWhenAway, hub.Context.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    PublicationDraft ISessionApplication.Draft(object message) => Draft(message);

    public async ValueTask<Authenticator.Outcome> AuthenticateAsync(HubSession session, TokenRequest request)
    {
        if (Authenticate is not { } authenticate)
        {
            return default;
        }

        await using HubCall call = Call(session);
        HubDecision decision = await authenticate(call, new AuthenticateRequest(call, request)).ConfigureAwait(false);
        return new Authenticator.Outcome(decision.Value as HubIdentity, Reason: decision.Reason);
    }

    public ValueTask OnConnectedAsync(HubSession session) => CallAsync(session, ConnectHooks);

    public ValueTask OnDisconnectedAsync(HubSession session) => CallAsync(session, DisconnectHooks);

    /// <summary>Calls hooks in a session's turn. One that fails is logged, and the session goes on.</summary>
    private async ValueTask CallAsync(HubSession session, List<Func<HubCall, ValueTask>> hooks)
    {
        if (hooks.Count == 0)
        {
            return;
        }

        try
        {
            using var turn = Turn.Enter(session);
            await using HubCall call = Call(session);
            foreach (Func<HubCall, ValueTask> hook in hooks)
            {
                await hook(call).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            LogFailure(exception, session);
        }
    }

    public void LogFailure(Exception exception, HubSession session) => hub.Context.Log.RequestFailed(exception, session.ClientId);

    public void LogFailure(Exception exception) => hub.Context.Log.RoomFailed(exception);
}
