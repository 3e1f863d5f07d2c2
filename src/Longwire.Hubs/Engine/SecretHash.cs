using System.Security.Cryptography;

namespace Longwire.Hubs.Engines;

/// <summary>
/// The hash of a session's secret: 128 bits of SHA-256, which nobody finds another secret for. The secret itself leaves no node.
/// </summary>
/// <param name="Lower">The first eight bytes.</param>
/// <param name="Upper">The next eight bytes.</param>
public readonly record struct SecretHash(ulong Lower, ulong Upper)
{
    /// <summary>How many bytes it has.</summary>
    internal const int Bytes = 2 * sizeof(ulong);

    /// <summary>Hashes a secret.</summary>
    internal static SecretHash Of(ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, hash);
        return new SecretHash(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[sizeof(ulong)..]));
    }

    /// <summary>Compares two hashes in a time that does not depend on where they differ.</summary>
    internal bool Matches(SecretHash other) => ((Lower ^ other.Lower) | (Upper ^ other.Upper)) == 0;
}
