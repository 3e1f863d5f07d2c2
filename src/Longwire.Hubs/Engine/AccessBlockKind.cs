namespace Longwire.Hubs.Engines;

/// <summary>Whom or what an <see cref="AccessBlock"/> keeps out.</summary>
public enum AccessBlockKind
{
    /// <summary>A user, whatever its tokens say.</summary>
    BannedUser,

    /// <summary>All clients that connect from an address, or from one of a network.</summary>
    BannedAddress,

    /// <summary>A user's tokens that were issued until then. Newer ones are good.</summary>
    RevokedUser,

    /// <summary>One token, by its id.</summary>
    RevokedToken,

    /// <summary>One session, by its client id.</summary>
    RevokedSession,
}
