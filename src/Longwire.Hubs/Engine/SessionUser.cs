using System.Text.Json;

namespace Longwire.Hubs.Engines;

/// <summary>The user of a session, as its token or the host's authentication gave it.</summary>
/// <param name="UserId">The user's id.</param>
/// <param name="Username">The user's name.</param>
public sealed record SessionUser(string UserId, string Username)
{
    /// <summary>The claims about the user, for policies; the token's id is the claim <c>jti</c> among them.</summary>
    public IReadOnlyList<SessionClaim> Claims { get; init; } = [];

    /// <summary>How the user was authenticated; null for a guest, who was not.</summary>
    public string? AuthenticationType { get; init; }

    /// <summary>The type of the claim that is the user's name; null for the default one.</summary>
    public string? NameClaimType { get; init; }

    /// <summary>The type of the claims that are roles; null for the default one.</summary>
    public string? RoleClaimType { get; init; }

    /// <summary>When the token expires; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the token was issued; null for unknown.</summary>
    public DateTimeOffset? IssuedAt { get; init; }

    /// <summary>The metadata that is shown about the user; null for none.</summary>
    public JsonElement? Metadata { get; init; }
}
