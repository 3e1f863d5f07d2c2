using System.Security.Cryptography;
using System.Text;

namespace Longwire.Hubs;

/// <summary>The tokens of the administration. Only their hashes are compared, in constant time.</summary>
internal sealed class AdminTokens
{
    private readonly (string Role, AdminRights Rights, byte[] Hash)[] _tokens;

    public AdminTokens(HubAdminOptions options)
    {
        _tokens =
        [
            .. new[]
            {
                (Role: "admin", Rights: AdminRights.Read | AdminRights.Act, options.Token),
                (Role: "read", Rights: AdminRights.Read, Token: options.ReadToken),
                (Role: "contents", Rights: AdminRights.Read | AdminRights.Contents, Token: options.ContentsToken),
            }
                .Where(static token => !string.IsNullOrEmpty(token.Token))
                .Select(static token => (token.Role, token.Rights, HashOf(token.Token!))),
        ];
    }

    /// <summary>The name and the rights of a token; null where it is none.</summary>
    public (string Role, AdminRights Rights)? Find(string? token)
    {
        if (token is null)
        {
            return null;
        }

        byte[] hash = HashOf(token);
        (string, AdminRights)? found = null;
        foreach ((string role, AdminRights rights, byte[] known) in _tokens)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, known) ? (role, rights) : found;
        }

        return found;
    }

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
