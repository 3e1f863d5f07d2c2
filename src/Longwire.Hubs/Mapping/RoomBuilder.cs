using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Hubs;

/// <summary>
/// Says what the rooms of a template have and do. Hooks run in the session's turn: its other messages wait until they complete, those of
/// other sessions don't. An exception in a hook is a fault: the client is told <c>internal</c>, and the exception is logged.
/// </summary>
public class RoomBuilder : IEndpointConventionBuilder
{
    private const string Reflection = "Parameters are bound by reflection. Trimmed applications use the overloads that take a Func.";
    private const DynamicallyAccessedMemberTypes Message =
        DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicConstructors;

    private readonly List<Action<EndpointBuilder>> _conventions = [];
    private readonly List<Action<EndpointBuilder>> _last = [];
    private readonly List<Action<RoomEndpoint, HookScope>> _parts = [];

    internal RoomBuilder(string template) => Template = template;

    /// <summary>The template.</summary>
    public string Template { get; }

    internal IEnumerable<Action<EndpointBuilder>> Conventions => _conventions.Concat(_last);

    internal RoomOptions Options { get; } = new() { AnnouncedMembers = 0 };

    /// <summary>Adds to the room's metadata, as <c>RequireAuthorization</c> does.</summary>
    /// <param name="convention">Adds it.</param>
    public void Add(Action<EndpointBuilder> convention)
    {
        ArgumentNullException.ThrowIfNull(convention);
        _conventions.Add(convention);
    }

    /// <summary>Adds to the room's metadata, behind all that <see cref="Add"/> does.</summary>
    /// <param name="finallyConvention">Adds it.</param>
    public void Finally(Action<EndpointBuilder> finallyConvention)
    {
        ArgumentNullException.ThrowIfNull(finallyConvention);
        _last.Add(finallyConvention);
    }

    /// <summary>
    /// Decides whether a session may join: at every join, one that recovers too. It runs behind the policies.
    /// </summary>
    /// <param name="hook">The hook.</param>
    public RoomBuilder OnJoin(Func<JoinRequest, HubDecision> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart((endpoint, _) => endpoint.JoinHooks.Add((_, join) => new ValueTask<HubDecision>(hook(join))));
    }

    /// <inheritdoc cref="OnJoin(Func{JoinRequest, HubDecision})"/>
    public RoomBuilder OnJoin(Func<JoinRequest, ValueTask<HubDecision>> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart((endpoint, _) => endpoint.JoinHooks.Add((_, join) => hook(join)));
    }

    /// <summary>
    /// The same, with parameters bound as minimal APIs bind theirs: the <see cref="JoinRequest"/>, values of the room's name by parameter
    /// name, services, the <see cref="System.Security.Claims.ClaimsPrincipal"/>, a <see cref="CancellationToken"/>.
    /// </summary>
    /// <param name="hook">The hook; it returns a <see cref="HubDecision"/>, or a task of one.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public RoomBuilder OnJoin(Delegate hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart(
            (endpoint, scope) =>
            {
                if (HookBinder.Bind(hook, [typeof(JoinRequest)], typeof(HubDecision), scope.Within("OnJoin")) is { } bound)
                {
                    endpoint.JoinHooks.Add(async (call, join) => Decision(await bound(call, join).ConfigureAwait(false)));
                }
            }
        );
    }

    /// <summary>Is called when a session has left, at the end of its grace where its connection was lost.</summary>
    /// <param name="hook">The hook.</param>
    public RoomBuilder OnLeave(Func<LeaveNotice, ValueTask> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart((endpoint, _) => endpoint.LeaveHooks.Add((_, leave) => hook(leave)));
    }

    /// <summary>The same, with parameters bound as minimal APIs bind theirs.</summary>
    /// <param name="hook">The hook.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public RoomBuilder OnLeave(Delegate hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart(
            (endpoint, scope) =>
            {
                if (HookBinder.Bind(hook, [typeof(LeaveNotice)], result: null, scope.Within("OnLeave")) is { } bound)
                {
                    endpoint.LeaveHooks.Add(async (call, leave) => await bound(call, leave).ConfigureAwait(false));
                }
            }
        );
    }

    /// <summary>
    /// Publishes the members' messages of a class when the hook accepts them. They are valid by their annotations; what the class doesn't
    /// have is not passed on.
    /// </summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="hook">The hook.</param>
    public RoomBuilder OnMessage<[DynamicallyAccessedMembers(Message)] T>(Func<MessageRequest<T>, HubDecision> hook)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(hook);
        return OnMessage<T>((_, message) => new ValueTask<object?>(hook(message)));
    }

    /// <inheritdoc cref="OnMessage{T}(Func{MessageRequest{T}, HubDecision})"/>
    public RoomBuilder OnMessage<[DynamicallyAccessedMembers(Message)] T>(Func<MessageRequest<T>, ValueTask<HubDecision>> hook)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(hook);
        return OnMessage<T>(async (_, message) => await hook(message).ConfigureAwait(false));
    }

    /// <summary>The same, with parameters bound as minimal APIs bind theirs: the <see cref="MessageRequest{T}"/> among them.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="hook">The hook; it returns a <see cref="HubDecision"/>, or a task of one.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public RoomBuilder OnMessage<[DynamicallyAccessedMembers(Message)] T>(Delegate hook)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(hook);
        return AddPart(
            (endpoint, scope) =>
            {
                HookScope within = scope.Within($"OnMessage<{typeof(T).Name}>");
                if (HookBinder.Bind(hook, [typeof(MessageRequest<T>)], typeof(HubDecision), within) is { } bound)
                {
                    AddHandler(
                        endpoint,
                        within,
                        typeof(T),
                        MessageHandlerKind.Publish,
                        message => bound(message.Call, RequestOf<T>(message))
                    );
                }
            }
        );
    }

    /// <summary>Handles the members' messages of a class. They are not published.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="handler">The handler.</param>
    public RoomBuilder On<[DynamicallyAccessedMembers(Message)] T>(Action<RoomRequest, T> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle<T>(
            (request, content) =>
            {
                handler(request, content);
                return default;
            }
        );
    }

    /// <inheritdoc cref="On{T}(Action{RoomRequest, T})"/>
    public RoomBuilder On<[DynamicallyAccessedMembers(Message)] T>(Func<RoomRequest, T, ValueTask> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle<T>(
            async (request, content) =>
            {
                await handler(request, content).ConfigureAwait(false);
                return null;
            }
        );
    }

    /// <summary>
    /// The same, with parameters bound as minimal APIs bind theirs: the <see cref="RoomRequest"/> and the message among them.
    /// </summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="handler">The handler.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public RoomBuilder On<[DynamicallyAccessedMembers(Message)] T>(Delegate handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AddPart(
            (endpoint, scope) =>
            {
                HookScope within = scope.Within($"On<{typeof(T).Name}>");
                if (HookBinder.Bind(handler, [typeof(RoomRequest), typeof(T)], result: null, within) is { } bound)
                {
                    AddHandler(
                        endpoint,
                        within,
                        typeof(T),
                        MessageHandlerKind.Handle,
                        async message =>
                        {
                            await bound(message.Call, RequestOf(message), message.Content).ConfigureAwait(false);
                            return null;
                        }
                    );
                }
            }
        );
    }

    /// <summary>Answers the members' requests of a class, by <c>ack {id, content}</c>.</summary>
    /// <typeparam name="T">The request's class.</typeparam>
    /// <typeparam name="TReply">The answer's.</typeparam>
    /// <param name="handler">The handler.</param>
    public RoomBuilder On<[DynamicallyAccessedMembers(Message)] T, TReply>(Func<RoomRequest, T, ValueTask<TReply>> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AddPart(
            (endpoint, scope) =>
                AddHandler(
                    endpoint,
                    scope.Within($"On<{typeof(T).Name}, {typeof(TReply).Name}>"),
                    typeof(T),
                    MessageHandlerKind.Handle,
                    async message =>
                        scope.Contracts.WriteReply(await handler(RequestOf(message), (T)message.Content).ConfigureAwait(false)),
                    typeof(TReply)
                )
        );
    }

    /// <summary>The same, with parameters bound as minimal APIs bind theirs.</summary>
    /// <typeparam name="T">The request's class.</typeparam>
    /// <typeparam name="TReply">The answer's.</typeparam>
    /// <param name="handler">The handler; it returns the answer, or a task of it.</param>
    [RequiresUnreferencedCode(Reflection), RequiresDynamicCode(Reflection)]
    public RoomBuilder On<[DynamicallyAccessedMembers(Message)] T, TReply>(Delegate handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AddPart(
            (endpoint, scope) =>
            {
                HookScope within = scope.Within($"On<{typeof(T).Name}, {typeof(TReply).Name}>");
                if (HookBinder.Bind(handler, [typeof(RoomRequest), typeof(T)], typeof(TReply), within) is { } bound)
                {
                    AddHandler(
                        endpoint,
                        within,
                        typeof(T),
                        MessageHandlerKind.Handle,
                        async message =>
                            scope.Contracts.WriteReply(
                                (TReply)(await bound(message.Call, RequestOf(message), message.Content).ConfigureAwait(false))!
                            ),
                        typeof(TReply)
                    );
                }
            }
        );
    }

    /// <summary>Puts a filter around joins and messages. The first one added is the outermost.</summary>
    /// <param name="filter">The filter.</param>
    public RoomBuilder AddFilter(RoomFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return AddPart((endpoint, _) => endpoint.Filters.Add(filter));
    }

    /// <summary>Takes bytes that members send. They are not published. Later hooks replace earlier ones.</summary>
    /// <param name="handler">The handler.</param>
    public RoomBuilder OnBinary(Func<RoomRequest, ReadOnlyMemory<byte>, ValueTask> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return AddPart((endpoint, _) => endpoint.BinaryHook = (_, request, payload) => handler(request, payload));
    }

    /// <summary>Sends the members' messages of a class to the other members. They are passing: no offset, no history.</summary>
    /// <typeparam name="T">The class.</typeparam>
    public RoomBuilder Relay<[DynamicallyAccessedMembers(Message)] T>()
        where T : notnull =>
        AddPart(
            (endpoint, scope) =>
                AddHandler(endpoint, scope.Within($"Relay<{typeof(T).Name}>"), typeof(T), MessageHandlerKind.Relay, static _ => default)
        );

    /// <summary>
    /// Declares that the application itself publishes or sends messages of a class in these rooms, so that <c>longwire generate</c> writes
    /// them into the clients' contract. The class is checked at the start like others; nothing else depends on it.
    /// </summary>
    /// <typeparam name="T">The class.</typeparam>
    public RoomBuilder Produces<[DynamicallyAccessedMembers(Message)] T>()
        where T : notnull =>
        AddPart(
            (endpoint, scope) =>
            {
                if (scope.Within($"Produces<{typeof(T).Name}>").FindContract(typeof(T), inRooms: true) is { } contract)
                {
                    endpoint.Produced.Add(contract);
                }
            }
        );

    internal void Build(RoomEndpoint endpoint, HookScope scope)
    {
        foreach (Action<RoomEndpoint, HookScope> part in _parts)
        {
            part(endpoint, scope);
        }
    }

    internal RoomBuilder AddPart(Action<RoomEndpoint, HookScope> part)
    {
        _parts.Add(part);
        return this;
    }

    private protected static void AddHandler(
        RoomEndpoint endpoint,
        HookScope scope,
        Type type,
        MessageHandlerKind kind,
        Func<IncomingMessage, ValueTask<object?>> call,
        Type? reply = null
    )
    {
        if (
            scope.FindContract(type, inRooms: true) is { } contract
            && !endpoint.TryAddHandler(new MessageHandler(kind, contract, call, reply))
        )
        {
            scope.AddFault($"messages of type \"{contract.Type}\" have a handler already.");
        }
    }

    private protected static RoomRequest RequestOf(IncomingMessage message) =>
        new(message.Call, message.Type, message.Id, message.Json, message.Room!);

    private static MessageRequest<T> RequestOf<T>(IncomingMessage message)
        where T : notnull => new(message.Call, message.Type, message.Id, message.Json, message.Room!, (T)message.Content);

    private static HubDecision Decision(object? decision) =>
        decision as HubDecision ?? throw new InvalidOperationException("The hook has to return a decision, and returned null.");

    private RoomBuilder OnMessage<T>(Func<HubCall, MessageRequest<T>, ValueTask<object?>> hook)
        where T : notnull =>
        AddPart(
            (endpoint, scope) =>
                AddHandler(
                    endpoint,
                    scope.Within($"OnMessage<{typeof(T).Name}>"),
                    typeof(T),
                    MessageHandlerKind.Publish,
                    message => hook(message.Call, RequestOf<T>(message))
                )
        );

    private RoomBuilder Handle<T>(Func<RoomRequest, T, ValueTask<object?>> handler)
        where T : notnull =>
        AddPart(
            (endpoint, scope) =>
                AddHandler(
                    endpoint,
                    scope.Within($"On<{typeof(T).Name}>"),
                    typeof(T),
                    MessageHandlerKind.Handle,
                    message => handler(RequestOf(message), (T)message.Content)
                )
        );
}
