namespace Longwire.Conformance;

/// <summary>Deflate by hand (RFC 1951 §3.2): blocks that no compressor would write.</summary>
internal static class DeflateBlocks
{
    /// <summary>A block without compression, at most 65,535 octets.</summary>
    /// <param name="data">The octets.</param>
    /// <param name="withTail">Adds the empty block's first octet, which ends a message (RFC 7692 §7.2.1).</param>
    public static byte[] Stored(ReadOnlySpan<byte> data, bool withTail = false) =>
        [
            0,
            (byte)data.Length,
            (byte)(data.Length >> 8),
            (byte)~data.Length,
            (byte)(~data.Length >> 8),
            .. data,
            .. withTail ? (byte[])[0] : [],
        ];

    /// <summary>
    /// A block with fixed codes that copies 258 octets from a distance of 24,577 to 32,768, and ends on an octet by an empty stored block.
    /// </summary>
    public static byte[] Copy(int distance, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(distance, 24577);
        ArgumentOutOfRangeException.ThrowIfNotEqual(length, 258);
        BitWriter bits = new();
        bits.Write(0, 1);
        bits.Write(1, 2);
        bits.WriteCode(0b11000101, 8);
        bits.WriteCode(29, 5);
        bits.Write(distance - 24577, 13);
        bits.WriteCode(0, 7);
        bits.Write(0, 3);
        bits.Align();
        return [.. bits.Octets, 0, 0, 0xFF, 0xFF];
    }

    private sealed class BitWriter
    {
        private int _bits;
        private int _count;

        public List<byte> Octets { get; } = [];

        public void Write(int value, int count)
        {
            for (int bit = 0; bit < count; bit++)
            {
                Put((value >> bit) & 1);
            }
        }

        /// <summary>Huffman codes come with their highest bit first.</summary>
        public void WriteCode(int value, int count)
        {
            for (int bit = count - 1; bit >= 0; bit--)
            {
                Put((value >> bit) & 1);
            }
        }

        public void Align()
        {
            while (_count != 0)
            {
                Put(0);
            }
        }

        private void Put(int bit)
        {
            _bits |= bit << _count++;
            if (_count < 8)
            {
                return;
            }

            Octets.Add((byte)_bits);
            _bits = 0;
            _count = 0;
        }
    }
}
