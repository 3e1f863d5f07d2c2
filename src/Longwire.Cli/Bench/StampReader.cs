namespace Longwire.Cli.Bench;

/// <summary>Keeps of each message the piece that bears its stamp, and compares the rest with what all messages have in common.</summary>
/// <param name="position">Where the stamp is.</param>
/// <param name="template">The message around it; empty to compare nothing.</param>
internal sealed class StampReader(int position, byte[] template) : PayloadObserver
{
    private readonly byte[] _stamp = new byte[Stamp.Length];
    private bool _isWrong;

    public ReadOnlySpan<byte> Bytes => _stamp;

    /// <summary>Whether some byte around the stamp was wrong; asked once a message.</summary>
    public bool TakeFault()
    {
        bool fault = _isWrong;
        _isWrong = false;
        return fault;
    }

    public override void OnPayload(long offset, ReadOnlySpan<byte> piece)
    {
        _isWrong |= Differs(offset, piece, 0, position) || Differs(offset, piece, position + Stamp.Length, template.Length);
        long from = Math.Max(offset, position);
        long to = Math.Min(offset + piece.Length, position + Stamp.Length);
        if (from < to)
        {
            piece[(int)(from - offset)..(int)(to - offset)].CopyTo(_stamp.AsSpan((int)(from - position)));
        }
    }

    private bool Differs(long offset, ReadOnlySpan<byte> piece, int first, int end)
    {
        int from = (int)Math.Max(offset, first);
        int to = (int)Math.Min(offset + piece.Length, end);
        return from < to && !piece[(int)(from - offset)..(int)(to - offset)].SequenceEqual(template.AsSpan(from, to - from));
    }
}
