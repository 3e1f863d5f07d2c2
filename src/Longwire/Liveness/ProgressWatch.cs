namespace Longwire;

/// <summary>
/// Watches a connection while it waits for its peer: how fast the peer takes what is sent, and sends what it has begun. Made when
/// a check finds such a wait, and dropped after. Guarded by the connection's send lock.
/// </summary>
internal sealed class ProgressWatch
{
    /// <summary>The rate at which the peer takes bytes.</summary>
    public DataRateMeter Sending;

    /// <summary>The message that the peer has begun.</summary>
    public DataRateMeter Arriving;

    /// <summary>The bytes that wait to be sent, once they are many.</summary>
    public MemoryShare? Waiting;

    /// <summary>The message that has begun, once it is much.</summary>
    public MemoryShare? Unfinished;

    /// <summary>Bytes of flushes that have ended since: the peer's progress as far as a transport shows it that can't tell more.</summary>
    public long FlushedBytes;

    /// <summary>About how many bytes the flush that is under way has.</summary>
    public int FlushBytes = SendQueue.SliceBytes;

    /// <summary>Whether flushes take so long that they are made small, to show progress sooner.</summary>
    public bool IsSlow;

    public bool HoldsMemory => Waiting is { CountedBytes: not 0 } || Unfinished is { CountedBytes: not 0 };
}
