using Longwire.Transport.Linux;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Clients whose connections are on event loops, where a connection is open a moment after it is there.</summary>
public sealed class EventLoopTests
{
    [Fact]
    public async Task Many_clients_on_one_event_loop_join_a_room()
    {
        await using LoopbackHub hub = await LoopbackHub.StartAsync();
        await using var group = new EventLoopGroup(new EventLoopOptions { LoopCount = 1 });
        HubClient[] clients =
        [
            .. Enumerable
                .Range(0, 200)
                .Select(number => new HubClient(
                    hub.Address,
                    new HubClientOptions
                    {
                        Token = _ => Task.FromResult($"user{number}"),
                        Connect = (address, handler, options, cancellationToken) =>
                            new LoopWebSocketClient(
                                group,
                                new LoopWebSocketClientOptions { Headers = options.Headers, Subprotocols = options.Subprotocols }
                            ).ConnectAsync(address, handler, cancellationToken),
                    }
                )),
        ];
        await Task.WhenAll(clients.Select(static client => client.Room("tea").JoinAsync())).WaitAsync(Patience.Long);
        Assert.All(clients, static client => Assert.Equal(ClientState.Open, client.State));
        await Task.WhenAll(clients.Select(static client => client.DisposeAsync().AsTask()));
    }
}
