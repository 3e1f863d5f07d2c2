using System.Numerics;

namespace Longwire.Yjs;

/// <summary>Writes lib0's encoding into memory of the right size: the caller adds up the lengths first.</summary>
internal ref struct Lib0Writer(Span<byte> output)
{
    private readonly Span<byte> _output = output;

    public int Position { get; private set; }

    /// <summary>How many bytes <see cref="WriteVarUint"/> writes.</summary>
    public static int LengthOf(long value) => Math.Max(1, (BitOperations.Log2((ulong)value) + 7) / 7);

    public void WriteByte(byte value) => _output[Position++] = value;

    public void WriteVarUint(long value)
    {
        ulong rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7)
        {
            _output[Position++] = (byte)(rest | 0x80);
        }

        _output[Position++] = (byte)rest;
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_output[Position..]);
        Position += bytes.Length;
    }

    public void WriteVarBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVarUint(bytes.Length);
        WriteBytes(bytes);
    }
}
