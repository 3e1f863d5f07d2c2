namespace Longwire;

/// <summary>
/// Receives what happens on connections, as calls. One handler may serve any number of connections; the calls for one
/// connection never overlap. A call must not block: it holds up its connection, and on an event loop all others of that loop.
/// </summary>
/// <remarks>
/// An exception that a call throws ends its connection with 1011 and stands in <see cref="WebSocketConnection.HandlerError"/>.
/// </remarks>
public abstract class WebSocketHandler
{
    /// <summary>The connection is open. The first call.</summary>
    /// <param name="connection">The connection.</param>
    public virtual void OnOpen(WebSocketConnection connection) { }

    /// <summary>A message has come.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="type">Its type; text is valid UTF-8.</param>
    /// <param name="payload">Its payload, valid during this call only.</param>
    public abstract void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload);

    /// <summary>The connection is over. The last call, exactly once.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="status">As <see cref="WebSocketConnection.CloseStatus"/>.</param>
    /// <param name="reason">As <see cref="WebSocketConnection.CloseReason"/>.</param>
    public virtual void OnClose(WebSocketConnection connection, CloseStatus status, string reason) { }
}
