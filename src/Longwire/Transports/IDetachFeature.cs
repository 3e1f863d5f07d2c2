namespace Longwire;

/// <summary>
/// A feature of a host's connections: the socket can be taken out of the host's objects after the opening handshake, so that
/// these can go while the WebSocket lives on, on an event loop for instance.
/// </summary>
internal interface IDetachFeature
{
    /// <summary>False where something stands between the socket and the application (TLS), or the socket was detached before.</summary>
    bool CanDetach { get; }

    /// <summary>
    /// Makes the transport that will carry the connection. One connection may be made on it, and opened, before the socket is taken out; it
    /// is started after.
    /// </summary>
    WebSocketTransport CreateTransport();

    /// <summary>
    /// Takes the socket out: what was written and flushed is sent first, and what was received and not read is fed to the
    /// connection first. Called when the handshake was answered and flushed, while nothing else reads or writes. From then on the host's
    /// objects have nothing to do with the socket.
    /// </summary>
    /// <param name="transport">The transport that <see cref="CreateTransport"/> made. Until its connection is started the socket receives
    /// nothing.</param>
    /// <returns>False where the socket has ended meanwhile.</returns>
    /// <exception cref="InvalidOperationException">It can't be detached, or is being read.</exception>
    Task<bool> DetachAsync(WebSocketTransport transport);
}
