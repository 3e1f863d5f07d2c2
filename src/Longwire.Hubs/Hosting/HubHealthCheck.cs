using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Longwire.Hubs;

/// <summary>Whether the hub takes connections.</summary>
internal sealed class HubHealthCheck(Hub hub) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            !hub.IsReady ? new HealthCheckResult(context.Registration.FailureStatus, "The hub lets no connection in.")
            : hub.IsEngineAway || hub.IsOwing ? HealthCheckResult.Degraded("The engine is away.")
            : HealthCheckResult.Healthy()
        );
}
