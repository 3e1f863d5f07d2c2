namespace Longwire.Hubs.Engines;

/// <summary>Something that keeps clients out until it ends: a ban or a revocation.</summary>
/// <param name="Kind">Whom or what it keeps out.</param>
/// <param name="Name">
/// The user's id, the token's, the session's client id, or the address: of IPv6 its network of 64 bits, since a client has all of that.
/// Or a network, as <c>10.0.0.0/8</c>.
/// </param>
/// <param name="Since">When it was made. A revoked user's tokens issued until then are good no more.</param>
/// <param name="Until">When it ends.</param>
public sealed record AccessBlock(AccessBlockKind Kind, string Name, DateTimeOffset Since, DateTimeOffset Until)
{
    /// <summary>
    /// The store's number of the block; 0 before it has one. One that was stored later has a greater one, also when the store has lost its
    /// newest data meanwhile.
    /// </summary>
    public long Version { get; init; }
}
