using System.Buffers.Text;

namespace Longwire.Cli.Bench;

/// <summary>
/// The stamp in each message of a broadcast, in printable characters, so that it may go as text.
/// <code>
/// worker (2 hex) sender (6 hex) sequence (8 hex) time (16 hex)
/// </code>
/// </summary>
/// <param name="Worker">Which process sent it.</param>
/// <param name="Sender">Which of its connections.</param>
/// <param name="Sequence">How many messages that one sent before, modulo 2^32.</param>
/// <param name="Time">When it was sent, or due, by the clock of the machine.</param>
internal readonly record struct Stamp(int Worker, int Sender, uint Sequence, long Time)
{
    public const int Length = 32;

    public void Write(Span<byte> destination)
    {
        Write(destination[..2], (ulong)Worker);
        Write(destination[2..8], (ulong)Sender);
        Write(destination[8..16], Sequence);
        Write(destination[16..32], (ulong)Time);
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out Stamp stamp)
    {
        stamp = default;
        if (
            !TryRead(source[..2], out ulong worker)
            || !TryRead(source[2..8], out ulong sender)
            || !TryRead(source[8..16], out ulong sequence)
            || !TryRead(source[16..32], out ulong time)
        )
        {
            return false;
        }

        stamp = new Stamp((int)worker, (int)sender, (uint)sequence, (long)time);
        return true;
    }

    private static void Write(Span<byte> destination, ulong value)
    {
        for (int i = destination.Length - 1; i >= 0; i--, value >>= 4)
        {
            destination[i] = (byte)"0123456789abcdef"[(int)(value & 15)];
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> source, out ulong value) =>
        Utf8Parser.TryParse(source, out value, out int consumed, 'x') && consumed == source.Length;
}
