using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Longwire.Protocol;

/// <summary>
/// Masking (RFC 6455 §5.3): each byte is combined by exclusive or with one of the key's four bytes in turn, so the same
/// call masks and unmasks. Any alignment; vectors as wide as the processor has them.
/// </summary>
/// <remarks>
/// A key is a <see cref="uint"/> in memory order: its lowest-addressed byte is the first byte of the key on the wire and
/// belongs to the first byte of the payload. A payload that comes in parts passes the key that one call returns to the next.
/// </remarks>
public static class Masking
{
    /// <summary>Masks or unmasks in place.</summary>
    /// <param name="data">The payload or its next part.</param>
    /// <param name="maskingKey">The key, turned so that its first byte belongs to the first byte of <paramref name="data"/>.</param>
    /// <returns>The key turned for the byte that follows.</returns>
    public static uint Apply(Span<byte> data, uint maskingKey) => Apply(data, data, maskingKey);

    /// <summary>Masks or unmasks from one place into another.</summary>
    /// <param name="source">The payload or its next part.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>; the same memory or not overlapping.</param>
    /// <param name="maskingKey">The key, turned so that its first byte belongs to the first byte of <paramref name="source"/>.</param>
    /// <returns>The key turned for the byte that follows.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static uint Apply(ReadOnlySpan<byte> source, Span<byte> destination, uint maskingKey)
    {
        if (destination.Length < source.Length)
        {
            throw new ArgumentException("The destination is shorter than the source.", nameof(destination));
        }

        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination);
        nuint length = (nuint)source.Length;
        nuint i = 0;
        // Every width is a multiple of four bytes, so the key stays in step from one loop to the next.
        if (Vector512.IsHardwareAccelerated && length >= 64)
        {
            Vector512<byte> key = Vector512.Create(maskingKey).AsByte();
            for (; i + 64 <= length; i += 64)
            {
                (Vector512.LoadUnsafe(ref from, i) ^ key).StoreUnsafe(ref to, i);
            }
        }

        if (Vector256.IsHardwareAccelerated && length - i >= 32)
        {
            Vector256<byte> key = Vector256.Create(maskingKey).AsByte();
            for (; i + 32 <= length; i += 32)
            {
                (Vector256.LoadUnsafe(ref from, i) ^ key).StoreUnsafe(ref to, i);
            }
        }

        if (Vector128.IsHardwareAccelerated && length - i >= 16)
        {
            Vector128<byte> key = Vector128.Create(maskingKey).AsByte();
            for (; i + 16 <= length; i += 16)
            {
                (Vector128.LoadUnsafe(ref from, i) ^ key).StoreUnsafe(ref to, i);
            }
        }

        for (; i + 4 <= length; i += 4)
        {
            uint word = Unsafe.ReadUnaligned<uint>(ref Unsafe.AddByteOffset(ref from, i));
            Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref to, i), word ^ maskingKey);
        }

        uint rest = maskingKey;
        for (; i < length; i++)
        {
            Unsafe.AddByteOffset(ref to, i) = (byte)(Unsafe.AddByteOffset(ref from, i) ^ FirstByte(rest));
            rest = Turn(rest, 1);
        }

        return rest;
    }

    /// <summary>Unmasks a whole payload in place, and returns whether it is ASCII, which costs nothing extra.</summary>
    /// <param name="data">The payload.</param>
    /// <param name="maskingKey">The key.</param>
    /// <returns>Whether all of it is ASCII.</returns>
    internal static bool ApplyToWhole(Span<byte> data, uint maskingKey)
    {
        ref byte start = ref MemoryMarshal.GetReference(data);
        nuint length = (nuint)data.Length;
        nuint i = 0;
        // The last vector covers the rest and overlaps the one before it, so it is read before that one is written.
        uint lastKey = Turn(maskingKey, data.Length);
        if (Vector512.IsHardwareAccelerated && length >= 64)
        {
            Vector512<byte> key = Vector512.Create(maskingKey).AsByte();
            Vector512<byte> last = Vector512.LoadUnsafe(ref start, length - 64) ^ Vector512.Create(lastKey).AsByte();
            Vector512<byte> all = last;
            for (; i + 64 < length; i += 64)
            {
                Vector512<byte> bytes = Vector512.LoadUnsafe(ref start, i) ^ key;
                bytes.StoreUnsafe(ref start, i);
                all |= bytes;
            }

            last.StoreUnsafe(ref start, length - 64);
            return all.ExtractMostSignificantBits() == 0;
        }

        if (Vector256.IsHardwareAccelerated && length >= 32)
        {
            Vector256<byte> key = Vector256.Create(maskingKey).AsByte();
            Vector256<byte> last = Vector256.LoadUnsafe(ref start, length - 32) ^ Vector256.Create(lastKey).AsByte();
            Vector256<byte> all = last;
            for (; i + 32 < length; i += 32)
            {
                Vector256<byte> bytes = Vector256.LoadUnsafe(ref start, i) ^ key;
                bytes.StoreUnsafe(ref start, i);
                all |= bytes;
            }

            last.StoreUnsafe(ref start, length - 32);
            return all.ExtractMostSignificantBits() == 0;
        }

        if (length >= 16)
        {
            Vector128<byte> key = Vector128.Create(maskingKey).AsByte();
            Vector128<byte> last = Vector128.LoadUnsafe(ref start, length - 16) ^ Vector128.Create(lastKey).AsByte();
            Vector128<byte> all = last;
            for (; i + 16 < length; i += 16)
            {
                Vector128<byte> bytes = Vector128.LoadUnsafe(ref start, i) ^ key;
                bytes.StoreUnsafe(ref start, i);
                all |= bytes;
            }

            last.StoreUnsafe(ref start, length - 16);
            return all.ExtractMostSignificantBits() == 0;
        }

        if (length >= 4)
        {
            uint last = Unsafe.ReadUnaligned<uint>(ref Unsafe.AddByteOffset(ref start, length - 4)) ^ lastKey;
            uint all = last;
            for (; i + 4 < length; i += 4)
            {
                ref byte word = ref Unsafe.AddByteOffset(ref start, i);
                uint bytes = Unsafe.ReadUnaligned<uint>(ref word) ^ maskingKey;
                Unsafe.WriteUnaligned(ref word, bytes);
                all |= bytes;
            }

            Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref start, length - 4), last);
            return (all & 0x8080_8080) == 0;
        }

        Apply(data, maskingKey);
        return data.IndexOfAnyExceptInRange((byte)0x00, (byte)0x7F) < 0;
    }

    /// <summary>Turns a key past some bytes of payload, for a reader that skips them.</summary>
    /// <param name="maskingKey">The key for the byte before them.</param>
    /// <param name="count">How many bytes; only the remainder by four matters.</param>
    public static uint Turn(uint maskingKey, int count)
    {
        int bits = (count & 3) * 8;
        return BitConverter.IsLittleEndian ? BitOperations.RotateRight(maskingKey, bits) : BitOperations.RotateLeft(maskingKey, bits);
    }

    private static byte FirstByte(uint key) => BitConverter.IsLittleEndian ? (byte)key : (byte)(key >> 24);
}
