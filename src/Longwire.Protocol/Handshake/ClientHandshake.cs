namespace Longwire.Protocol;

/// <summary>The client's side of the opening handshake (RFC 6455 §4.1): is the server's answer one to this client's request?</summary>
public static class ClientHandshake
{
    /// <summary>Checks a response with status 101.</summary>
    /// <param name="key">The <c>Sec-WebSocket-Key</c> that this client sent.</param>
    /// <param name="upgrade">The response's <c>Upgrade</c>.</param>
    /// <param name="connection">The response's <c>Connection</c>.</param>
    /// <param name="accept">The response's <c>Sec-WebSocket-Accept</c>.</param>
    /// <returns>Null when the answer is right, else what is wrong with it.</returns>
    public static string? Check(string key, string? upgrade, string? connection, string? accept)
    {
        if (!HeaderTokens.Contains(upgrade, "websocket"))
        {
            return "The server's answer lacks the header 'Upgrade: websocket'.";
        }

        if (!HeaderTokens.Contains(connection, "upgrade"))
        {
            return "The server's answer lacks the header 'Connection: Upgrade'.";
        }

        if (accept is null || !accept.AsSpan().Trim(" \t").SequenceEqual(HandshakeKey.Accept(key)))
        {
            return "The header 'Sec-WebSocket-Accept' does not answer this client's key: is this a WebSocket server?";
        }

        return null;
    }

    /// <summary>Checks the subprotocol of a response.</summary>
    /// <param name="offered">What this client offered.</param>
    /// <param name="answered">The response's <c>Sec-WebSocket-Protocol</c>; null when it has none.</param>
    /// <returns>Null when the answer is right, else what is wrong with it.</returns>
    public static string? CheckSubprotocol(IReadOnlyCollection<string> offered, string? answered)
    {
        ArgumentNullException.ThrowIfNull(offered);
        return answered is null || offered.Contains(answered) ? null : "The server chose a subprotocol that this client did not offer.";
    }
}
