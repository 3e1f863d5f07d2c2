using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Longwire.Hubs;

/// <summary>
/// The secrets by which a session is resumed: the newest, and the one before for as long as the client may not have read the newest. Only
/// hashes are kept: 128 bits of SHA-256, which nobody finds another secret for.
/// </summary>
internal struct SessionSecrets
{
    private UInt128 _newest;
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
        UInt128 hash = HashOf(secret);
        return AreEqual(hash, _newest) || (_former is { } former && now < former.Until && AreEqual(hash, former.Hash));
    }

    private static UInt128 HashOf(ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }

    private static bool AreEqual(UInt128 given, UInt128 expected) =>
        SessionSecret.AreEqual(
            MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in given)),
            MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in expected))
        );

    private sealed record FormerSecret(UInt128 Hash, TimeSpan Until);
}
