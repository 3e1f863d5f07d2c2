namespace Longwire;

/// <summary>Sees each frame of a connection in both directions, for tools that show or count them.</summary>
public interface IWebSocketFrameObserver
{
    /// <summary>
    /// A frame's header has arrived, or has been written. Called on the thread that receives or sends, and for a sent frame under the
    /// connection's lock: return soon, and call nothing of the connection. Calls of one direction come in the frames' order and one at a
    /// time; those of the two directions may overlap. An exception ends the observation of this connection, and nothing else.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="frame">The frame.</param>
    void OnFrame(WebSocketConnection connection, in WebSocketFrame frame);
}
