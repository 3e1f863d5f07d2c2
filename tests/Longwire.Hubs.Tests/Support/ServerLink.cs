using System.Net;
using System.Net.Sockets;
using System.Text;
using Longwire.Transport.Linux;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

/// <summary>
/// Clients over TCP to servers on one transport: a server for each set of the connections' options, when it is first needed.
/// </summary>
internal sealed class ServerLink(ServerTransport transport) : IClientLink
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly Dictionary<WebSocketConnectionOptions, WebApplication> _servers = [];
    private readonly Dictionary<int, Visitor> _visitors = [];
    private readonly SemaphoreSlim _starting = new(1);
    private int _lastVisitor;

    public async Task<TestClient> ConnectAsync(Hub hub, HubHandshake handshake, WebSocketConnectionOptions options)
    {
        WebApplication server = await ServerAsync(hub, options);
        int number = Interlocked.Increment(ref _lastVisitor);
        var visitor = new Visitor(handshake);
        lock (_visitors)
        {
            _visitors.Add(number, visitor);
        }

        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // A window as small as it may be, so that a client that does not read holds the server back soon.
        socket.ReceiveBufferSize = 4096;
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, new Uri(address).Port));
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET /{number} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
        );
        Assert.StartsWith("HTTP/1.1 101 ", await ReadHeadAsync(stream).WaitAsync(_patience));
        var client = WebSocketConnection.FromStream(stream, WebSocketRole.Client, TestClient.OwnOptions);
        return new TestClient(client, await visitor.Arrived.Task.WaitAsync(_patience), () => socket.Shutdown(SocketShutdown.Send));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WebApplication server in _servers.Values)
        {
            EventLoopGroup? loops = server.Services.GetService<EventLoopGroup>();
            await server.DisposeAsync().AsTask().WaitAsync(_patience);
            Assert.Equal(0, loops?.SocketCount ?? 0);
            Assert.Equal(0, loops?.Loops.Sum(static loop => loop.HandlerFaults) ?? 0);
        }

        _starting.Dispose();
    }

    private async Task<WebApplication> ServerAsync(Hub hub, WebSocketConnectionOptions options)
    {
        await _starting.WaitAsync();
        try
        {
            if (!_servers.TryGetValue(options, out WebApplication? server))
            {
                server = Create(hub, options);
                _servers.Add(options, server);
                await server.StartAsync();
            }

            return server;
        }
        finally
        {
            _starting.Release();
        }
    }

    private WebApplication Create(Hub hub, WebSocketConnectionOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0)).UseTransport(transport);
        builder.Services.AddLongwire();
        WebApplication server = builder.Build();
        var handler = new HubHandler(
            hub,
            static connection =>
            {
                var visitor = (Visitor)connection.UserState!;
                visitor.Arrived.SetResult(connection);
                return visitor.Handshake;
            }
        );
        server.MapWebSocket(
            "/{number:int}",
            handler,
            endpoint =>
            {
                endpoint.Connection = options;
                endpoint.CreateUserState = context =>
                {
                    int number = int.Parse(
                        (string)context.Request.RouteValues["number"]!,
                        System.Globalization.CultureInfo.InvariantCulture
                    );
                    lock (_visitors)
                    {
                        return ValueTask.FromResult<object?>(_visitors[number]);
                    }
                };
            }
        );
        return server;
    }

    // Byte by byte, since what is right behind it is the hub's.
    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private sealed class Visitor(HubHandshake handshake)
    {
        public HubHandshake Handshake => handshake;

        public TaskCompletionSource<WebSocketConnection> Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
