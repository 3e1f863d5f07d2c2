using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Hubs;

/// <summary>
/// A way into the hub, and what rooms are mapped on. Rooms, messages and hooks belong to the hub: all its ways in share them. Conventions
/// such as <c>RequireAuthorization</c> are of this way in.
/// </summary>
public sealed class LongwireHubEndpointBuilder : IRoomRouteBuilder, IEndpointConventionBuilder
{
    private const string Reflection = "Parameters are bound by reflection. Trimmed applications use the overloads that take a Func.";
    private const DynamicallyAccessedMemberTypes Message =
        DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicConstructors;

    private readonly HubMapping _mapping;
    private readonly IEndpointConventionBuilder? _endpoint;

    /// <summary>Creates a builder; in a test there is no endpoint.</summary>
    internal LongwireHubEndpointBuilder(HubMapping mapping, IEndpointConventionBuilder? endpoint)
    {
        _mapping = mapping;
        _endpoint = endpoint;
    }

    private HubApplication Application => _mapping.Application;

    /// <inheritdoc/>
    public void Add(Action<EndpointBuilder> convention) => _endpoint?.Add(convention);

    /// <inheritdoc/>
    public void Finally(Action<EndpointBuilder> finallyConvention) => _endpoint?.Finally(finallyConvention);

    /// <inheritdoc/>
    public RoomBuilder MapRoom(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var room = new RoomBuilder(template);
        _mapping.Add(room);
        return room;
    }

    /// <inheritdoc/>
    public RoomBuilder<TRoom> MapRoom<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TRoom>(
        string template
    )
        where TRoom : LiveRoom
    {
        ArgumentNullException.ThrowIfNull(template);
        var room = new RoomBuilder<TRoom>(template);
        var type = new LiveRoomType(typeof(TRoom));
        room.AddPart((endpoint, _) => endpoint.Live = new LiveRoomTable(Application, endpoint, type));
        _mapping.Add(room);
        return room;
    }

    /// <summary>
    /// Says whose a token is that nothing before took: neither the request's user, nor the <see cref="ITokenValidator"/>. A later hook
    /// replaces an earlier one. It has to answer within <see cref="LongwireHubOptions.AuthenticationTimeout"/>.
    /// </summary>
    /// <param name="hook">The hook.</param>
    public LongwireHubEndpointBuilder OnAuthenticate(Func<AuthenticateRequest, HubDecision> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart(_ => Application.Authenticate = (_, request) => new ValueTask<HubDecision>(hook(request)));
    }

    /// <inheritdoc cref="OnAuthenticate(Func{AuthenticateRequest, HubDecision})"/>
    public LongwireHubEndpointBuilder OnAuthenticate(Func<AuthenticateRequest, ValueTask<HubDecision>> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart(_ => Application.Authenticate = (_, request) => hook(request));
    }

    /// <summary>The same, with parameters bound as minimal APIs bind theirs: the <see cref="AuthenticateRequest"/> and services.</summary>
    /// <param name="hook">The hook; it returns a <see cref="HubDecision"/>, or a task of one.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public LongwireHubEndpointBuilder OnAuthenticate(Delegate hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart(scope =>
        {
            if (HookBinder.Bind(hook, [typeof(AuthenticateRequest)], typeof(HubDecision), scope.Within("OnAuthenticate")) is { } bound)
            {
                Application.Authenticate = async (call, request) => (HubDecision)(await bound(call, request).ConfigureAwait(false))!;
            }
        });
    }

    /// <summary>
    /// Is called when a session has a connection and may act: it is a guest or has signed in, for the first time or again. Messages that
    /// the client sends meanwhile wait.
    /// </summary>
    /// <param name="hook">The hook.</param>
    public LongwireHubEndpointBuilder OnConnect(Func<IHubSession, ValueTask> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart(_ => Application.ConnectHooks.Add(call => hook(call.Session)));
    }

    /// <summary>The same, with parameters bound as minimal APIs bind theirs: the <see cref="IHubSession"/>, the user, services.</summary>
    /// <param name="hook">The hook.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public LongwireHubEndpointBuilder OnConnect(Delegate hook)
    {
        return AddBound(Application.ConnectHooks, hook, "OnConnect");
    }

    /// <summary>Is called when a session that could act has lost its connection, or closed it.</summary>
    /// <param name="hook">The hook.</param>
    public LongwireHubEndpointBuilder OnDisconnect(Func<IHubSession, ValueTask> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart(_ => Application.DisconnectHooks.Add(call => hook(call.Session)));
    }

    /// <summary>The same, with parameters bound as minimal APIs bind theirs: the <see cref="IHubSession"/>, the user, services.</summary>
    /// <param name="hook">The hook.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public LongwireHubEndpointBuilder OnDisconnect(Delegate hook)
    {
        return AddBound(Application.DisconnectHooks, hook, "OnDisconnect");
    }

    /// <summary>Handles the clients' messages of a class that are for no room.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="handler">The handler.</param>
    public LongwireHubEndpointBuilder On<[DynamicallyAccessedMembers(Message)] T>(Action<HubRequest, T> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle(
            typeof(T),
            message =>
            {
                handler(RequestOf(message), (T)message.Content);
                return default;
            }
        );
    }

    /// <inheritdoc cref="On{T}(Action{HubRequest, T})"/>
    public LongwireHubEndpointBuilder On<[DynamicallyAccessedMembers(Message)] T>(Func<HubRequest, T, ValueTask> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle(
            typeof(T),
            async message =>
            {
                await handler(RequestOf(message), (T)message.Content).ConfigureAwait(false);
                return null;
            }
        );
    }

    /// <summary>
    /// The same, with parameters bound as minimal APIs bind theirs: the <see cref="HubRequest"/> and the message among them.
    /// </summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="handler">The handler.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public LongwireHubEndpointBuilder On<[DynamicallyAccessedMembers(Message)] T>(Delegate handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AddPart(scope =>
        {
            HookScope within = scope.Within($"On<{typeof(T).Name}>");
            if (HookBinder.Bind(handler, [typeof(HubRequest), typeof(T)], result: null, within) is { } bound)
            {
                AddHandler(
                    within,
                    typeof(T),
                    async message =>
                    {
                        await bound(message.Call, RequestOf(message), message.Content).ConfigureAwait(false);
                        return null;
                    }
                );
            }
        });
    }

    /// <summary>Answers the clients' requests of a class that are for no room, by <c>ack {id, content}</c>.</summary>
    /// <typeparam name="T">The request's class.</typeparam>
    /// <typeparam name="TReply">The answer's.</typeparam>
    /// <param name="handler">The handler.</param>
    public LongwireHubEndpointBuilder On<[DynamicallyAccessedMembers(Message)] T, TReply>(Func<HubRequest, T, ValueTask<TReply>> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle(
            typeof(T),
            async message => Application.Contracts.WriteReply(await handler(RequestOf(message), (T)message.Content).ConfigureAwait(false)),
            typeof(TReply)
        );
    }

    /// <summary>The same, with parameters bound as minimal APIs bind theirs.</summary>
    /// <typeparam name="T">The request's class.</typeparam>
    /// <typeparam name="TReply">The answer's.</typeparam>
    /// <param name="handler">The handler; it returns the answer, or a task of it.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public LongwireHubEndpointBuilder On<[DynamicallyAccessedMembers(Message)] T, TReply>(Delegate handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AddPart(scope =>
        {
            HookScope within = scope.Within($"On<{typeof(T).Name}, {typeof(TReply).Name}>");
            if (HookBinder.Bind(handler, [typeof(HubRequest), typeof(T)], typeof(TReply), within) is { } bound)
            {
                AddHandler(
                    within,
                    typeof(T),
                    async message =>
                        Application.Contracts.WriteReply(
                            (TReply)(await bound(message.Call, RequestOf(message), message.Content).ConfigureAwait(false))!
                        ),
                    typeof(TReply)
                );
            }
        });
    }

    /// <summary>
    /// Declares that the application publishes or sends messages of a class to users, sessions or everyone, so that
    /// <c>longwire generate</c> writes them into the clients' contract. The class is checked at the start like others; nothing else depends
    /// on it.
    /// </summary>
    /// <typeparam name="T">The class.</typeparam>
    public LongwireHubEndpointBuilder Produces<[DynamicallyAccessedMembers(Message)] T>()
        where T : notnull =>
        AddPart(scope =>
        {
            if (scope.Within($"Produces<{typeof(T).Name}>").FindContract(typeof(T), inRooms: true) is { } contract)
            {
                Application.Produced.Add(contract);
            }
        });

    /// <summary>
    /// Declares that the application asks clients questions of a class by <see cref="IHubSession.AskAsync"/>, so that
    /// <c>longwire generate</c> writes them into the clients' contract. Nothing else depends on it.
    /// </summary>
    /// <typeparam name="T">The question's class.</typeparam>
    /// <typeparam name="TReply">The answer's.</typeparam>
    public LongwireHubEndpointBuilder Asks<[DynamicallyAccessedMembers(Message)] T, TReply>()
        where T : notnull =>
        AddPart(scope =>
        {
            if (scope.Within($"Asks<{typeof(T).Name}, {typeof(TReply).Name}>").FindContract(typeof(T), inRooms: false) is { } contract)
            {
                Application.Asks.Add((contract, typeof(TReply)));
            }
        });

    private static HubRequest RequestOf(IncomingMessage message) => new(message.Call, message.Type, message.Id, message.Json);

    private LongwireHubEndpointBuilder Handle(Type type, Func<IncomingMessage, ValueTask<object?>> call, Type? reply = null) =>
        AddPart(scope => AddHandler(scope.Within($"On<{type.Name}>"), type, call, reply));

    private void AddHandler(HookScope scope, Type type, Func<IncomingMessage, ValueTask<object?>> call, Type? reply = null)
    {
        if (
            scope.FindContract(type, inRooms: false) is { } contract
            && !Application.TryAddHandler(new MessageHandler(MessageHandlerKind.Handle, contract, call, reply))
        )
        {
            scope.AddFault($"messages of type \"{contract.Type}\" have a handler already.");
        }
    }

    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    private LongwireHubEndpointBuilder AddBound(List<Func<HubCall, ValueTask>> hooks, Delegate hook, string name)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart(scope =>
        {
            if (HookBinder.Bind(hook, [], result: null, scope.Within(name)) is { } bound)
            {
                hooks.Add(async call => await bound(call).ConfigureAwait(false));
            }
        });
    }

    private LongwireHubEndpointBuilder AddPart(Action<HookScope> part)
    {
        _mapping.Add(part);
        return this;
    }
}
