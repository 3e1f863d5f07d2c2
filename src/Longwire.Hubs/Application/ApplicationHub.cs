using System.Net;

namespace Longwire.Hubs;

/// <summary>The hub as applications inject it.</summary>
internal sealed class ApplicationHub(Hub hub, HubApplication application) : IHub, IHubEveryone
{
    public IHubEveryone All => this;

    public Task DrainAsync(HubDrainOptions? options = null, CancellationToken cancellationToken = default) =>
        hub.DrainAsync(options, cancellationToken);

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

    public ValueTask RevokeTokenAsync(string tokenId, DateTimeOffset? expiresAt = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(tokenId);
        return hub.Sessions.Access.RevokeTokenAsync(tokenId, expiresAt, cancellationToken);
    }

    public ValueTask BanAddressAsync(IPAddress address, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return hub.Sessions.Access.BanAsync(address, duration, cancellationToken);
    }

    public ValueTask BanNetworkAsync(IPNetwork network, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return hub.Sessions.Access.BanAsync(network, duration, cancellationToken);
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
