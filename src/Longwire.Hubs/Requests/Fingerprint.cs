using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Longwire.Hubs;

/// <summary>The same bytes give the same fingerprint, other bytes practically never.</summary>
internal static class Fingerprint
{
    public static ulong Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
