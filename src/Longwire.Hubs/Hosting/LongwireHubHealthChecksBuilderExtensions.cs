using Longwire.Hubs;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a check of the hub to the application's health checks.</summary>
public static class LongwireHubHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check named <c>longwire-hub</c> with the tag <c>ready</c>. It is unhealthy before the hub has started, and from the moment
    /// that it drains or stops; it is degraded while the engine has not been told of something yet, because it is away.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    public static IHealthChecksBuilder AddLongwireHub(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(
            new HealthCheckRegistration(
                "longwire-hub",
                static services => new HubHealthCheck(services.GetRequiredService<Longwire.Hubs.Hub>()),
                failureStatus: null,
                tags: ["ready"]
            )
        );
    }
}
