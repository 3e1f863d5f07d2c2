namespace Longwire.Hubs;

/// <summary>A user by its id, for the application.</summary>
internal sealed class HubUserHandle(Hub hub, HubApplication application, string id) : IHubUser
{
    public string Id => id;

    public ValueTask SendAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : notnull => application.SendAsync(NodeCommandTarget.User, id, application.Draft(message), cancellationToken);

    public ValueTask<RoomPosition> PublishAsync<T>(T message, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where T : notnull => application.PublishAsync(RoomNames.OfUser(id), application.Draft(message), options, cancellationToken);

    public ValueTask NotifyAsync(HubNotification notification, CancellationToken cancellationToken = default) =>
        hub.NotifyUserAsync(id, notification, cancellationToken);

    public ValueTask KickAsync(CancellationToken cancellationToken = default) => hub.KickUserAsync(id, cancellationToken);

    public ValueTask RevokeAsync(CancellationToken cancellationToken = default) =>
        hub.Sessions.Access.RevokeUserAsync(id, cancellationToken);

    public ValueTask BanAsync(TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        return hub.Sessions.Access.BanAsync(id, duration, cancellationToken);
    }
}
