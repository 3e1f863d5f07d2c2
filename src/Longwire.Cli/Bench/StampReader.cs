namespace Longwire.Cli.Bench;

/// <summary>Keeps of each message the piece that bears its stamp.</summary>
internal sealed class StampReader(int position) : PayloadObserver
{
    private readonly byte[] _stamp = new byte[Stamp.Length];

    public ReadOnlySpan<byte> Bytes => _stamp;

    public override void OnPayload(long offset, ReadOnlySpan<byte> piece)
    {
        long from = Math.Max(offset, position);
        long to = Math.Min(offset + piece.Length, position + Stamp.Length);
        if (from < to)
        {
            piece[(int)(from - offset)..(int)(to - offset)].CopyTo(_stamp.AsSpan((int)(from - position)));
        }
    }
}
