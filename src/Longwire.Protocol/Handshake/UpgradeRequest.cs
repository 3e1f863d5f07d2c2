namespace Longwire.Protocol;

/// <summary>The part of a client's request that the opening handshake needs (RFC 6455 §4.2.1).</summary>
/// <remarks>
/// A header that came in several lines is given joined by commas, as RFC 9110 §5.3 has it; a header that is missing is null.
/// </remarks>
public readonly record struct UpgradeRequest
{
    /// <summary>The method, as in <c>GET</c>.</summary>
    public required string Method { get; init; }

    /// <summary>
    /// Whether it is HTTP/2's extended CONNECT with <c>:protocol</c> websocket (RFC 8441 §5), which has no upgrade and no key.
    /// </summary>
    public bool IsExtendedConnect { get; init; }

    /// <summary>Whether the request is HTTP/1.1 or higher.</summary>
    public required bool IsHttp11OrHigher { get; init; }

    /// <summary>The header <c>Upgrade</c>.</summary>
    public string? Upgrade { get; init; }

    /// <summary>The header <c>Connection</c>.</summary>
    public string? Connection { get; init; }

    /// <summary>The header <c>Sec-WebSocket-Key</c>; two of them, joined by a comma, are no valid key.</summary>
    public string? Key { get; init; }

    /// <summary>The header <c>Sec-WebSocket-Version</c>.</summary>
    public string? Version { get; init; }

    /// <summary>The header <c>Sec-WebSocket-Protocol</c>.</summary>
    public string? Subprotocols { get; init; }

    /// <summary>The header <c>Sec-WebSocket-Extensions</c>.</summary>
    public string? Extensions { get; init; }
}
