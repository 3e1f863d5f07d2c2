namespace Longwire.AspNetCore;

/// <summary>Sets options of an endpoint, or of all endpoints of a group.</summary>
internal sealed record WebSocketOptionsMetadata(Action<WebSocketEndpointOptions> Configure);
