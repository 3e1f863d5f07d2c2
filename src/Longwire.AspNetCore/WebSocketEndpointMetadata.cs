using Longwire.Protocol;

namespace Longwire.AspNetCore;

/// <summary>Marks an endpoint that takes WebSocket handshakes.</summary>
internal sealed class WebSocketEndpointMetadata
{
    /// <summary>Its options, once the endpoint is built.</summary>
    public WebSocketEndpointOptions? Options { get; set; }

    /// <summary>Whether pages of the same host may connect: whoever owns a name that leads here can make such pages.</summary>
    public bool TakesSameHost => ReferenceEquals(Options?.Origins, OriginRule.SameHost);
}
