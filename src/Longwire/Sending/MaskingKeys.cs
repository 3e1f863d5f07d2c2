using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Longwire;

/// <summary>
/// Masking keys for a client's frames: unpredictable (RFC 6455 §10.3), so from the system's cryptographic source, drawn
/// 256 at a time because a draw costs about a microsecond whatever its size.
/// </summary>
internal static class MaskingKeys
{
    [ThreadStatic]
    private static Store? _store;

    public static uint Next()
    {
        Store store = _store ??= new Store();
        if (store.Next == store.Keys.Length)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(store.Keys.AsSpan()));
            store.Next = 0;
        }

        uint key = store.Keys[store.Next];
        // A key on the wire is known to all; one that waits is not to be found in memory twice.
        store.Keys[store.Next++] = 0;
        return key;
    }

    private sealed class Store
    {
        public readonly uint[] Keys = new uint[256];
        public int Next = 256;
    }
}
