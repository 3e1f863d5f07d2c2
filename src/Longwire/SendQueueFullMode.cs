namespace Longwire;

/// <summary>The behaviour when a message doesn't fit into a connection's send queue because the peer reads too slowly.</summary>
public enum SendQueueFullMode : byte
{
    /// <summary><c>SendAsync</c> waits for room; <c>TrySend</c> returns false. Nothing is lost without the sender knowing.</summary>
    Wait,

    /// <summary>The oldest messages that are still whole in the queue make room. For streams where only the newest counts.</summary>
    DropOldest,

    /// <summary>The queue is emptied and the connection closes with 1008 "Too slow".</summary>
    Disconnect,
}
