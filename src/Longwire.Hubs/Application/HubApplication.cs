using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs;

/// <summary>
/// The application's mapping: rooms, messages, hooks. It is collected before the start, and put together and checked at the start; then
/// it does not change.
/// </summary>
internal sealed class HubApplication(Hub hub, IServiceProvider services, MessageContracts contracts)
{
    private static readonly TimeSpan _retryWhenAway = TimeSpan.FromSeconds(1);

    private readonly List<RoomBuilder> _rooms = [];
    private readonly List<Action<HookScope>> _parts = [];
    private readonly Dictionary<string, MessageHandler> _handlers = new(StringComparer.Ordinal);

    public IServiceProvider Services => services;

    public MessageContracts Contracts => contracts;

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

    private bool HasStarted { get; set; }

    /// <summary>A call in the turn of a session; about a room where one is given.</summary>
    public HubCall Call(HubSession session, RoomEndpoint? endpoint = null, string? room = null) =>
        new(hub, services, session) { Values = endpoint?.ValuesOf(room!) };

    public TimeProvider TimeProvider => hub.TimeProvider;

    public long Timestamp => hub.Timestamp;

    public string NewAskId() => hub.NewAskId();

    /// <summary>A room as the application sees it outside of calls.</summary>
    public IHubRoom RoomOf(string name, RoomEndpoint endpoint) => new HubRoomHandle(hub, this, name, endpoint, requester: null);

    /// <summary>The room as a call sees it, which knows who the others are.</summary>
    public IHubRoom RoomOf(HubCall call, string name, RoomEndpoint endpoint) => new HubRoomHandle(hub, this, name, endpoint, call.Session);

    public void Map(RoomBuilder room)
    {
        ThrowIfStarted();
        _rooms.Add(room);
    }

    public void Add(Action<HookScope> part)
    {
        ThrowIfStarted();
        _parts.Add(part);
    }

    /// <summary>The handler of messages that are for no room.</summary>
    public MessageHandler? FindHandler(string type) => _handlers.GetValueOrDefault(type);

    /// <summary>False when there is a handler of the type already.</summary>
    public bool TryAddHandler(MessageHandler handler) => _handlers.TryAdd(handler.Contract.Type, handler);

    /// <summary>Whether any room handles messages of the type.</summary>
    public bool IsOfRooms(string type) => Router?.Endpoints.Any(endpoint => endpoint.FindHandler(type) is not null) == true;

    /// <summary>Puts all together.</summary>
    /// <exception cref="LongwireConfigurationException">Something is wrong; it says all that is.</exception>
    public async ValueTask StartAsync()
    {
        ThrowIfStarted();
        HasStarted = true;
        List<string> faults = [];
        foreach (Action<HookScope> part in _parts)
        {
            part(new HookScope("", [], this, faults));
        }

        List<RoomEndpoint> endpoints = [];
        foreach (RoomBuilder room in _rooms)
        {
            if (await BuildAsync(room, faults).ConfigureAwait(false) is { } endpoint)
            {
                endpoints.Add(endpoint);
            }
        }

        foreach (IRoomConfiguration configuration in services.GetServices<IRoomConfiguration>())
        {
            faults.AddRange(configuration.FindFaults([.. _rooms.Select(static room => room.Template)]));
        }

        faults.AddRange(RoomRouter.FindFaults([.. endpoints.Select(static endpoint => endpoint.Template)]));
        if (faults.Count > 0)
        {
            throw new LongwireConfigurationException(faults);
        }

        if (endpoints.Count > 0)
        {
            Router = new RoomRouter(endpoints);
        }

        hub.Open(this);
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
        return new PublicationDraft(contract.Type, Sender: null, ContentKind.Json, endpoint?.Show(content) ?? content, hub.Date);
    }

    /// <summary>Sends what the application says to sessions on all nodes.</summary>
    public ValueTask SendAsync(
        NodeCommandTarget target,
        string name,
        PublicationDraft message,
        CancellationToken cancellationToken,
        string? exceptClientId = null
    ) => hub.SendAsync(new NodeCommand(target, name) { Message = message, ExceptClientId = exceptClientId }, cancellationToken);

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
                PublishResult result = await hub.PublishAsync(room, draft, key, fingerprint, cancellationToken).ConfigureAwait(false);
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
                await Task.Delay(_retryWhenAway, hub.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Calls hooks in a session's turn. One that fails is logged, and the session goes on.</summary>
    public async ValueTask CallAsync(HubSession session, List<Func<HubCall, ValueTask>> hooks)
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

    public void LogFailure(Exception exception, HubSession session) => hub.Log.RequestFailed(exception, session.ClientId);

    public void LogFailure(Exception exception) => hub.Log.RoomFailed(exception);

    private async ValueTask<RoomEndpoint?> BuildAsync(RoomBuilder room, List<string> faults)
    {
        string place = $"MapRoom(\"{room.Template}\")";
        string? wrong = RoomTemplateParser.Read(
            room.Template,
            services.GetRequiredService<IInlineConstraintResolver>(),
            out RoomTemplate? template
        );
        if (wrong is not null)
        {
            faults.Add($"{place}: {wrong}");
            return null;
        }

        var endpoint = new RoomEndpoint(template!, room.Options);
        room.Options.Endpoint = endpoint;
        var scope = new HookScope(place, template!.Parameters, this, faults);
        room.Build(endpoint, scope);
        foreach (IRoomConfiguration configuration in services.GetServices<IRoomConfiguration>())
        {
            if (configuration.Apply(room.Template, room.Options) is { } misread)
            {
                faults.Add(misread);
            }
        }

        try
        {
            room.Options.Validate();
        }
        catch (ArgumentOutOfRangeException exception)
        {
            scope.AddFault($"{exception.ParamName} is {exception.ActualValue}, which is out of range.");
        }

        var metadata = new RoomEndpointBuilder { DisplayName = place, ApplicationServices = services };
        foreach (Action<EndpointBuilder> convention in room.Conventions)
        {
            convention(metadata);
        }

        endpoint.Policy = await RoomPolicy.FindAsync(new EndpointMetadataCollection(metadata.Metadata), scope).ConfigureAwait(false);
        return endpoint;
    }

    private void ThrowIfStarted()
    {
        if (HasStarted)
        {
            throw new InvalidOperationException("The hub has started. Map rooms and add hooks before app.Run().");
        }
    }

    /// <summary>Collects a room's metadata. Rooms are no endpoints of HTTP, so that none is built.</summary>
    private sealed class RoomEndpointBuilder : EndpointBuilder
    {
        public override Endpoint Build() => throw new NotSupportedException("A room is no endpoint of HTTP.");
    }
}
