using System.Globalization;
using System.Security.Claims;
using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>The identity of a session, as a valid token or the host's own authentication gives it.</summary>
public sealed record HubIdentity
{
    private const string OwnAuthentication = "Longwire";

    // There is an identity for each session, so that what most have nothing of is packed: a principal, or the claims to make one of; a copy
    // of the metadata, perhaps with the time of the issue; the ticks of the expiry, 0 for never.
    private readonly object? _claims;
    private readonly object? _metadata;
    private readonly long _expiry;

    /// <summary>Creates an identity.</summary>
    /// <param name="userId">The user's id; one user may have many sessions.</param>
    /// <param name="username">The name shown to others; the user's id when left out.</param>
    /// <exception cref="ArgumentException"><paramref name="userId"/> is empty, or one of the two has half of a surrogate pair.</exception>
    public HubIdentity(string userId, string? username = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        ThrowIfNotUnicode(userId, nameof(userId));
        ThrowIfNotUnicode(username, nameof(username));
        UserId = userId;
        Username = string.IsNullOrEmpty(username) ? userId : username;
    }

    /// <summary>The user's id. Direct messages and notifications are addressed to it.</summary>
    public string UserId { get; }

    /// <summary>The name shown to others.</summary>
    public string Username { get; }

    /// <summary>
    /// The user for policies and hooks: the host's principal, or one made of the token's claims. One of a guest is not authenticated.
    /// </summary>
    internal ClaimsPrincipal Principal
    {
        get => _claims as ClaimsPrincipal ?? new ClaimsPrincipal(new ClaimsIdentity(AllClaims(), OwnAuthentication));
        init => _claims = value;
    }

    /// <summary>Claims beside the user's id and name, for policies. Default: none.</summary>
    public IReadOnlyList<Claim> Claims
    {
        get => _claims as IReadOnlyList<Claim> ?? [];
        init => _claims = value;
    }

    /// <summary>When the identity stops being valid; null means never. The session is then closed with 4003 "Token expired".</summary>
    public DateTimeOffset? ExpiresAt
    {
        get => _expiry == 0 ? null : new DateTimeOffset(_expiry, TimeSpan.Zero);
        init => _expiry = value is { } expiry ? Math.Max(1, expiry.UtcTicks) : 0;
    }

    /// <summary>
    /// When the token was issued, in whole seconds as a rule; null means unknown. When the user's tokens are revoked, this says whether it
    /// is one of them: one that is not newer, or of which nothing is known, is. Default: the claim <c>iat</c>.
    /// </summary>
    public DateTimeOffset? IssuedAt
    {
        get => (_metadata as Dated)?.IssuedAt ?? IssueIn(FindClaim("iat"));
        init => _metadata = value is { } issued ? new Dated(Metadata, issued) : Metadata;
    }

    /// <summary>The token's id, by which it can be revoked: the claim <c>jti</c>; null for none.</summary>
    public string? TokenId => FindClaim("jti");

    /// <summary>
    /// The metadata that the application shows to others in a room's presence list; any JSON. Null is written as an empty object.
    /// </summary>
    /// <exception cref="ArgumentException">It has half of a surrogate pair.</exception>
    public JsonElement? Metadata
    {
        get => _metadata is Dated dated ? dated.Metadata : (JsonElement?)_metadata;
        init
        {
            JsonText.ThrowIfNotUnicode(value);
            // A copy, because the caller may dispose of the document that it belongs to.
            JsonElement? copy = value?.Clone();
            _metadata = _metadata is Dated { IssuedAt: var issued } ? new Dated(copy, issued) : copy;
        }
    }

    /// <summary>Compares the user, the time and the metadata; claims don't count.</summary>
    /// <param name="other">Another identity.</param>
    public bool Equals(HubIdentity? other) =>
        other is not null
        && UserId == other.UserId
        && Username == other.Username
        && ExpiresAt == other.ExpiresAt
        && Nullable.Equals(Metadata, other.Metadata);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(UserId, Username, ExpiresAt);

    /// <summary>The identity as other nodes keep it.</summary>
    internal SessionUser ToUser()
    {
        var identity = (_claims as ClaimsPrincipal)?.Identity as ClaimsIdentity;
        IEnumerable<Claim> claims = (_claims as ClaimsPrincipal)?.Claims ?? Claims;
        return new SessionUser(UserId, Username)
        {
            Claims = [.. claims.Select(static claim => new SessionClaim(claim.Type, claim.Value))],
            AuthenticationType = _claims is ClaimsPrincipal ? identity?.AuthenticationType : OwnAuthentication,
            NameClaimType = identity?.NameClaimType,
            RoleClaimType = identity?.RoleClaimType,
            ExpiresAt = ExpiresAt,
            IssuedAt = (_metadata as Dated)?.IssuedAt,
            Metadata = Metadata,
        };
    }

    /// <summary>The identity that another node kept.</summary>
    internal static HubIdentity Of(SessionUser user)
    {
        Claim[] claims = [.. user.Claims.Select(static claim => new Claim(claim.Type, claim.Value))];
        var identity = new HubIdentity(user.UserId, user.Username) { ExpiresAt = user.ExpiresAt, Metadata = user.Metadata };
        identity = user.IssuedAt is null ? identity : identity with { IssuedAt = user.IssuedAt };
        if (user.AuthenticationType == OwnAuthentication)
        {
            return claims.Length == 0 ? identity : identity with { Claims = claims };
        }

        var principal = new ClaimsPrincipal(new ClaimsIdentity(claims, user.AuthenticationType, user.NameClaimType, user.RoleClaimType));
        return identity with { Principal = principal };
    }

    /// <summary>The identity of a session that has not signed in.</summary>
    internal static HubIdentity Guest(string clientId) =>
        new(clientId, string.Concat("guest-", clientId.AsSpan(0, 6)))
        {
            Principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, clientId)])),
        };

    private IEnumerable<Claim> AllClaims() =>
        [new Claim(ClaimTypes.NameIdentifier, UserId), new Claim(ClaimTypes.Name, Username), .. Claims];

    private static void ThrowIfNotUnicode(string? text, string parameter)
    {
        if (!JsonText.IsUnicode(text))
        {
            throw new ArgumentException("It has half of a surrogate pair, which is no text.", parameter);
        }
    }

    /// <summary>
    /// The identity of a principal that the host has authenticated: the id from the name identifier or <c>sub</c> claim,
    /// else the name. Null when the principal is not authenticated or has neither.
    /// </summary>
    /// <param name="principal">The host's principal.</param>
    public static HubIdentity? FromPrincipal(ClaimsPrincipal? principal)
    {
        if (principal?.Identity is not { IsAuthenticated: true } identity)
        {
            return null;
        }

        string? id = principal.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? principal.FindFirst("sub")?.Value ?? identity.Name;
        return string.IsNullOrEmpty(id) ? null : new HubIdentity(id, identity.Name) { Principal = principal };
    }

    private string? FindClaim(string type) =>
        (_claims as ClaimsPrincipal)?.FindFirst(type)?.Value ?? Claims.FirstOrDefault(claim => claim.Type == type)?.Value;

    private static DateTimeOffset? IssueIn(string? claim) =>
        long.TryParse(claim, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    /// <summary>The metadata of an identity that says when it was issued.</summary>
    private sealed record Dated(JsonElement? Metadata, DateTimeOffset IssuedAt);
}
