namespace Longwire.Yjs.Tests;

/// <summary>lib0's encoding, once more and slowly: numbers with seven bits a byte, byte strings with their lengths.</summary>
internal sealed class FrameWriter
{
    private readonly List<byte> _bytes = [];

    public FrameWriter Number(long value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
        return this;
    }

    public FrameWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public FrameWriter Bytes(ReadOnlySpan<byte> bytes) => Number(bytes.Length).Raw(bytes);

    public FrameWriter Text(string text) => Bytes(System.Text.Encoding.UTF8.GetBytes(text));

    public FrameWriter List(IReadOnlyList<byte[]> list)
    {
        Number(list.Count);
        foreach (byte[] bytes in list)
        {
            Bytes(bytes);
        }

        return this;
    }

    public byte[] ToArray() => [.. _bytes];
}
