using Longwire.AspNetCore;
using Microsoft.Extensions.Hosting;

namespace Longwire.Hubs;

/// <summary>Starts and stops the hub with the application.</summary>
internal sealed class HubService(Hub hub, HubMapping mapping, IHostApplicationLifetime lifetime, WebSocketConnections? connections = null)
    : IHostedService
{
    private Task? _stopping;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // The hub refuses newcomers from the moment that the application begins to stop.
        lifetime.ApplicationStopping.Register(static service => ((HubService)service!).Stop(), this);
        if (hub.Context.Settings.Drain is not null && connections is not null)
        {
            // They leave one after the other, and not with the application's other WebSockets.
            connections.IsLeftAlone = static connection => connection.UserState is HubLink;
        }

        await mapping.StartAsync();
        await hub.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Stop();
        return _stopping!.WaitAsync(cancellationToken);
    }

    private void Stop() => _stopping ??= hub.Context.Settings.Drain is null ? hub.StopAsync() : DrainAsync();

    private async Task DrainAsync()
    {
        try
        {
            await hub.DrainAsync();
        }
        finally
        {
            connections?.IsLeftAlone = null;
        }
    }
}
