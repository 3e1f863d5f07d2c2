namespace Longwire.Hubs;

/// <summary>All sessions that have signed in, on all nodes.</summary>
public interface IHubEveryone : IHubReceivers
{
    /// <summary>Publishes a <c>notification</c> for everyone.</summary>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask NotifyAsync(HubNotification notification, CancellationToken cancellationToken = default);
}
