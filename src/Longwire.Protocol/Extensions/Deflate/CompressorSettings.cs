namespace Longwire.Protocol;

/// <summary>
/// The settings of a compressor. Connections whose settings are equal can share one compressor, and one compressed form of a
/// broadcast message.
/// </summary>
public readonly record struct CompressorSettings
{
    /// <summary>
    /// The smallest window that zlib can compress with: 2^9 bytes. RFC 7692 knows 8 too; zlib refuses it for raw deflate.
    /// </summary>
    public const int MinWindowBits = 9;

    /// <summary>The largest window of deflate: 2^15 bytes.</summary>
    public const int MaxWindowBits = 15;

    /// <summary>Creates settings.</summary>
    /// <param name="windowBits">Base-2 logarithm of the window in bytes, 9 to 15.</param>
    /// <param name="level">Effort from 0 (store only) to 9. Level 1 uses fixed Huffman codes only.</param>
    /// <param name="memoryLevel">How much memory to use for the symbols of a block, 1 to 9.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public CompressorSettings(int windowBits, int level, int memoryLevel)
    {
        WindowBits = DeflateArgument.InRange(windowBits, MinWindowBits, MaxWindowBits);
        Level = DeflateArgument.InRange(level, 0, 9);
        MemoryLevel = DeflateArgument.InRange(memoryLevel, 1, 9);
    }

    /// <summary>Base-2 logarithm of the window in bytes, 9 to 15.</summary>
    public int WindowBits { get; }

    /// <summary>Effort from 0 (store only) to 9.</summary>
    public int Level { get; }

    /// <summary>How much memory is used for the symbols of a block, 1 to 9.</summary>
    public int MemoryLevel { get; }

    /// <summary>
    /// The native memory of one such compressor: the window twice and its links, a hash table of 128 KiB that zlib-ng has at every
    /// setting, the symbols, and the state. 352 KB at (15, 8), 164 KB at (12, 5), 143 KB at least.
    /// </summary>
    public int MemoryBytes => (1 << (WindowBits + 2)) + (128 << 10) + (5 << (MemoryLevel + 6)) + (8 << 10);
}
