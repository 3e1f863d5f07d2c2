namespace Longwire.Protocol;

// A connection's place on its way to its end. PeerEnd, beside the state, says what ended the peer's direction.
//
//         this side closes                         the peer's Close, or its end of TCP
//   Open -----------------------> CloseSent ----------------------------------------------> Draining ... EndTcp
//    |                                |                                                      ^
//    | the peer's Close,              | the peer's fault                                     |
//    | its end of TCP, its fault      v                                                      |
//    |                            Lingering ... EndTcp                                       |
//    v                                ^                                                      |
//   CloseOwed ------------------------+------------------------------------------------------+
//         the reader has answered, or stands still: this side's Close goes out
//
//   Open, CloseOwed                   -- the peer takes nothing any more --> SendingEnded
//   CloseSent, Draining, Lingering    -- the peer takes nothing any more --> CloseLost
//   all of these                      -- this side aborts -----------------> Aborted
//   all of these, Aborted             -- the transport has ended ----------> Ended --> Told --> Completed

/// <summary>Where a connection stands between its last message and its end. Later states have higher values.</summary>
internal enum ClosingState : byte
{
    /// <summary>Messages go both ways.</summary>
    Open,

    /// <summary>The peer's direction has ended, and this side's Close waits until what came before is answered.</summary>
    CloseOwed,

    /// <summary>This side's Close is written or queued, and the peer's is awaited.</summary>
    CloseSent,

    /// <summary>Both sides have said their last; what is queued leaves, and then TCP ends.</summary>
    Draining,

    /// <summary>This side's Close names the peer's fault; what the peer still sends is dropped until it is quiet.</summary>
    Lingering,

    /// <summary>The peer takes nothing any more, and this side had not closed before.</summary>
    SendingEnded,

    /// <summary>The peer takes nothing any more, and this side had closed before.</summary>
    CloseLost,

    /// <summary>This side cuts TCP off.</summary>
    Aborted,

    /// <summary>The transport has ended.</summary>
    Ended,

    /// <summary>The handler knows of the end; a flush or a reader may still be under way.</summary>
    Told,

    /// <summary>Nothing is left to be done.</summary>
    Completed,
}
