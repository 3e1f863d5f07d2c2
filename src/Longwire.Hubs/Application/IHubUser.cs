namespace Longwire.Hubs;

/// <summary>All sessions of a user, on all nodes.</summary>
public interface IHubUser : IHubReceivers
{
    /// <summary>The user's id.</summary>
    string Id { get; }

    /// <summary>Sends the user a <c>notification</c>.</summary>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubEngineUnavailableException">The engine is away.</exception>
    ValueTask NotifyAsync(HubNotification notification, CancellationToken cancellationToken = default);

    /// <summary>Closes all of the user's sessions with 4002 "Kicked". They can't be resumed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubEngineUnavailableException">The engine is away.</exception>
    ValueTask KickAsync(CancellationToken cancellationToken = default);
}
