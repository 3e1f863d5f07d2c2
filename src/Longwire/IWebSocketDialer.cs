namespace Longwire;

/// <summary>
/// Opens WebSocket connections as a client. Code that takes one runs on the platform's network stack, on event loops, and in tests on a
/// network that the test makes. Implementations are thread-safe.
/// </summary>
public interface IWebSocketDialer
{
    /// <summary>Connects. Messages are read from the connection.</summary>
    /// <param name="uri">A <c>ws</c> or <c>wss</c> address.</param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a connection that is open.</param>
    /// <exception cref="ArgumentException">The address is none that can be connected to.</exception>
    /// <exception cref="WebSocketHandshakeException">
    /// The server could not be reached in time, or did not answer as a WebSocket server does.
    /// </exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    Task<WebSocketConnection> ConnectAsync(Uri uri, CancellationToken cancellationToken = default) =>
        ConnectAsync(uri, handler: null, cancellationToken);

    /// <summary>Connects. Messages go to a handler.</summary>
    /// <param name="uri">A <c>ws</c> or <c>wss</c> address.</param>
    /// <param name="handler">Receives the messages; null to read them from the connection.</param>
    /// <param name="cancellationToken">Ends the attempt. It has no effect on a connection that is open.</param>
    /// <inheritdoc cref="ConnectAsync(Uri, CancellationToken)" path="/exception"/>
    Task<WebSocketConnection> ConnectAsync(Uri uri, WebSocketHandler? handler, CancellationToken cancellationToken = default);
}
