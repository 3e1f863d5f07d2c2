using System.Diagnostics.CodeAnalysis;
using Longwire;
using Longwire.AspNetCore;
using Longwire.Hubs;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps a hub's WebSocket endpoints.</summary>
public static class LongwireHubEndpointRouteBuilderExtensions
{
    /// <summary>Maps an endpoint of the hub; several may lead to it.</summary>
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
        IEndpointConventionBuilder endpoint = endpoints.MapWebSocket(
            pattern,
            handler,
            options =>
            {
                options.Subprotocols = [HubSubprotocol.Name];
                options.Connection = (hub.Settings.OwnConnection ?? options.Connection) with
                {
                    MaxMessageBytes = hub.Settings.MaxContentBytes + LongwireHubOptions.EnvelopeBytes,
                };
                configure?.Invoke(options);
                options.CreateUserState = static context => ValueTask.FromResult<object?>(HandshakeReader.Read(context));
            }
        );
        return new LongwireHubEndpointBuilder(endpoints.ServiceProvider.GetRequiredService<HubApplication>(), endpoint);
    }
}
