using Microsoft.Extensions.Hosting;

namespace Longwire.Hubs;

/// <summary>Starts and stops the hub with the application.</summary>
internal sealed class HubService(Hub hub, HubApplication application, IHostApplicationLifetime lifetime) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // The hub refuses newcomers from the moment that the application begins to stop.
        lifetime.ApplicationStopping.Register(static hub => _ = ((Hub)hub!).StopAsync(), hub);
        await application.StartAsync();
        await hub.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => hub.StopAsync(cancellationToken);
}
