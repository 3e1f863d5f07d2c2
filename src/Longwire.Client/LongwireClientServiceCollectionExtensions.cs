using System.Runtime.Versioning;
using Longwire;
using Longwire.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a WebSocket client.</summary>
[UnsupportedOSPlatform("browser")]
public static class LongwireClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds an <see cref="IWebSocketDialer"/>, one for the application, unless there is one already. A test puts its own in its place.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">How it connects; null for the defaults.</param>
    public static IServiceCollection AddWebSocketClient(this IServiceCollection services, WebSocketClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<IWebSocketDialer>(new WebSocketDialer(options));
        return services;
    }

    /// <summary>
    /// Adds an <see cref="IWebSocketDialer"/>, one for the application, unless there is one already, with options that other services
    /// have a part in.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">Makes the options, once, when the dialer is first needed.</param>
    public static IServiceCollection AddWebSocketClient(
        this IServiceCollection services,
        Func<IServiceProvider, WebSocketClientOptions> options
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton<IWebSocketDialer>(provider => new WebSocketDialer(options(provider)));
        return services;
    }

    /// <summary>
    /// Adds a <see cref="ResilientWebSocket"/>, one for the application, unless there is one already. It starts when it is first used, is
    /// closed with the application, and logs where the application does.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="address">A <c>ws</c> or <c>wss</c> address.</param>
    /// <param name="configure">Sets the options, with other services at hand; null for the defaults.</param>
    public static IServiceCollection AddResilientWebSocket(
        this IServiceCollection services,
        string address,
        Action<ResilientWebSocketOptions, IServiceProvider>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        services.TryAddSingleton(provider =>
        {
            var options = new ResilientWebSocketOptions();
            options.LoggerFactory = provider.GetService<ILoggerFactory>() ?? options.LoggerFactory;
            options.TimeProvider = provider.GetService<TimeProvider>() ?? options.TimeProvider;
            configure?.Invoke(options, provider);
            return new ResilientWebSocket(address, options);
        });
        return services;
    }
}
