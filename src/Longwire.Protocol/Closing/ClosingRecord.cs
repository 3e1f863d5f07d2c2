namespace Longwire.Protocol;

/// <summary>
/// The record of an ending: the words, and when things happened, in milliseconds. It is kept beside <see cref="ClosingHalf"/>
/// because a connection that just lives needs none of it. Mutable: keep it in a field, don't copy it.
/// </summary>
internal struct ClosingRecord()
{
    /// <summary>The reason that belongs to the status.</summary>
    public string Reason = "";

    /// <summary>Whether the times of closing run.</summary>
    public bool IsTimed;

    /// <summary>When the reader last took a message, or else when closing began.</summary>
    public long Moved;

    /// <summary>When this side's Close, and all before it, was last seen on its way; 0 before it was queued.</summary>
    public long Left;

    /// <summary>When the peer was seen to take nothing any more; 0 while it does.</summary>
    public long SendingEnded;

    /// <summary>When this side ended TCP for want of an answer; 0 when it didn't.</summary>
    public long TcpEnded;
}
