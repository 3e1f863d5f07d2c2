using System.Net;

namespace Longwire.Hubs;

/// <summary>
/// The service that applications inject to reach their clients, from any thread. It returns interfaces only, so that a unit test can put a
/// fake in its place.
/// </summary>
public interface IHub
{
    /// <summary>All sessions that have signed in, on all nodes.</summary>
    IHubEveryone All { get; }

    /// <summary>Sends all connections of this node away for a restart, as <see cref="Hub.DrainAsync"/> does.</summary>
    /// <param name="options">How fast. Default: <see cref="LongwireHubOptions.Drain"/>, or the defaults of that.</param>
    /// <param name="cancellationToken">Closes all at once.</param>
    Task DrainAsync(HubDrainOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>A room by its name; nobody needs to be in it.</summary>
    /// <param name="name">The room's name.</param>
    /// <exception cref="ArgumentException">The name is empty or has half of a surrogate pair.</exception>
    /// <exception cref="UnknownRoomException">No mapped template matches the name.</exception>
    IHubRoom Room(string name);

    /// <summary>All sessions of a user, on all nodes.</summary>
    /// <param name="userId">The user's id.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    IHubUser User(string userId);

    /// <summary>
    /// Revokes one token, on all nodes and at once: its sessions are closed with 4003 "Token revoked", and nobody comes in with it any
    /// more. They may be resumed with another token, so that nothing is lost.
    /// </summary>
    /// <param name="tokenId">The token's id, its claim <c>jti</c>.</param>
    /// <param name="expiresAt">
    /// When the token expires: until then the revocation is kept. Default: for <see cref="LongwireHubOptions.RevocationAge"/>, which is the
    /// longest, too.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    /// <exception cref="InvalidOperationException">100,000 bans and revocations are kept already.</exception>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask RevokeTokenAsync(string tokenId, DateTimeOffset? expiresAt = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Bans an address, on all nodes and at once: all connections from it end with the error <c>banned</c> and 4002 "Banned", whoever has
    /// signed in on them, and it gets no other, but for those with an API key. A later call replaces an earlier one.
    /// </summary>
    /// <param name="address">The address; of IPv6 its network of 64 bits, since a client has all of that.</param>
    /// <param name="duration">For how long; <see cref="TimeSpan.MaxValue"/> for good, and zero to lift the ban.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    /// <exception cref="InvalidOperationException">100,000 bans and revocations are kept already.</exception>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask BanAddressAsync(IPAddress address, TimeSpan duration, CancellationToken cancellationToken = default);

    /// <summary>
    /// Bans all addresses of a network, as <see cref="BanAddressAsync"/> bans one. The ban is lifted for the same network: no single
    /// address is let out of it.
    /// </summary>
    /// <param name="network">The network, as <c>10.0.0.0/8</c>; of IPv6 one of more than 64 bits counts as its network of 64 bits.</param>
    /// <param name="duration">For how long; <see cref="TimeSpan.MaxValue"/> for good, and zero to lift the ban.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    /// <exception cref="InvalidOperationException">100,000 bans and revocations are kept already.</exception>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask BanNetworkAsync(IPNetwork network, TimeSpan duration, CancellationToken cancellationToken = default);

    /// <summary>One session, on whichever node it is.</summary>
    /// <param name="clientId">The session's client id.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    IHubSession Session(string clientId);
}
