namespace Longwire.Conformance;

/// <summary>
/// A canonical Huffman code (RFC 1951 §3.2.2): the short codes by one look into a table, the rare long ones bit by bit.
/// </summary>
internal sealed class HuffmanTable
{
    private const int MaxBits = 15;
    private const int FastBits = 10;

    // Symbol in the upper 12 bits, length of the code in the lower 4; 0 where no short code is.
    private readonly ushort[] _fast = new ushort[1 << FastBits];
    private readonly short[] _counts = new short[MaxBits + 1];
    private readonly short[] _symbols = new short[288];

    public static HuffmanTable FixedLiterals { get; } = MakeFixedLiterals();

    public static HuffmanTable FixedDistances { get; } = MakeFixedDistances();

    /// <summary>Takes the lengths of the codes. False when no code can have such lengths.</summary>
    public bool TryBuild(ReadOnlySpan<byte> lengths)
    {
        Array.Clear(_fast);
        Array.Clear(_counts);
        foreach (byte length in lengths)
        {
            _counts[length]++;
        }

        int left = 1;
        for (int length = 1; length <= MaxBits; length++)
        {
            left = (left << 1) - _counts[length];
            if (left < 0)
            {
                return false;
            }
        }

        Span<short> offsets = stackalloc short[MaxBits + 1];
        Span<int> next = stackalloc int[MaxBits + 1];
        offsets[0] = 0;
        int code = 0;
        for (int length = 1; length < MaxBits; length++)
        {
            offsets[length + 1] = (short)(offsets[length] + _counts[length]);
        }

        for (int length = 1; length <= MaxBits; length++)
        {
            code = (code + (length == 1 ? 0 : _counts[length - 1])) << 1;
            next[length] = code;
        }

        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            _symbols[offsets[length]++] = (short)symbol;
            int value = next[length]++;
            if (length > FastBits)
            {
                continue;
            }

            for (int index = Reverse(value, length); index < _fast.Length; index += 1 << length)
            {
                _fast[index] = (ushort)((symbol << 4) | length);
            }
        }

        return true;
    }

    /// <summary>Decodes the code in the lowest bits. Length 0: no code.</summary>
    public int Decode(ulong bits, out int length)
    {
        ushort entry = _fast[(int)bits & ((1 << FastBits) - 1)];
        if (entry != 0)
        {
            length = entry & 15;
            return entry >> 4;
        }

        int code = 0;
        int first = 0;
        int index = 0;
        for (length = 1; length <= MaxBits; length++)
        {
            code |= (int)(bits & 1);
            bits >>= 1;
            int count = _counts[length];
            if (code - count < first)
            {
                return _symbols[index + (code - first)];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        length = 0;
        return -1;
    }

    private static int Reverse(int value, int bits)
    {
        int reversed = 0;
        for (int bit = 0; bit < bits; bit++)
        {
            reversed |= ((value >> bit) & 1) << (bits - 1 - bit);
        }

        return reversed;
    }

    private static HuffmanTable MakeFixedLiterals()
    {
        byte[] lengths = new byte[288];
        lengths.AsSpan(0, 144).Fill(8);
        lengths.AsSpan(144, 112).Fill(9);
        lengths.AsSpan(256, 24).Fill(7);
        lengths.AsSpan(280, 8).Fill(8);
        HuffmanTable table = new();
        _ = table.TryBuild(lengths);
        return table;
    }

    private static HuffmanTable MakeFixedDistances()
    {
        byte[] lengths = new byte[30];
        lengths.AsSpan().Fill(5);
        HuffmanTable table = new();
        _ = table.TryBuild(lengths);
        return table;
    }
}
