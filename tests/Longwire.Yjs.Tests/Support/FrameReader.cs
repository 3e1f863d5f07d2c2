namespace Longwire.Yjs.Tests;

/// <summary>Reads what <see cref="FrameWriter"/>, lib0 and a server under test write.</summary>
internal sealed class FrameReader(ReadOnlyMemory<byte> bytes)
{
    private int _position;

    public bool AtEnd => _position == bytes.Length;

    public int Number() => checked((int)Long());

    public long Long()
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes.Span[_position++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    public byte[] Bytes()
    {
        int length = Number();
        byte[] read = bytes.Slice(_position, length).ToArray();
        _position += length;
        return read;
    }

    public string Text() => System.Text.Encoding.UTF8.GetString(Bytes());

    public IReadOnlyList<byte[]> List() => [.. Enumerable.Range(0, Number()).Select(_ => Bytes())];
}
