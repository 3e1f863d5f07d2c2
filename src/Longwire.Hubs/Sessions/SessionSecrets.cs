using System.Security.Cryptography;

namespace Longwire.Hubs;

/// <summary>
/// The secrets by which a session is resumed: the newest, and the one before for as long as the client may not have read the newest. Only
/// hashes are kept: 128 bits of SHA-256, which nobody finds another secret for. They are compared in constant time.
/// </summary>
internal struct SessionSecrets
{
    // No UInt128, which would have the session aligned to 16 bytes.
    private (ulong Lower, ulong Upper) _newest;
    private FormerSecret? _former;

    public readonly bool HasFormer => _former is not null;

    /// <summary>A secret takes the place of the newest.</summary>
    /// <param name="secret">The new one.</param>
    /// <param name="former">The one by which the client came back, if that stays good for a while.</param>
    /// <param name="formerUntil">Until when.</param>
    public void Renew(ReadOnlySpan<byte> secret, byte[]? former = null, TimeSpan formerUntil = default)
    {
        _newest = HashOf(secret);
        _former = former is null ? null : new FormerSecret(HashOf(former), formerUntil);
    }

    public void ForgetFormer() => _former = null;

    public readonly bool Include(ReadOnlySpan<byte> secret, TimeSpan now)
    {
        (ulong, ulong) hash = HashOf(secret);
        return AreEqual(hash, _newest) || (_former is { } former && now < former.Until && AreEqual(hash, former.Hash));
    }

    private static (ulong Lower, ulong Upper) HashOf(ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, hash);
        return (BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[sizeof(ulong)..]));
    }

    private static bool AreEqual((ulong Lower, ulong Upper) given, (ulong Lower, ulong Upper) expected) =>
        ((given.Lower ^ expected.Lower) | (given.Upper ^ expected.Upper)) == 0;

    private sealed record FormerSecret((ulong Lower, ulong Upper) Hash, TimeSpan Until);
}
