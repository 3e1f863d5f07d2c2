using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Longwire.Hubs;

/// <summary>Takes JSON Web Tokens as the options say, and makes identities of them.</summary>
internal sealed class JwtValidator(HubJwtOptions options, JwtKeys keys, TimeProvider time) : ITokenValidator, IDisposable
{
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    public async ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken)
    {
        // Nothing of it is believed yet but which key it says it is signed with.
        if (!_handler.CanReadToken(request.Token) || Read(request.Token) is not { } unproven)
        {
            return null;
        }

        string? keyId = string.IsNullOrEmpty(unproven.Kid) ? null : unproven.Kid;
        if (!options.Algorithms.Contains(unproven.Alg))
        {
            return null;
        }

        IReadOnlyList<SecurityKey> candidates = await keys.FindAsync(keyId, cancellationToken).ConfigureAwait(false);
        var parameters = new TokenValidationParameters
        {
            IssuerSigningKeys = candidates,
            ValidAlgorithms = options.Algorithms,
            ValidIssuer = options.Issuer,
            ValidateIssuer = !string.IsNullOrEmpty(options.Issuer),
            ValidAudience = options.Audience,
            ValidateAudience = !string.IsNullOrEmpty(options.Audience),
            RequireExpirationTime = true,
            LifetimeValidator = IsInTime,
        };
        if (candidates.Count == 0)
        {
            return null;
        }

        TokenValidationResult result = await _handler.ValidateTokenAsync(request.Token, parameters).ConfigureAwait(false);
        if (
            !result.IsValid
            || result.SecurityToken is not JsonWebToken token
            || !token.TryGetPayloadValue(options.UserIdClaim, out string? userId)
            || string.IsNullOrEmpty(userId)
            || !JsonText.IsUnicode(userId)
        )
        {
            return null;
        }

        // The name that the client asks for is not taken: only what is signed is true.
        string? name = token.TryGetPayloadValue(options.UsernameClaim, out string? claim) && JsonText.IsUnicode(claim) ? claim : null;
        return new HubIdentity(userId, name) { Claims = [.. token.Claims], ExpiresAt = new DateTimeOffset(token.ValidTo, TimeSpan.Zero) };
    }

    public void Dispose() => keys.Dispose();

    private JsonWebToken? Read(string token)
    {
        try
        {
            return _handler.ReadJsonWebToken(token);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now - end < options.ClockSkew && (notBefore is not { } begin || begin - now <= options.ClockSkew);
    }
}
