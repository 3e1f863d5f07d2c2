namespace Longwire.AspNetCore;

/// <summary>Marks an endpoint that takes WebSocket handshakes.</summary>
internal sealed class WebSocketEndpointMetadata
{
    public static readonly WebSocketEndpointMetadata Instance = new();
}
