using System.Runtime.Versioning;
using Longwire.Hubs.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a hub's client.</summary>
[UnsupportedOSPlatform("browser")]
public static class LongwireHubClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="HubClient"/>, one for the application, unless there is one already. It starts when it is first used, is closed
    /// with the application, and logs where the application does.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="address">The hub's address.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    public static IServiceCollection AddHubClient(
        this IServiceCollection services,
        string address,
        Action<HubClientOptions>? configure = null
    ) => services.AddHubClient(address, (options, _) => configure?.Invoke(options));

    /// <summary>Adds a <see cref="HubClient"/>, with options that other services have a part in.</summary>
    /// <param name="services">The services.</param>
    /// <param name="address">The hub's address.</param>
    /// <param name="configure">Sets the options, once, when the client is first needed.</param>
    public static IServiceCollection AddHubClient(
        this IServiceCollection services,
        string address,
        Action<HubClientOptions, IServiceProvider> configure
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton(provider =>
        {
            var options = new HubClientOptions();
            options.LoggerFactory = provider.GetService<ILoggerFactory>() ?? options.LoggerFactory;
            options.TimeProvider = provider.GetService<TimeProvider>() ?? options.TimeProvider;
            configure(options, provider);
            return new HubClient(address, options);
        });
        return services;
    }
}
