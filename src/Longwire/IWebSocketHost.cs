namespace Longwire;

/// <summary>
/// For a host: hears of the end of its connections. One object may serve any number of them, on any thread; its methods must not throw.
/// </summary>
internal interface IWebSocketHost
{
    /// <summary>The connection is closed. Called once, before the handler's <see cref="WebSocketHandler.OnClose"/>.</summary>
    /// <param name="connection">The connection.</param>
    void OnEnded(WebSocketConnection connection);

    /// <summary>
    /// The connection is over, and its transport is its owner's again. Called once, just before
    /// <see cref="WebSocketConnection.Completion"/> completes.
    /// </summary>
    /// <param name="connection">The connection.</param>
    void OnCompleted(WebSocketConnection connection);
}
