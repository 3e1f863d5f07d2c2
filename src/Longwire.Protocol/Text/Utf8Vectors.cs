using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Longwire.Protocol;

/// <summary>
/// UTF-8 by vectors: the lookup method of J. Keiser and D. Lemire, "Validating UTF-8 In Less Than One Instruction Per
/// Byte" (2021). Three table lookups, on the high and low half of the previous byte and the high half of this one, name
/// every error of two neighbouring bytes; a fourth check counts the continuation bytes of three- and four-byte sequences.
/// </summary>
internal static class Utf8Vectors
{
    /// <summary>Bytes that are looked at in one step; shorter parts are not worth it.</summary>
    public const int BlockLength = 64;

    private const byte TooShort = 1 << 0; // a lead byte not followed by a continuation
    private const byte TooLong = 1 << 1; // ASCII followed by a continuation
    private const byte Overlong3 = 1 << 2; // E0 80..9F
    private const byte TooLarge = 1 << 3; // F4 90.. and above
    private const byte Surrogate = 1 << 4; // ED A0..BF
    private const byte Overlong2 = 1 << 5; // C0, C1
    private const byte TooLarge1000 = 1 << 6; // F5.. followed by 80..8F
    private const byte Overlong4 = 1 << 6; // F0 80..8F
    private const byte TwoContinuations = 1 << 7;
    private const byte Carry = TooShort | TooLong | TwoContinuations;

    private static Vector128<byte> PreviousHigh =>
        Vector128.Create(
            TooLong,
            TooLong,
            TooLong,
            TooLong,
            TooLong,
            TooLong,
            TooLong,
            TooLong,
            TwoContinuations,
            TwoContinuations,
            TwoContinuations,
            TwoContinuations,
            TooShort | Overlong2,
            TooShort,
            TooShort | Overlong3 | Surrogate,
            TooShort | TooLarge | TooLarge1000 | Overlong4
        );

    private static Vector128<byte> PreviousLow =>
        Vector128.Create(
            Carry | Overlong3 | Overlong2 | Overlong4,
            Carry | Overlong2,
            Carry,
            Carry,
            Carry | TooLarge,
            Carry | TooLarge | TooLarge1000,
            Carry | TooLarge | TooLarge1000,
            Carry | TooLarge | TooLarge1000,
            Carry | TooLarge | TooLarge1000,
            Carry | TooLarge | TooLarge1000,
            Carry | TooLarge | TooLarge1000,
            Carry | TooLarge | TooLarge1000,
            Carry | TooLarge | TooLarge1000,
            Carry | TooLarge | TooLarge1000 | Surrogate,
            Carry | TooLarge | TooLarge1000,
            Carry | TooLarge | TooLarge1000
        );

    private static Vector128<byte> CurrentHigh =>
        Vector128.Create(
            TooShort,
            TooShort,
            TooShort,
            TooShort,
            TooShort,
            TooShort,
            TooShort,
            TooShort,
            TooLong | Overlong2 | TwoContinuations | Overlong3 | TooLarge1000 | Overlong4,
            TooLong | Overlong2 | TwoContinuations | Overlong3 | TooLarge,
            TooLong | Overlong2 | TwoContinuations | Surrogate | TooLarge,
            TooLong | Overlong2 | TwoContinuations | Surrogate | TooLarge,
            TooShort,
            TooShort,
            TooShort,
            TooShort
        );

    /// <summary>
    /// Checks as many whole blocks as there are and moves <paramref name="position"/> behind the last whole character in them.
    /// </summary>
    /// <param name="text">The text; the three bytes before <paramref name="position"/> belong to complete characters.</param>
    /// <param name="position">A character's start, at least 3.</param>
    /// <returns>False when a byte can't be right.</returns>
    public static bool TrySkipValid(ReadOnlySpan<byte> text, ref int position)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            return true; // the caller continues byte by byte
        }

        ref byte start = ref MemoryMarshal.GetReference(text);
        int end = position + ((text.Length - position) / BlockLength * BlockLength);
        bool afterAscii = true; // the bytes before are complete, as after ASCII
        int i = position;
        for (; i < end; i += BlockLength)
        {
            ref byte block = ref Unsafe.Add(ref start, i);
            if (IsAscii(ref block))
            {
                // A sequence that the block before left open is an error that its first vector shows.
                if (!afterAscii && Errors(ref block) != Vector128<byte>.Zero)
                {
                    return false;
                }

                afterAscii = true;
                continue;
            }

            afterAscii = false;
            bool broken =
                Vector256.IsHardwareAccelerated && Avx2.IsSupported
                    ? (Errors256(ref block) | Errors256(ref Unsafe.Add(ref block, 32))) != Vector256<byte>.Zero
                    : (
                        Errors(ref block)
                        | Errors(ref Unsafe.Add(ref block, 16))
                        | Errors(ref Unsafe.Add(ref block, 32))
                        | Errors(ref Unsafe.Add(ref block, 48))
                    ) != Vector128<byte>.Zero;
            if (broken)
            {
                return false;
            }
        }

        position = StartOfOpenSequence(text, end);
        return true;
    }

    // A sequence that begins within the last three bytes may be unfinished: the caller looks at it again, byte by byte.
    private static int StartOfOpenSequence(ReadOnlySpan<byte> text, int end)
    {
        for (int back = 1; back <= 3; back++)
        {
            byte value = text[end - back];
            if (value >= 0xC0)
            {
                return end - back;
            }

            if (value < 0x80)
            {
                break;
            }
        }

        return end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsAscii(ref byte block)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512.LoadUnsafe(ref block).ExtractMostSignificantBits() == 0;
        }

        Vector128<byte> any =
            Vector128.LoadUnsafe(ref block)
            | Vector128.LoadUnsafe(ref block, 16)
            | Vector128.LoadUnsafe(ref block, 32)
            | Vector128.LoadUnsafe(ref block, 48);
        return any.ExtractMostSignificantBits() == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Errors(ref byte at)
    {
        Vector128<byte> current = Vector128.LoadUnsafe(ref at);
        Vector128<byte> previous1 = Vector128.LoadUnsafe(ref Unsafe.Subtract(ref at, 1));
        Vector128<byte> previous2 = Vector128.LoadUnsafe(ref Unsafe.Subtract(ref at, 2));
        Vector128<byte> previous3 = Vector128.LoadUnsafe(ref Unsafe.Subtract(ref at, 3));
        Vector128<byte> low = Vector128.Create((byte)0x0F);
        Vector128<byte> special =
            Vector128.ShuffleNative(PreviousHigh, High(previous1))
            & Vector128.ShuffleNative(PreviousLow, previous1 & low)
            & Vector128.ShuffleNative(CurrentHigh, High(current));
        Vector128<byte> third = Vector128.SubtractSaturate(previous2, Vector128.Create((byte)(0xE0 - 0x80)));
        Vector128<byte> fourth = Vector128.SubtractSaturate(previous3, Vector128.Create((byte)(0xF0 - 0x80)));
        return ((third | fourth) & Vector128.Create((byte)0x80)) ^ special;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Errors256(ref byte at)
    {
        Vector256<byte> current = Vector256.LoadUnsafe(ref at);
        Vector256<byte> previous1 = Vector256.LoadUnsafe(ref Unsafe.Subtract(ref at, 1));
        Vector256<byte> previous2 = Vector256.LoadUnsafe(ref Unsafe.Subtract(ref at, 2));
        Vector256<byte> previous3 = Vector256.LoadUnsafe(ref Unsafe.Subtract(ref at, 3));
        Vector256<byte> low = Vector256.Create((byte)0x0F);
        // Avx2.Shuffle looks up within each half, so each half holds the table.
        Vector256<byte> special =
            Avx2.Shuffle(Vector256.Create(PreviousHigh, PreviousHigh), (previous1.AsUInt16() >> 4).AsByte() & low)
            & Avx2.Shuffle(Vector256.Create(PreviousLow, PreviousLow), previous1 & low)
            & Avx2.Shuffle(Vector256.Create(CurrentHigh, CurrentHigh), (current.AsUInt16() >> 4).AsByte() & low);
        Vector256<byte> third = Vector256.SubtractSaturate(previous2, Vector256.Create((byte)(0xE0 - 0x80)));
        Vector256<byte> fourth = Vector256.SubtractSaturate(previous3, Vector256.Create((byte)(0xF0 - 0x80)));
        return ((third | fourth) & Vector256.Create((byte)0x80)) ^ special;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> High(Vector128<byte> bytes) => (bytes.AsUInt16() >> 4).AsByte() & Vector128.Create((byte)0x0F);
}
