using Longwire.AspNetCore;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
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
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MemoryTrim>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, WebSocketMatcherPolicy>());
        LetPeersHalfClose(services);
        BoundStops(services);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }

    private static void LetPeersHalfClose(IServiceCollection services) =>
        Replace<IConnectionListenerFactory>(
            services,
            static original =>
                original.ImplementationType == typeof(SocketTransportFactory)
                    ? static provider => new HalfCloseListenerFactory(ActivatorUtilities.CreateInstance<SocketTransportFactory>(provider))
                    : null
        );

    private static void BoundStops(IServiceCollection services) =>
        Replace<IServer>(
            services,
            static original =>
                original.ImplementationType is { } kestrel
                && kestrel.Namespace?.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true
                    ? provider => new StoppingServer(
                        (IServer)ActivatorUtilities.CreateInstance(provider, kestrel),
                        provider.GetRequiredService<WebSocketConnections>()
                    )
                    : null
        );

    // Puts a service in the place of each that is registered and meant.
    private static void Replace<TService>(
        IServiceCollection services,
        Func<ServiceDescriptor, Func<IServiceProvider, TService>?> replacement
    )
        where TService : class
    {
        for (int i = 0; i < services.Count; i++)
        {
            if (
                services[i] is { IsKeyedService: false } original
                && original.ServiceType == typeof(TService)
                && replacement(original) is { } factory
            )
            {
                services[i] = ServiceDescriptor.Singleton(factory);
            }
        }
    }
}
