namespace Longwire.Hubs;

/// <summary>All sessions of a user, on all nodes.</summary>
public interface IHubUser : IHubReceivers
{
    /// <summary>The user's id.</summary>
    string Id { get; }

    /// <summary>
    /// Publishes a message for the user: it gets an offset in the user's own room <c>$me</c>, is kept there, and reaches each session once.
    /// </summary>
    /// <typeparam name="T">The message's type, whose name is the message's on the wire.</typeparam>
    /// <param name="message">The message.</param>
    /// <param name="options">How to publish it.</param>
    /// <param name="cancellationToken">Ends the wait; the message may have been published all the same.</param>
    /// <returns>Where it is in the room's sequence; the default value when it was not published, as the options ask for.</returns>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask<RoomPosition> PublishAsync<T>(T message, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where T : notnull;

    /// <summary>Publishes a <c>notification</c> for the user.</summary>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask NotifyAsync(HubNotification notification, CancellationToken cancellationToken = default);

    /// <summary>Closes all of the user's sessions with 4002 "Kicked". They can't be resumed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask KickAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Revokes all tokens that were issued to the user until now, on all nodes and at once: its sessions are closed with 4003 "Token
    /// revoked". They may be resumed with a token that is newer by a second, so that nothing is lost. An identity of which nobody knows
    /// when it was issued (<see cref="HubIdentity.IssuedAt"/>) is as an old one. Kept for <see cref="LongwireHubOptions.RevocationAge"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">100,000 bans and revocations are kept already.</exception>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask RevokeAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Bans the user, on all nodes and at once: its sessions end with the error <c>banned</c> and 4002 "Banned", and it gets no other. A
    /// later call replaces an earlier one.
    /// </summary>
    /// <param name="duration">For how long; <see cref="TimeSpan.MaxValue"/> for good, and zero to lift the ban.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    /// <exception cref="InvalidOperationException">100,000 bans and revocations are kept already.</exception>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask BanAsync(TimeSpan duration, CancellationToken cancellationToken = default);
}
