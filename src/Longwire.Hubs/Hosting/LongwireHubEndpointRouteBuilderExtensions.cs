using System.Diagnostics.CodeAnalysis;
using Longwire;
using Longwire.AspNetCore;
using Longwire.Hubs;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps a hub's endpoints.</summary>
public static class LongwireHubEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the hub's ways in at a path; several may lead to it. The WebSocket is at the path itself, and the ways over plain HTTP are
    /// beside it, as <c>/hub/events</c>, unless <see cref="HubHttpOptions.Enabled"/> says no. Endpoints of the application's own at these
    /// paths come first.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path's pattern.</param>
    /// <param name="configure">
    /// Sets the endpoint's options: origins, limits, times. Its <see cref="WebSocketEndpointOptions.CreateUserState"/> is the hub's own.
    /// </param>
    public static LongwireHubEndpointBuilder MapLongwireHub(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Action<WebSocketEndpointOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        Hub hub =
            endpoints.ServiceProvider.GetService<Hub>()
            ?? throw new LongwireConfigurationException([
                $"MapLongwireHub(\"{pattern}\"): the hub's services are missing. "
                    + "Write builder.Services.AddLongwireHub() before builder.Build().",
            ]);
        var handler = new HubHandler(hub, static connection => (HubHandshake)connection.UserState!);
        var judge = new HandshakeJudge(hub);
        HubEndpointDefaults? defaults = endpoints.ServiceProvider.GetService<HubEndpointDefaults>();
        IEndpointConventionBuilder endpoint = endpoints.MapWebSocket(pattern, handler, Configure);
        // Nothing can lie below a path that takes all that is below it.
        if (hub.Context.Settings.Http.Enabled && !pattern.Contains("{*", StringComparison.Ordinal))
        {
            endpoint = new HubPaths(endpoints, pattern, hub, endpoint, Configure);
        }

        return new LongwireHubEndpointBuilder(endpoints.ServiceProvider.GetRequiredService<HubMapping>(), endpoint);

        void Configure(WebSocketEndpointOptions options)
        {
            options.Subprotocols = [HubSubprotocol.Name];
            options.Connection = (hub.Context.Settings.OwnConnection ?? options.Connection) with
            {
                MaxMessageBytes = hub.Context.Settings.MaxContentBytes + LongwireHubOptions.EnvelopeBytes,
            };
            defaults?.Apply(options);
            configure?.Invoke(options);
            options.CreateUserState = judge.ReadAsync;
        }
    }
}
