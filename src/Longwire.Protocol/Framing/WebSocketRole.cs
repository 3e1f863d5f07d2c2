namespace Longwire.Protocol;

/// <summary>Which side of a connection this is. A client masks every frame that it sends, a server masks none (RFC 6455 §5.1).</summary>
public enum WebSocketRole : byte
{
    /// <summary>The side that accepted the connection.</summary>
    Server,

    /// <summary>The side that opened the connection.</summary>
    Client,
}
