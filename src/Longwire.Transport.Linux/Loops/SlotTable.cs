namespace Longwire.Transport.Linux;

/// <summary>
/// The sockets of one loop by slot number: what an event of the kernel carries, and what timers go by. An array, because a look-up is
/// made for every event; freed slots are used again first, so it stays as large as the most sockets that were open at once.
/// </summary>
internal sealed class SlotTable
{
    private LoopSocket?[] _sockets = new LoopSocket?[64];
    private int[] _free = [];
    private int _freeCount;
    private int _used;

    public int Count => _used - _freeCount;

    /// <summary>The end of the slots that were ever in use; some below it may be empty.</summary>
    public int End => _used;

    public LoopSocket? this[int slot] => _sockets[slot];

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
            // A quarter at a time: doubling would leave as much memory idle as in use.
            if (slot == _sockets.Length) Array.Resize(ref _sockets, slot + Math.Max(slot / 4, 64));
        }

        _sockets[slot] = socket;
        return slot;
    }

    public void Remove(int slot)
    {
        _sockets[slot] = null;
        if (_freeCount == _free.Length) Array.Resize(ref _free, _freeCount + Math.Max(_freeCount / 4, 64));
        _free[_freeCount++] = slot;
    }
}
