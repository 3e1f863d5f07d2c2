namespace Longwire.Hubs;

/// <summary>Lengths and offsets in binary messages: seven bits a byte, the low ones first; the high bit says that more follow.</summary>
internal static class Varint
{
    /// <summary>The most bytes that a number takes.</summary>
    public const int MaxLength = 10;

    private const int MaxBytesOfLength = 5;

    public static int Write(long value, Span<byte> destination)
    {
        int length = 0;
        ulong left = (ulong)value;
        while (left >= 0x80)
        {
            destination[length++] = (byte)(left | 0x80);
            left >>= 7;
        }

        destination[length++] = (byte)left;
        return length;
    }

    /// <summary>Reads a length of at most 31 bits, and the bytes that it is of.</summary>
    public static bool TryReadBytes(ref ReadOnlySpan<byte> source, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        ulong value = 0;
        for (int i = 0; i < Math.Min(MaxBytesOfLength, source.Length); i++)
        {
            value |= (ulong)(source[i] & 0x7f) << (7 * i);
            if (source[i] < 0x80)
            {
                source = source[(i + 1)..];
                if (value > (ulong)source.Length)
                {
                    return false;
                }

                bytes = source[..(int)value];
                source = source[(int)value..];
                return true;
            }
        }

        return false;
    }
}
