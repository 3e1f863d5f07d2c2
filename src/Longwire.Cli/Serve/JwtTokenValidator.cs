using System.Text;
using Longwire.Hubs;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Longwire.Cli.Serve;

/// <summary>
/// Takes JSON Web Tokens that are signed with a shared key (HS256) and have not expired. <c>sub</c> is the user, <c>name</c> what others
/// see.
/// </summary>
internal sealed class JwtTokenValidator : ITokenValidator
{
    private readonly JsonWebTokenHandler _handler = new();
    private readonly TokenValidationParameters _parameters;

    public JwtTokenValidator(string key)
    {
        _parameters = new TokenValidationParameters
        {
            IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)),
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidateIssuer = false,
            ValidateAudience = false,
            ClockSkew = TimeSpan.FromSeconds(30),
        };
    }

    public async ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken)
    {
        TokenValidationResult result = await _handler.ValidateTokenAsync(request.Token, _parameters);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken { Subject.Length: > 0 } token)
        {
            return null;
        }

        // The name that the client asks for is not taken: only what is signed is true.
        string? name = token.TryGetPayloadValue("name", out string? claim) ? claim : null;
        return new HubIdentity(token.Subject, name) { ExpiresAt = new DateTimeOffset(token.ValidTo, TimeSpan.Zero) };
    }
}
