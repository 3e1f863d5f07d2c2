namespace Longwire.Hubs;

/// <summary>A user by its id, for the application.</summary>
internal sealed class HubUserHandle(Hub hub, HubApplication application, string id) : IHubUser
{
    public string Id => id;

    public ValueTask SendAsync<T>(T message, CancellationToken cancellationToken = default)
        where T : notnull => hub.SendToUserAsync(id, application.Write(message), cancellationToken: cancellationToken);

    public ValueTask NotifyAsync(HubNotification notification, CancellationToken cancellationToken = default) =>
        hub.NotifyUserAsync(id, notification, cancellationToken);

    public ValueTask KickAsync(CancellationToken cancellationToken = default) => hub.KickUserAsync(id, cancellationToken);
}
