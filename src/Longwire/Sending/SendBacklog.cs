namespace Longwire;

/// <summary>
/// Data that only some connections ever have to send: a message in fragments, messages held behind it, and senders that wait for room.
/// Guarded by the connection's send lock.
/// </summary>
internal sealed class SendBacklog
{
    /// <summary>Senders that wait, in their order.</summary>
    public readonly LinkedList<SendWaiter> Waiters = [];

    /// <summary>The message that is sent as it is written.</summary>
    public WebSocketWriteStream? OpenMessage;

    /// <summary>Whole messages that wait for its end.</summary>
    public SendQueue? Held;
}
