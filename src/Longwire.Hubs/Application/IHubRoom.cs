namespace Longwire.Hubs;

/// <summary>A room, with its members on all nodes. Thread safe.</summary>
public interface IHubRoom : IHubReceivers
{
    /// <summary>The room's name.</summary>
    string Name { get; }

    /// <summary>All members but the one that the current request came from.</summary>
    /// <exception cref="InvalidOperationException">The room was not reached by a request.</exception>
    IHubReceivers Others { get; }

    /// <summary>All members but one.</summary>
    /// <param name="clientId">The client id of the session to leave out.</param>
    IHubReceivers Except(string clientId);

    /// <summary>
    /// Publishes a message: it gets an offset, is kept as the room's history is, and reaches each member once, in the room's order.
    /// </summary>
    /// <typeparam name="T">The message's type, whose name is the message's on the wire.</typeparam>
    /// <param name="message">The message.</param>
    /// <param name="options">How to publish it. Default: as the room does.</param>
    /// <param name="cancellationToken">Ends the wait; the message may have been published all the same.</param>
    /// <returns>Where it is in the room's sequence; the default value when it was not published, as the options ask for.</returns>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask<RoomPosition> PublishAsync<T>(T message, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where T : notnull;

    /// <summary>The room's live map, or a part of it.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="prefix">The beginning of the keys, as <c>card/</c>; empty for all.</param>
    /// <exception cref="InvalidOperationException">The room keeps no map, or one that holds another type under this prefix.</exception>
    IRoomMap<T> Map<T>(string prefix = "")
        where T : notnull;

    /// <summary>Publishes a notification in the room: its members get it, with its place in the room's order.</summary>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Ends the wait for the engine.</param>
    /// <exception cref="HubUnavailableException">The engine is away, and nothing is published.</exception>
    ValueTask NotifyAsync(HubNotification notification, CancellationToken cancellationToken = default);

    /// <summary>Takes all members out of the room. Each gets <c>left-room</c> with the reason. They may join again.</summary>
    /// <param name="reason">The text for the members.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask CloseAsync(string reason, CancellationToken cancellationToken = default);
}
