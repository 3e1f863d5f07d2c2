using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Longwire.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Transport.Linux.Tests;

/// <summary>Mapped endpoints on the loops: both styles of handlers, the limits, the end.</summary>
public class MapWebSocketTests
{
    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Both_styles_of_handlers_work_and_leave_the_request(EventLoopKind kind)
    {
        const int Count = 50;
        var contexts = new System.Collections.Concurrent.ConcurrentBag<WeakReference>();
        await using WebServer server = await StartAsync(
            kind,
            app =>
            {
                app.Use(next =>
                    context =>
                    {
                        Remember(contexts, context);
                        return next(context);
                    }
                );
                Map(app);
            }
        );
        var clients = new List<ClientWebSocket>();
        for (int i = 0; i < Count; i++)
        {
            clients.Add(await ConnectAsync(server, i % 2 == 0 ? "/handler" : "/function"));
        }

        foreach (ClientWebSocket client in clients)
        {
            await EchoAsync(client, [1, 2, 3]);
        }

        using var patience = new CancellationTokenSource(TestServer.Patience);
        while (contexts.Any(context => context.IsAlive))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(2 * Count, contexts.Count);
        Assert.Equal(Count, Connections(server).Count);
        foreach (ClientWebSocket client in clients)
        {
            await EchoAsync(client, Data.Pattern(5000));
            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).WaitAsync(TestServer.Patience);
            client.Dispose();
        }

        await server.UntilEmptyAsync();
        while (Connections(server).Count > 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_function_that_sees_the_request_keeps_it(EventLoopKind kind)
    {
        await using WebServer server = await StartAsync(kind, Map);
        using ClientWebSocket client = await ConnectAsync(server, "/request?name=x");
        await EchoAsync(client, "?name=x"u8.ToArray());
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_detached_connection_counts_for_the_endpoints_limit_until_it_is_over(EventLoopKind kind)
    {
        await using WebServer server = await StartAsync(
            kind,
            app =>
                app.MapWebSocket(
                    "/handler",
                    new EchoHandler(),
                    options =>
                    {
                        options.MaxConnections = 2;
                        options.MaxConnectionsPerAddress = 2;
                    }
                )
        );
        for (int round = 0; round < 3; round++)
        {
            using ClientWebSocket first = await ConnectAsync(server, "/handler");
            using ClientWebSocket second = await ConnectAsync(server, "/handler");
            await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server, "/handler"));
            await EchoAsync(first, [1]);
            await EchoAsync(second, [1]);
            first.Abort();
            second.Abort();
            await server.UntilEmptyAsync();
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_function_that_ends_closes_with_1000_and_one_that_throws_with_1011(EventLoopKind kind)
    {
        await using WebServer server = await StartAsync(kind, Map);
        using ClientWebSocket ends = await ConnectAsync(server, "/ends");
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await CloseStatusAsync(ends));
        using ClientWebSocket throws = await ConnectAsync(server, "/throws");
        Assert.Equal(WebSocketCloseStatus.InternalServerError, await CloseStatusAsync(throws));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Stopping_the_host_closes_with_1001(EventLoopKind kind)
    {
        await using WebServer server = await StartAsync(kind, Map);
        using ClientWebSocket handler = await ConnectAsync(server, "/handler");
        using ClientWebSocket function = await ConnectAsync(server, "/function");
        await EchoAsync(handler, [1]);
        await EchoAsync(function, [1]);
        Task stopping = server.StopAsync();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await CloseStatusAsync(handler));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await CloseStatusAsync(function));
        await stopping.WaitAsync(TestServer.Patience);
    }

    private static Task<WebServer> StartAsync(EventLoopKind kind, Action<WebApplication> map) =>
        WebServer.StartAsync(kind, map, services: services => services.AddLongwire());

    private static WebSocketConnections Connections(WebServer server) => server.Services.GetRequiredService<WebSocketConnections>();

    private static void Map(WebApplication app)
    {
        app.MapWebSocket("/handler", new EchoHandler());
        app.MapWebSocket("/function", (connection, _) => EchoAllAsync(connection));
        app.MapWebSocket("/ends", (_, _) => Task.CompletedTask);
        app.MapWebSocket("/throws", (_, _) => throw new InvalidOperationException("On purpose."));
        app.MapWebSocket(
            "/request",
            async (connection, context, token) =>
            {
                await connection.ReadAsync(token);
                await connection.SendTextAsync(context.Request.QueryString.Value!, token);
            }
        );
    }

    private static async Task EchoAllAsync(WebSocketConnection connection)
    {
        await foreach (WebSocketMessage message in connection.ReadAllAsync())
        {
            await connection.SendAsync(message.Payload, message.Type);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Remember(System.Collections.Concurrent.ConcurrentBag<WeakReference> contexts, HttpContext context)
    {
        contexts.Add(new WeakReference(context.Features.Get<ILoopConnectionFeature>()));
        contexts.Add(new WeakReference(context.Features));
    }

    private static async Task<ClientWebSocket> ConnectAsync(WebServer server, string path)
    {
        var client = new ClientWebSocket();
        await client
            .ConnectAsync(new Uri($"ws://127.0.0.1:{server.Address.Port}{path}"), CancellationToken.None)
            .WaitAsync(TestServer.Patience);
        return client;
    }

    private static async Task EchoAsync(ClientWebSocket client, byte[] payload)
    {
        await client.SendAsync(payload, WebSocketMessageType.Binary, true, CancellationToken.None);
        byte[] buffer = new byte[payload.Length];
        int received = 0;
        while (true)
        {
            ValueWebSocketReceiveResult result = await client
                .ReceiveAsync(buffer.AsMemory(received), CancellationToken.None)
                .AsTask()
                .WaitAsync(TestServer.Patience);
            received += result.Count;
            if (result.EndOfMessage)
            {
                break;
            }
        }

        Assert.Equal(payload, buffer[..received]);
    }

    private static async Task<WebSocketCloseStatus?> CloseStatusAsync(ClientWebSocket client)
    {
        WebSocketReceiveResult result = await client.ReceiveAsync(new byte[10], CancellationToken.None).WaitAsync(TestServer.Patience);
        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        await client.CloseOutputAsync(client.CloseStatus!.Value, "", CancellationToken.None);
        return client.CloseStatus;
    }

    private sealed class EchoHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            connection.TrySend(payload, type);
    }
}
