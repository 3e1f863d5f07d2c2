namespace Longwire.Fuzzing;

/// <summary>Reads an input; behind its end all is zero, so every input means something.</summary>
internal ref struct InputReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte()
    {
        if (_rest.IsEmpty)
        {
            return 0;
        }

        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public bool Flag() => (Byte() & 1) != 0;

    public int Short() => Byte() | (Byte() << 8);

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, 256 apart at the most.</summary>
    public int InRange(int least, int most) => least + (Byte() % (most - least + 1));

    public byte[] Bytes(int count)
    {
        byte[] bytes = _rest[..Math.Min(count, _rest.Length)].ToArray();
        _rest = _rest[bytes.Length..];
        return bytes;
    }

    public byte[] Rest() => Bytes(int.MaxValue);
}
