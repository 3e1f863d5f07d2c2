namespace Longwire.Transport.Linux;

/// <summary>
/// The bytes that the present turn has to send, a block of memory for each socket that is written to. The blocks belong to the loop: a
/// socket has one only between its first write in a turn and the turn's end, or until a crowd wants more blocks than are kept. They are
/// used again last-in-first-out, while the cache is warm, and they are large but hardly touched, so that a message of the usual size fits
/// and a small one costs a page.
/// </summary>
internal sealed unsafe class CorkTable : IDisposable
{
    // A message of 64 KiB with its header still leaves in one piece.
    public const int BlockBytes = 64 * 1024 + 512;

    /// <summary>
    /// Blocks that a turn uses and that are kept for the next: a turn that writes to more sockets sends in between. For each block more the
    /// system would have to find memory, clear it and take it back, which costs several times the sending.
    /// </summary>
    public const int MaxBlocks = 1024;

    // Blocks that are kept however little is sent, and how often it is looked which of the others were of use.
    private const int LeastKept = 16;
    private const int TrimMilliseconds = 1000;

    private Entry[] _entries = new Entry[64];
    private nint[] _free = new nint[64];
    private int _freeCount;
    private int _most; // the most blocks that were in use at once since it was trimmed
    private long _trimmedAt;

    /// <summary>How many blocks there are, used or kept.</summary>
    public int Blocks => Count + _freeCount;

    public int Count { get; private set; }

    public bool IsFull => Count >= MaxBlocks;

    public ref Entry this[int index] => ref _entries[index];

    public int Add(LoopSocket socket)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        ref Entry entry = ref _entries[Count];
        entry.Socket = socket;
        entry.Block = _freeCount > 0 ? (byte*)_free[--_freeCount] : Pages.Map(BlockBytes);
        entry.Length = 0;
        entry.IsReserved = false;
        _most = Math.Max(_most, Count + 1);
        return Count++;
    }

    /// <summary>Gives an entry's block back and forgets it; the last entry takes its place.</summary>
    public void Remove(int index)
    {
        Give(_entries[index].Block);
        int last = --Count;
        if (index != last)
        {
            _entries[index] = _entries[last];
            _entries[index].Socket!.Cork = index + 1;
        }

        _entries[last] = default;
    }

    /// <summary>Gives the last entry's block back and forgets it.</summary>
    public void RemoveLast()
    {
        ref Entry entry = ref _entries[--Count];
        Give(entry.Block);
        entry = default;
    }

    /// <summary>
    /// Once in a while gives back what was not of use since the last time: a crowd that was written to at once leaves many blocks.
    /// </summary>
    /// <param name="now">Milliseconds of any clock that does not go back.</param>
    public void Trim(long now)
    {
        if (now - _trimmedAt < TrimMilliseconds)
        {
            return;
        }

        _trimmedAt = now;
        int kept = Math.Max(_most, LeastKept);
        while (_freeCount > 0 && Blocks > kept)
        {
            Pages.Unmap((void*)_free[--_freeCount], BlockBytes);
        }

        _most = Count;
    }

    public void Dispose()
    {
        while (Count > 0)
        {
            RemoveLast();
        }

        while (_freeCount > 0)
        {
            Pages.Unmap((void*)_free[--_freeCount], BlockBytes);
        }
    }

    private void Give(byte* block)
    {
        if (_freeCount == MaxBlocks)
        {
            Pages.Unmap(block, BlockBytes);
            return;
        }

        if (_freeCount == _free.Length)
        {
            Array.Resize(ref _free, _freeCount * 2);
        }

        _free[_freeCount++] = (nint)block;
    }

    internal struct Entry
    {
        public LoopSocket? Socket;
        public byte* Block;
        public int Length;

        /// <summary>Whether somebody writes into the block in place, behind its length: it stays where it is.</summary>
        public bool IsReserved;
    }
}
