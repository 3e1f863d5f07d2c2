namespace Longwire.Hubs;

/// <summary>The hub as applications inject it.</summary>
internal sealed class ApplicationHub(Hub hub, HubApplication application) : IHub, IHubEveryone
{
    public IHubEveryone All => this;

    public IHubRoom Room(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        name = Names.Normalize(name);
        RoomEndpoint? endpoint = application.Router?.Find(name);
        return endpoint is null && application.Router is { } router
            ? throw new UnknownRoomException($"No room matches \"{name}\". Mapped: {router.Known}.")
            : new HubRoomHandle(hub, application, name, endpoint, requester: null);
    }

    public IHubUser User(string userId)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return new HubUserHandle(hub, application, userId);
    }

    public IHubSession Session(string clientId)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        return new HubSessionHandle(hub, application, clientId);
    }

    ValueTask IHubReceivers.SendAsync<T>(T message, CancellationToken cancellationToken) =>
        application.SendAsync(NodeCommandTarget.All, "", application.Draft(message), cancellationToken);

    ValueTask IHubEveryone.NotifyAsync(HubNotification notification, CancellationToken cancellationToken) =>
        hub.NotifyAllAsync(notification, cancellationToken);
}
