namespace Longwire.Protocol;

/// <summary>The server's side of the opening handshake (RFC 6455 §4.2).</summary>
public static class ServerHandshake
{
    /// <summary>The only version there is (RFC 6455 §4.1): 13.</summary>
    public const string Version = "13";

    private static readonly HandshakeRefusal _notGet = new(405, "A WebSocket handshake is a GET request.");
    private static readonly HandshakeRefusal _tooOld = new(400, "A WebSocket handshake needs HTTP/1.1 or higher.");
    private static readonly HandshakeRefusal _noUpgrade = new(
        400,
        "The header 'Upgrade: websocket' is missing: this address speaks WebSocket."
    );
    private static readonly HandshakeRefusal _noConnection = new(400, "The header 'Connection: Upgrade' is missing.");
    private static readonly HandshakeRefusal _badKey = new(
        400,
        "The header 'Sec-WebSocket-Key' must be there once, the base64 of 16 bytes."
    );
    private static readonly HandshakeRefusal _badVersion = new(426, "This server speaks WebSocket version 13.");
    private static readonly HandshakeRefusal _badSubprotocols = new(
        400,
        "The header 'Sec-WebSocket-Protocol' must be a list of different tokens."
    );
    private static readonly HandshakeRefusal _badExtensions = new(400, "The header 'Sec-WebSocket-Extensions' is malformed.");

    /// <summary>Checks a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="offeredSubprotocols">The subprotocols that the client offers, in its order.</param>
    /// <param name="offeredExtensions">The extensions that the client offers, in its order.</param>
    /// <returns>Null when the handshake is right, else why it is refused.</returns>
    public static HandshakeRefusal? Check(
        in UpgradeRequest request,
        out IReadOnlyList<string> offeredSubprotocols,
        out IReadOnlyList<ExtensionOffer> offeredExtensions
    )
    {
        offeredSubprotocols = [];
        offeredExtensions = [];
        if (request.IsExtendedConnect)
        {
            return CheckWebSocketHeaders(request, out offeredSubprotocols, out offeredExtensions);
        }

        if (request.Method != "GET")
        {
            return _notGet;
        }

        if (!request.IsHttp11OrHigher)
        {
            return _tooOld;
        }

        if (!HeaderTokens.Contains(request.Upgrade, "websocket"))
        {
            return _noUpgrade;
        }

        if (!HeaderTokens.Contains(request.Connection, "upgrade"))
        {
            return _noConnection;
        }

        return CheckWebSocketHeaders(request, out offeredSubprotocols, out offeredExtensions);
    }

    // The part that HTTP/2 has in common with HTTP/1.1 comes last, without the key (RFC 8441 §5.1).
    private static HandshakeRefusal? CheckWebSocketHeaders(
        in UpgradeRequest request,
        out IReadOnlyList<string> offeredSubprotocols,
        out IReadOnlyList<ExtensionOffer> offeredExtensions
    )
    {
        offeredSubprotocols = [];
        offeredExtensions = [];
        if (request.Version.AsSpan().Trim(" \t") is not Version)
        {
            return _badVersion;
        }

        if (!request.IsExtendedConnect && !HandshakeKey.IsValid(request.Key.AsSpan().Trim(" \t")))
        {
            return _badKey;
        }

        if (!SubprotocolNegotiation.TryParse(request.Subprotocols, out offeredSubprotocols))
        {
            return _badSubprotocols;
        }

        if (request.Extensions is null)
        {
            return null;
        }

        return ExtensionHeader.TryParse(request.Extensions, out offeredExtensions, out _) ? null : _badExtensions;
    }
}
