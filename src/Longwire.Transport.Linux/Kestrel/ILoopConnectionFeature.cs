namespace Longwire.Transport.Linux;

/// <summary>A feature of connections on this transport: the socket can be taken out of Kestrel and live on alone on its loop.</summary>
internal interface ILoopConnectionFeature
{
    /// <summary>The loop that the connection is on.</summary>
    EventLoop Loop { get; }

    /// <summary>
    /// False where the bytes on the socket are not those of the application, because a middleware of the connection (TLS, for
    /// instance) has put itself between, or because Kestrel has a limit of connections and counts them; then <see cref="DetachAsync"/>
    /// fails.
    /// </summary>
    bool CanDetach { get; }

    /// <summary>
    /// Takes the socket out of the connection: what was written and flushed is sent, what was received and not read is given to the
    /// handler first, and from then on the handler alone hears of the socket. Kestrel's connection is over once the request returns,
    /// and nothing of it is kept. Call it while nothing reads or writes the connection, after the response with status 101.
    /// </summary>
    /// <param name="handler">The new handler. Its OnAttached is called on the loop, before anything else.</param>
    /// <returns>The socket, or null where the connection has ended meanwhile; then the handler is not called.</returns>
    /// <exception cref="InvalidOperationException">It can't be detached, was detached before, or is being read.</exception>
    Task<LoopSocket?> DetachAsync(LoopSocketHandler handler);
}
