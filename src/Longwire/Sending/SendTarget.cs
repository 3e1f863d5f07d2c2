using Longwire.Protocol;

namespace Longwire;

/// <summary>Where a connection's sending half writes to, and how: the parts of the connection that it borrows for a call.</summary>
internal readonly ref struct SendTarget(WebSocketTransport transport, WebSocketRole role, PerMessageDeflate? deflate)
{
    public WebSocketTransport Transport { get; } = transport;

    public WebSocketRole Role { get; } = role;

    public PerMessageDeflate? Deflate { get; } = deflate;
}
