using System.Runtime.Versioning;
using Longwire;
using Longwire.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;

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
}
