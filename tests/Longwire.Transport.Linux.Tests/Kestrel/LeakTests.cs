using System.Net.Sockets;
using System.Text;
using Longwire.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Transport.Linux.Tests;

/// <summary>Counts the descriptors of the process, so nothing else may run meanwhile.</summary>
[Collection(nameof(DescriptorExhaustionTests))]
public class LeakTests
{
    private static readonly byte[] _handshake = Encoding.ASCII.GetBytes(
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task After_requests_uploads_and_WebSockets_with_random_ends_every_descriptor_is_back(EventLoopKind kind)
    {
        var random = new Random(3);
        await using WebServer server = await WebServer.StartAsync(kind, Map, services: services => services.AddLongwire());
        await RunAsync(server, random);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        int before = OpenDescriptors.CountSockets();
        for (int round = 0; round < 5; round++)
        {
            await RunAsync(server, random);
        }

        Assert.Equal(before, OpenDescriptors.CountSockets());
        Assert.Equal(0, server.Services.GetRequiredService<WebSocketConnections>().Count);
        Assert.All(server.Group.Loops, loop => Assert.Equal(0, loop.HandlerFaults));
    }

    private static async Task RunAsync(WebServer server, Random random)
    {
        int[] kinds = [.. Enumerable.Range(0, 100).Select(_ => random.Next(6))];
        await Task.WhenAll(
            kinds.Select(async kind =>
            {
                Socket client = await server.ConnectAsync();
                switch (kind)
                {
                    case 0:
                        await client.SendAllAsync("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"u8.ToArray());
                        await client.SendAllAsync(new byte[50_000]);
                        client.Reset();
                        return;
                    case 1:
                        await client.SendAllAsync(_handshake);
                        client.Reset();
                        return;
                    case 2:
                        await client.SendAllAsync(_handshake);
                        await client.ReceiveExactlyAsync(20);
                        await client.SendAllAsync(new byte[] { 0x82, 0xFE, 0x10, 0, 1, 2, 3, 4, 5, 6 });
                        client.Reset();
                        return;
                    case 3:
                        await client.SendAllAsync(_handshake);
                        await client.ReceiveExactlyAsync(20);
                        await client.SendAllAsync(new byte[] { 0x88, 0x80, 0, 0, 0, 0 });
                        await client.ReceiveToEndAsync();
                        break;
                    case 4:
                        await client.SendAllAsync(_handshake);
                        await client.ReceiveExactlyAsync(20);
                        client.Shutdown(SocketShutdown.Send);
                        await client.ReceiveToEndAsync();
                        break;
                }

                client.Dispose();
            })
        );
        await server.UntilEmptyAsync();
        using var patience = new CancellationTokenSource(TestServer.Patience);
        while (server.Services.GetRequiredService<WebSocketConnections>().Count > 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static void Map(WebApplication app)
    {
        app.MapWebSocket("/ws", new EchoHandler());
        app.MapPost("/echo", context => context.Request.Body.CopyToAsync(context.Response.Body));
    }

    private sealed class EchoHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            connection.TrySend(payload, type);
    }
}
