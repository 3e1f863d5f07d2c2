namespace Longwire.Hubs;

/// <summary>A room by its name, for the application; reached by a request it knows the session that asked.</summary>
internal sealed class HubRoomHandle(Hub hub, HubApplication application, string name, RoomEndpoint? endpoint, HubSession? requester)
    : IHubRoom
{
    public string Name => name;

    public IHubReceivers Others =>
        requester is null
            ? throw new InvalidOperationException("Others is of a request's room: request.Room.Others. Here, write Except(clientId).")
            : Except(requester.ClientId);

    public IHubReceivers Except(string clientId)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        return new Remaining(this, clientId);
    }

    public ValueTask SendAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : notnull => SendAsync(message, exceptClientId: null, cancellationToken);

    public ValueTask<RoomPosition> PublishAsync<T>(T message, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where T : notnull => application.PublishAsync(name, application.Draft(message, endpoint), options, cancellationToken);

    public IRoomMap<T> Map<T>(string prefix = "")
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (Array.Find(endpoint?.MapValues ?? [], values => values.Prefix == prefix) is { Json.Type: var held } && held != typeof(T))
        {
            throw new InvalidOperationException(
                $"In the room \"{name}\" the keys \"{prefix}\" hold {held.Name}, not {typeof(T).Name}. Write Map<{held.Name}>(\"{prefix}\")."
            );
        }

        return (endpoint?.Options ?? hub.Context.Settings.Rooms.Find(name)) is { MapKeys: > 0 }
            ? new RoomMap<T>(hub, application.Contracts, name, endpoint, prefix)
            : throw new InvalidOperationException($"The room \"{name}\" keeps no map. Write MapRoom(…).WithMap().");
    }

    public ValueTask NotifyAsync(HubNotification notification, CancellationToken cancellationToken = default) =>
        hub.NotifyRoomAsync(name, notification, cancellationToken);

    public async ValueTask CloseAsync(string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        foreach (HubSession session in hub.Sessions)
        {
            await session.LeaveAsync(name, reason, cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask SendAsync(object message, string? exceptClientId, CancellationToken cancellationToken) =>
        application.SendAsync(NodeCommandTarget.Room, name, application.Draft(message, endpoint), cancellationToken, exceptClientId);

    private sealed class Remaining(HubRoomHandle room, string exceptClientId) : IHubReceivers
    {
        public ValueTask SendAsync<T>(T message, CancellationToken cancellationToken = default)
            where T : notnull => room.SendAsync(message, exceptClientId, cancellationToken);
    }
}
