using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Longwire.Hubs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a hub to an ASP.NET Core application.</summary>
public static class LongwireHubServiceCollectionExtensions
{
    /// <summary>
    /// Adds the hub, with options from a section of the configuration: the names of <see cref="LongwireHubOptions"/>; under
    /// <c>Rooms</c> those of <see cref="RoomOptions"/> by template, which change numbers of rooms that are mapped; under <c>Endpoint</c>
    /// those of <see cref="Longwire.AspNetCore.WebSocketEndpointOptions"/>; under <c>Limits</c> the limits by user, address and session. A
    /// key that is not known, and a value that makes no sense, fail at the start, with the key's name.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, as <c>builder.Configuration.GetSection("Hub")</c>.</param>
    [RequiresUnreferencedCode("Options are bound by reflection. Trimmed applications set them in code.")]
    [RequiresDynamicCode("Options are bound by reflection. Trimmed applications set them in code.")]
    public static LongwireHubBuilder AddLongwireHub(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var configuration = new HubConfiguration(section);
        LongwireHubBuilder builder = services.AddLongwireHub(configuration.Apply);
        services.AddSingleton(new HubEndpointDefaults(configuration.Apply));
        services.AddSingleton<IRoomConfiguration>(new RoomConfiguration(section.GetSection("Rooms")));
        return builder;
    }

    /// <summary>
    /// Adds the hub, which starts and stops with the application. Register an <see cref="ITokenValidator"/> to let clients sign in
    /// with tokens, and an <see cref="IHubEngine"/> for another engine than the one in memory. Safe to call twice.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the hub's options.</param>
    public static LongwireHubBuilder AddLongwireHub(this IServiceCollection services, Action<LongwireHubOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLongwire();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(CreateHub);
        services.TryAddSingleton(static provider => new HubApplication(
            provider.GetRequiredService<Longwire.Hubs.Hub>(),
            provider,
            new MessageContracts(
                [.. provider.GetServices<MessageJsonContext>().Select(static json => json.Context)],
                provider.GetRequiredService<Longwire.Hubs.Hub>().Context.Settings.MaxJsonDepth
            )
        ));
        services.TryAddSingleton<IHub>(static provider => new ApplicationHub(
            provider.GetRequiredService<Longwire.Hubs.Hub>(),
            provider.GetRequiredService<HubApplication>()
        ));
        services.TryAddSingleton<HubMapping>();
        services.TryAddSingleton<HubAdmin>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, HubService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HostOptions>, DrainTime>());
        return new LongwireHubBuilder(services);
    }

    private static Longwire.Hubs.Hub CreateHub(IServiceProvider provider)
    {
        LongwireHubOptions options = provider.GetRequiredService<IOptions<LongwireHubOptions>>().Value;
        try
        {
            return new Longwire.Hubs.Hub(
                options,
                provider.GetService<ITokenValidator>(),
                provider.GetService<IHubEngine>(),
                provider.GetService<ILoggerFactory>(),
                provider.GetService<IMeterFactory>()
            );
        }
        catch (ArgumentException exception)
        {
            throw new Longwire.LongwireConfigurationException([$"AddLongwireHub: {exception.Message}"]);
        }
    }
}
