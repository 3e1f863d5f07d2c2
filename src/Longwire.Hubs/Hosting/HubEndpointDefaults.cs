using Longwire.AspNetCore;

namespace Longwire.Hubs;

/// <summary>Sets the options of the hub's endpoints, before the application does.</summary>
internal sealed record HubEndpointDefaults(Action<WebSocketEndpointOptions> Apply);
