namespace Longwire;

/// <summary>Where a connection stands in its life.</summary>
public enum WebSocketState : byte
{
    /// <summary>Messages go both ways.</summary>
    Open,

    /// <summary>This side has sent its Close frame, or queued it, and waits for the peer's.</summary>
    CloseSent,

    /// <summary>The peer's Close frame has come; this side's answer is on its way.</summary>
    CloseReceived,

    /// <summary>The connection is over.</summary>
    Closed,
}
