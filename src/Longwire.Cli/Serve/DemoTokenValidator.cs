using System.Security.Cryptography;
using System.Text;
using Longwire.Hubs;

namespace Longwire.Cli.Serve;

/// <summary>
/// For demonstrations and tests only: takes one shared token (default <c>valid-token</c>) and believes any username.
/// The username becomes the user's id; without one, the client's id does.
/// </summary>
internal sealed class DemoTokenValidator : ITokenValidator
{
    /// <summary>The token that is valid when none other is given.</summary>
    public const string DefaultToken = "valid-token";

    private readonly byte[] _token;

    /// <summary>Creates the validator.</summary>
    /// <param name="token">The one valid token. Default: <see cref="DefaultToken"/>.</param>
    public DemoTokenValidator(string token = DefaultToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        _token = Encoding.UTF8.GetBytes(token);
    }

    /// <inheritdoc/>
    public ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request.Token), _token))
        {
            return default;
        }

        string userId = string.IsNullOrEmpty(request.Username) ? request.ClientId : request.Username;
        return new(new HubIdentity(userId));
    }
}
