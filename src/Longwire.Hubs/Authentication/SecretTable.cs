using System.Security.Cryptography;
using System.Text;

namespace Longwire.Hubs;

/// <summary>
/// Values by the secrets of the configuration. Only their SHA-256 is kept, and a text is compared with all of them in a time that does
/// not depend on where it differs. Immutable.
/// </summary>
internal sealed class SecretTable<T>(IEnumerable<(byte[] Hash, T Value)> entries)
    where T : class
{
    private readonly (byte[] Hash, T Value)[] _entries = [.. entries];

    /// <summary>The value of the secret that a text is; null where it is none.</summary>
    public T? Find(string? text)
    {
        if (text is null)
        {
            return null;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        T? found = null;
        foreach ((byte[] known, T value) in _entries)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, known) ? value : found;
        }

        return found;
    }
}
