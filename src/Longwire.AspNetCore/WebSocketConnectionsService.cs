using Microsoft.Extensions.Hosting;

namespace Longwire.AspNetCore;

/// <summary>
/// Lets the host stop only when the WebSocket connections have ended. It knows of those that belong to a request; those that
/// were detached from theirs it would otherwise cut off in the middle of the closing handshake.
/// </summary>
internal sealed class WebSocketConnectionsService(WebSocketConnections connections) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(connections.NotCompleted().Select(static connection => connection.Completion)).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host has no more time: what is left is cut off.
        }
    }
}
