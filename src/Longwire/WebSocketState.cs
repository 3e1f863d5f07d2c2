namespace Longwire;

/// <summary>Where a connection stands in its life.</summary>
public enum WebSocketState : byte
{
    /// <summary>Messages go both ways.</summary>
    Open,

    /// <summary>
    /// This side sends no messages any more and waits for the end: it has sent its Close frame, or queued it; or it was aborted, or TCP
    /// broke, and the transport has still to say so.
    /// </summary>
    CloseSent,

    /// <summary>The peer's Close frame has come; this side's answer is on its way.</summary>
    CloseReceived,

    /// <summary>The connection is over.</summary>
    Closed,
}
