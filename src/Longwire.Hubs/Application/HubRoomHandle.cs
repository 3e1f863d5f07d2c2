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
