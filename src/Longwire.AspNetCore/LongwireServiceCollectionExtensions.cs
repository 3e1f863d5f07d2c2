using Longwire.AspNetCore;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds what WebSocket endpoints need.</summary>
public static class LongwireServiceCollectionExtensions
{
    /// <summary>Adds the services behind <c>MapWebSocket</c>. Safe to call twice.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options that every endpoint starts from.</param>
    public static IServiceCollection AddLongwire(this IServiceCollection services, Action<WebSocketEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddRouting();
        services.AddMetrics();
        services.TryAddSingleton<WebSocketConnections>();
        services.TryAddSingleton<HandshakeLog>();
        services.TryAddSingleton(new RegisteredServices(services));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, WebSocketConnectionsService>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<WebSocketEndpointOptions>, WebSocketEndpointOptionsValidator>()
        );
        services.AddOptions<WebSocketEndpointOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, HostNotice>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, WebSocketMatcherPolicy>());
        LetPeersHalfClose(services);
        StoppingServer.Decorate(services);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }

    private static void LetPeersHalfClose(IServiceCollection services)
    {
        for (int i = 0; i < services.Count; i++)
        {
            if (
                services[i] is { IsKeyedService: false } service
                && service.ServiceType == typeof(IConnectionListenerFactory)
                && service.ImplementationType == typeof(SocketTransportFactory)
            )
            {
                services[i] = ServiceDescriptor.Singleton<IConnectionListenerFactory>(static provider => new HalfCloseListenerFactory(
                    ActivatorUtilities.CreateInstance<SocketTransportFactory>(provider)
                ));
            }
        }
    }
}
