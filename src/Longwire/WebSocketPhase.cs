namespace Longwire;

/// <summary>A connection's place in its life. Its name is not that of <c>System.Net.WebSockets</c>, which a file may use as well.</summary>
public enum WebSocketPhase : byte
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
