namespace Longwire.Transport.Linux;

/// <summary>
/// The sockets of one loop by slot number: what an event of the kernel carries, and what timers go by. An array, because a look-up is
/// made for every event, and in pieces, so that growing leaves nothing behind for the collector; freed slots are used again first, so
/// it stays as large as the most sockets that were open at once.
/// </summary>
internal sealed class SlotTable
{
    private const int PieceBits = 10;
    private const int PieceLength = 1 << PieceBits;

    private LoopSocket?[][] _pieces = [];
    private int[] _free = [];
    private int _freeCount;
    private int _used;

    public int Count => _used - _freeCount;

    /// <summary>The end of the slots that were ever in use; some below it may be empty.</summary>
    public int End => _used;

    public LoopSocket? this[int slot] => _pieces[slot >> PieceBits][slot & (PieceLength - 1)];

    public int Add(LoopSocket socket)
    {
        int slot;
        if (_freeCount > 0)
        {
            slot = _free[--_freeCount];
        }
        else
        {
            slot = _used++;
            if (slot >> PieceBits == _pieces.Length)
            {
                _pieces = [.. _pieces, new LoopSocket?[PieceLength]];
            }
        }

        _pieces[slot >> PieceBits][slot & (PieceLength - 1)] = socket;
        return slot;
    }

    public void Remove(int slot)
    {
        _pieces[slot >> PieceBits][slot & (PieceLength - 1)] = null;
        if (_freeCount == _free.Length)
        {
            Array.Resize(ref _free, _freeCount + Math.Max(_freeCount / 4, 64));
        }

        _free[_freeCount++] = slot;
    }
}
