using System.Diagnostics.CodeAnalysis;

namespace Longwire.Hubs;

/// <summary>Says what the rooms of a template have and do that have a class.</summary>
/// <typeparam name="TRoom">The rooms' class.</typeparam>
public sealed class RoomBuilder<TRoom> : RoomBuilder
    where TRoom : LiveRoom
{
    private const DynamicallyAccessedMemberTypes Message =
        DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicConstructors;

    internal RoomBuilder(string template)
        : base(template) { }

    /// <summary>Handles the members' messages of a class, in the room's turn. They are not published.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="handler">The handler; it gets the room.</param>
    public RoomBuilder<TRoom> On<[DynamicallyAccessedMembers(Message)] T>(Action<TRoom, RoomRequest, T> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle<T>(
            $"On<{typeof(T).Name}>",
            static (_, room, message, handler) =>
            {
                ((Action<TRoom, RoomRequest, T>)handler)(room, RequestOf(message), (T)message.Content);
                return default;
            },
            handler
        );
    }

    /// <inheritdoc cref="On{T}(Action{TRoom, RoomRequest, T})"/>
    public RoomBuilder<TRoom> On<[DynamicallyAccessedMembers(Message)] T>(Func<TRoom, RoomRequest, T, ValueTask> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle<T>(
            $"On<{typeof(T).Name}>",
            static async (_, room, message, handler) =>
            {
                await ((Func<TRoom, RoomRequest, T, ValueTask>)handler)(room, RequestOf(message), (T)message.Content).ConfigureAwait(false);
                return null;
            },
            handler
        );
    }

    /// <summary>Answers the members' requests of a class, in the room's turn, by <c>ack {id, content}</c>.</summary>
    /// <typeparam name="T">The request's class.</typeparam>
    /// <typeparam name="TReply">The answer's.</typeparam>
    /// <param name="handler">The handler; it gets the room.</param>
    public RoomBuilder<TRoom> On<[DynamicallyAccessedMembers(Message)] T, TReply>(Func<TRoom, RoomRequest, T, ValueTask<TReply>> handler)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle<T>(
            $"On<{typeof(T).Name}, {typeof(TReply).Name}>",
            static async (contracts, room, message, handler) =>
                contracts.WriteReply(
                    await ((Func<TRoom, RoomRequest, T, ValueTask<TReply>>)handler)(room, RequestOf(message), (T)message.Content)
                        .ConfigureAwait(false)
                ),
            handler,
            typeof(TReply)
        );
    }

    private RoomBuilder<TRoom> Handle<T>(
        string place,
        Func<MessageContracts, TRoom, IncomingMessage, Delegate, ValueTask<object?>> call,
        Delegate handler,
        Type? reply = null
    )
    {
        AddPart(
            (endpoint, scope) =>
                AddHandler(
                    endpoint,
                    scope.Within(place),
                    typeof(T),
                    MessageHandlerKind.Handle,
                    message =>
                        ((LiveRoomTable)endpoint.Live!).RunAsync(
                            message.Room!.Name,
                            room => call(scope.Contracts, (TRoom)room, message, handler)
                        ),
                    reply
                )
        );
        return this;
    }
}
