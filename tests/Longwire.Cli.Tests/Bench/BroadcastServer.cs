using System.Collections.Concurrent;

namespace Longwire.Cli.Tests;

/// <summary>Sends each message to everybody.</summary>
internal sealed class BroadcastServer : IAsyncDisposable
{
    private readonly TestEndpoint _endpoint;

    private BroadcastServer(TestEndpoint endpoint) => _endpoint = endpoint;

    public string Address => _endpoint.Address;

    /// <param name="count">
    /// The number of clients. Each that comes in time is sent everything: a handshake is over for the client before it is for the
    /// server.
    /// </param>
    /// <param name="leaveOut">Whether the first client is left out of a message, by its number.</param>
    public static async Task<BroadcastServer> StartAsync(int count, Func<int, bool>? leaveOut = null)
    {
        var clients = new ConcurrentDictionary<WebSocketConnection, int>();
        var allAreHere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int number = 0;
        int joined = 0;
        return new BroadcastServer(
            await TestEndpoint.StartAsync(
                async (socket, _) =>
                {
                    clients.TryAdd(socket, Interlocked.Increment(ref joined) - 1);
                    if (clients.Count == count)
                    {
                        allAreHere.TrySetResult();
                    }

                    await allAreHere.Task;
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
                }
            )
        );
    }

    public async ValueTask DisposeAsync() => await _endpoint.DisposeAsync();
}
