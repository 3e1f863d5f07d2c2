using System.Collections.Concurrent;

namespace Longwire.Cli.Tests;

/// <summary>Sends each message to everybody.</summary>
internal sealed class BroadcastServer : IAsyncDisposable
{
    private readonly TestEndpoint _endpoint;

    private BroadcastServer(TestEndpoint endpoint) => _endpoint = endpoint;

    public string Address => _endpoint.Address;

    /// <param name="leaveOut">Whether the first client is left out of a message, by its number.</param>
    public static async Task<BroadcastServer> StartAsync(Func<int, bool>? leaveOut = null)
    {
        var clients = new ConcurrentDictionary<WebSocketConnection, int>();
        int number = 0;
        return new BroadcastServer(await TestEndpoint.StartAsync(async (socket, _) =>
        {
            clients.TryAdd(socket, clients.Count);
            await foreach (WebSocketMessage message in socket.ReadAllAsync())
            {
                bool all = leaveOut?.Invoke(Interlocked.Increment(ref number)) != true;
                var prepared = new PreparedMessage(message.Payload.Span, message.Type);
                foreach ((WebSocketConnection client, int index) in clients)
                {
                    if (all || index != 0)
                    {
                        client.TrySend(prepared);
                    }
                }
            }

            clients.TryRemove(socket, out int _);
        }));
    }

    public async ValueTask DisposeAsync() => await _endpoint.DisposeAsync();
}
