namespace Longwire;

/// <summary>Why a connection was ended at once, without waiting for the peer.</summary>
public enum ConnectionAbortCause
{
    /// <summary>It was not aborted.</summary>
    None,

    /// <summary>The application, or its host, called <see cref="WebSocketConnection.Abort()"/>.</summary>
    Application,

    /// <summary>Nothing came after a ping for <see cref="WebSocketConnectionOptions.PongTimeout"/>.</summary>
    PeerDead,

    /// <summary>
    /// The peer took what was sent, or sent a message that it had begun, more slowly than
    /// <see cref="WebSocketConnectionOptions.MinDataRateBytesPerSecond"/>.
    /// </summary>
    TooSlow,

    /// <summary>
    /// The process's <see cref="MemoryBudget"/> was exceeded, and this connection made the least progress for the memory that it held.
    /// </summary>
    OverBudget,

    /// <summary>The peer ended neither the closing handshake nor TCP in time.</summary>
    CloseTimeout,
}
