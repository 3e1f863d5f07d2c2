using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Longwire.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Longwire.Transport.Linux.Tests;

public class LoopTransportTests
{
    private const string RawHandshake =
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Messages_of_every_size_are_echoed_by_a_handler(EventLoopKind kind)
    {
        var host = new Host { Handler = new EchoHandler() };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using ClientWebSocket client = await ConnectAsync(server);
        foreach (int length in new[] { 0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 200_000, 1_000_000 })
        {
            await EchoAsync(client, Data.Pattern(length));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None).WaitAsync(TestServer.Patience);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
        await server.UntilEmptyAsync();
        WebSocketConnection connection = host.Connections.Single();
        await connection.Completion.WaitAsync(TestServer.Patience);
        Assert.Equal(CloseStatus.NormalClosure, connection.CloseStatus);
        Assert.Null(connection.Error);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_function_that_reads_and_sends_from_other_threads_is_held_back_and_goes_on(EventLoopKind kind)
    {
        var host = new Host
        {
            Serve = async connection =>
            {
                await foreach (WebSocketMessage message in connection.ReadAllAsync())
                {
                    await connection.SendAsync(message.Payload, message.Type);
                }
            },
        };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using ClientWebSocket client = await ConnectAsync(server);
        // Far more than the inbox and the send queue hold, before anything is read back.
        const int Count = 400,
            Length = 20_000;
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                await client.SendAsync(Data.Pattern(Length, i), WebSocketMessageType.Binary, true, CancellationToken.None);
            }
        });
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(Data.Pattern(Length, i), await ReceiveAsync(client, Length));
        }

        await sending.WaitAsync(TestServer.Patience);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Messages_from_many_threads_arrive_whole(EventLoopKind kind)
    {
        var host = new Host { Handler = new EchoHandler() };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using ClientWebSocket client = await ConnectAsync(server);
        await EchoAsync(client, [1]);
        WebSocketConnection connection = host.Connections.Single();
        const int Threads = 4,
            Each = 500;
        Task sending = Task.WhenAll(
            Enumerable
                .Range(0, Threads)
                .Select(thread =>
                    Task.Run(async () =>
                    {
                        for (int i = 0; i < Each; i++)
                        {
                            await connection.SendAsync(Encoding.ASCII.GetBytes($"{thread} {i}"), MessageType.Text);
                        }
                    })
                )
        );
        int[] next = new int[Threads];
        byte[] buffer = new byte[100];
        for (int i = 0; i < Threads * Each; i++)
        {
            ValueWebSocketReceiveResult received = await client
                .ReceiveAsync(buffer.AsMemory(), CancellationToken.None)
                .AsTask()
                .WaitAsync(TestServer.Patience);
            string[] parts = Encoding.ASCII.GetString(buffer, 0, received.Count).Split(' ');
            int thread = int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(next[thread]++, int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        }

        await sending;
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task No_message_is_lost_that_came_right_behind_the_handshake(EventLoopKind kind)
    {
        var host = new Host { Handler = new EchoHandler() };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using Socket client = await server.ConnectAsync();
        byte[] hello = "hello"u8.ToArray();
        byte[] frame = [0x82, 0x85, 0, 0, 0, 0, .. hello];
        byte[] request = Encoding.ASCII.GetBytes(RawHandshake);
        await client.SendAllAsync((byte[])[.. request, .. frame, .. frame, .. frame.AsSpan(0, 4).ToArray()]);
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await client.ReceiveExactlyAsync(1))[0]);
        }

        byte[] echo = [0x82, 5, .. hello];
        Assert.Equal((byte[])[.. echo, .. echo], await client.ReceiveExactlyAsync(14));
        await client.SendAllAsync(frame.AsMemory(4));
        Assert.Equal(echo, await client.ReceiveExactlyAsync(7));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_handler_that_throws_closes_its_connection_with_1011(EventLoopKind kind)
    {
        var host = new Host { Handler = new EchoHandler { Fails = true } };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using ClientWebSocket bystander = await ConnectAsync(server);
        using ClientWebSocket client = await ConnectAsync(server);
        await client.SendAsync(new byte[1], WebSocketMessageType.Binary, true, CancellationToken.None);
        WebSocketReceiveResult result = await client.ReceiveAsync(new byte[10], CancellationToken.None).WaitAsync(TestServer.Patience);
        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        Assert.Equal(WebSocketCloseStatus.InternalServerError, client.CloseStatus);
        Assert.Single(host.Connections, static connection => connection.HandlerError is InvalidOperationException);
        // The loop lives, and the others with it.
        await bystander.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).WaitAsync(TestServer.Patience);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, bystander.CloseStatus);
        Assert.Equal(2, host.Connections.Count);
        Assert.All(server.Group.Loops, loop => Assert.Equal(0, loop.HandlerFaults));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_reset_ends_the_connection_with_its_error(EventLoopKind kind)
    {
        var host = new Host { Handler = new EchoHandler() };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using ClientWebSocket client = await ConnectAsync(server);
        await EchoAsync(client, [1]);
        client.Abort();
        WebSocketConnection connection = host.Connections.Single();
        await connection.Completion.WaitAsync(TestServer.Patience);
        Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus);
        await server.UntilEmptyAsync();
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Aborting_from_this_side_ends_it_at_once(EventLoopKind kind)
    {
        var host = new Host { Handler = new EchoHandler() };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using ClientWebSocket client = await ConnectAsync(server);
        await EchoAsync(client, [1]);
        host.Connections.Single().Abort();
        await Assert.ThrowsAsync<WebSocketException>(() =>
            client.ReceiveAsync(new byte[1], CancellationToken.None).WaitAsync(TestServer.Patience)
        );
        await host.Connections.Single().Completion.WaitAsync(TestServer.Patience);
        await server.UntilEmptyAsync();
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_handler_that_aborts_between_its_answers_disturbs_nobody(EventLoopKind kind)
    {
        var host = new Host { Handler = new AbortingHandler() };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using ClientWebSocket client = await ConnectAsync(server);
        await client.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary, true, CancellationToken.None);
        await Assert.ThrowsAsync<WebSocketException>(() =>
            client.ReceiveAsync(new byte[8], CancellationToken.None).WaitAsync(TestServer.Patience)
        );
        await host.Connections.Single().Completion.WaitAsync(TestServer.Patience);
        using ClientWebSocket next = await ConnectAsync(server);
        await next.SendAsync(new byte[] { 0 }, WebSocketMessageType.Binary, true, CancellationToken.None);
        Assert.Equal([0], await ReceiveAsync(next, 1));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_peer_that_does_not_read_fills_the_queue_and_later_gets_everything(EventLoopKind kind)
    {
        var host = new Host { Handler = new EchoHandler() };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using ClientWebSocket client = await ConnectAsync(server);
        await EchoAsync(client, [1]);
        WebSocketConnection connection = host.Connections.Single();
        int sent = 0;
        byte[] payload = Data.Pattern(50_000);
        while (connection.TrySend(payload, MessageType.Binary))
        {
            sent++;
            Assert.InRange(sent, 0, 10_000);
        }

        // The kernel may take a little more between two looks, until it doesn't.
        Task waiting;
        do
        {
            waiting = connection.SendAsync(payload, MessageType.Binary).AsTask();
            Assert.InRange(++sent, 0, 10_000);
        } while (waiting.IsCompleted);
        for (int i = 0; i < sent; i++)
        {
            Assert.Equal(payload, await ReceiveAsync(client, payload.Length));
        }

        await waiting.WaitAsync(TestServer.Patience);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Stopping_the_loops_closes_connections_with_1001(EventLoopKind kind)
    {
        var host = new Host { Handler = new EchoHandler() };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using ClientWebSocket client = await ConnectAsync(server);
        await EchoAsync(client, [1]);
        Task stopping = server.Group.StopAsync(TestContext.Current.CancellationToken);
        WebSocketReceiveResult result = await client.ReceiveAsync(new byte[10], CancellationToken.None).WaitAsync(TestServer.Patience);
        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.CloseStatus);
        await client.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "", CancellationToken.None);
        client.Dispose();
        await stopping.WaitAsync(TestServer.Patience);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Nothing_of_Kestrel_is_kept_while_connections_live(EventLoopKind kind)
    {
        const int Count = 100;
        var host = new Host { Handler = new EchoHandler() };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        ClientWebSocket[] clients = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => ConnectAsync(server)));
        using var patience = new CancellationTokenSource(TestServer.Patience);
        while (host.Contexts.Count < 2 * Count || host.Contexts.Any(context => context.IsAlive))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(2 * Count, host.Contexts.Count);
        foreach (ClientWebSocket client in clients)
        {
            await EchoAsync(client, [1, 2, 3]);
            client.Dispose();
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_connection_that_is_started_after_its_socket_has_ended_opens_and_ends(EventLoopKind kind)
    {
        var detached = new TaskCompletionSource<WebSocketTransport?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app =>
                app.MapGet(
                    "/ws",
                    async context =>
                    {
                        await UpgradeAsync(context);
                        IDetachFeature detach = context.Features.GetRequiredFeature<IDetachFeature>();
                        WebSocketTransport transport = detach.CreateTransport();
                        detached.SetResult(await detach.DetachAsync(transport) ? transport : null);
                    }
                )
        );
        Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Encoding.ASCII.GetBytes(RawHandshake));
        WebSocketTransport transport = (await detached.Task.WaitAsync(TestServer.Patience))!;
        client.Reset();
        var handler = new EchoHandler();
        var connection = new WebSocketConnection(transport, WebSocketRole.Server, handler: handler);
        connection.Start();
        await connection.Completion.WaitAsync(TestServer.Patience);
        await server.UntilEmptyAsync();
        Assert.Equal((1, 1), (handler.Opened, handler.Closed));
        Assert.False(connection.TrySend(new byte[1], MessageType.Binary));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_silent_peer_is_pinged_by_the_loops_own_clock(EventLoopKind kind)
    {
        var time = new ManualTime();
        var host = new Host
        {
            Handler = new EchoHandler(),
            Options = new WebSocketConnectionOptions
            {
                PingInterval = TimeSpan.FromSeconds(10),
                PongTimeout = TimeSpan.FromSeconds(5),
                TimeProvider = time,
            },
        };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map, configure: options => options.Loops.TimeProvider = time);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Encoding.ASCII.GetBytes(RawHandshake));
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await client.ReceiveExactlyAsync(1))[0]);
        }
        // An echo says that the connection has begun.
        await client.SendAllAsync(new byte[] { 0x82, 0x80, 0, 0, 0, 0 });
        await client.ReceiveExactlyAsync(2);

        time.Advance(TimeSpan.FromSeconds(10.5));
        foreach (EventLoop loop in server.Group.Loops)
        {
            loop.Post(_ => { }, null);
        }

        Assert.Equal(0x89, (await client.ReceiveExactlyAsync(10))[0]);
        time.Advance(TimeSpan.FromSeconds(6));
        foreach (EventLoop loop in server.Group.Loops)
        {
            loop.Post(_ => { }, null);
        }

        await host.Connections.Single().Completion.WaitAsync(TestServer.Patience);
        Assert.Equal(CloseStatus.Abnormal, host.Connections.Single().CloseStatus);
    }

    private static async Task<ClientWebSocket> ConnectAsync(WebServer server)
    {
        var client = new ClientWebSocket();
        await client
            .ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None)
            .WaitAsync(TestServer.Patience);
        return client;
    }

    private static async Task EchoAsync(ClientWebSocket client, byte[] payload)
    {
        Task sending = client.SendAsync(payload, WebSocketMessageType.Binary, true, CancellationToken.None);
        Assert.Equal(payload, await ReceiveAsync(client, payload.Length));
        await sending;
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket client, int length)
    {
        byte[] buffer = new byte[length + 1];
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
                return buffer[..received];
            }
        }
    }

    private static async Task UpgradeAsync(HttpContext context)
    {
        string key = context.Request.Headers.SecWebSocketKey.ToString();
        byte[] hash = SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(hash);
        context.Response.Headers.Upgrade = "websocket";
        await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        await context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output.FlushAsync();
    }

    /// <summary>Answers five times, and aborts in between if asked to.</summary>
    private sealed class AbortingHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            for (int i = 0; i < 5; i++)
            {
                connection.TrySend(payload, type);
                if (payload[0] == 1 && i == 2)
                {
                    connection.Abort();
                }
            }
        }
    }

    private sealed class EchoHandler : WebSocketHandler
    {
        private int _opened;
        private int _closed;

        public bool Fails { get; init; }

        public int Opened => _opened;

        public int Closed => _closed;

        public override void OnOpen(WebSocketConnection connection) => Interlocked.Increment(ref _opened);

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            if (Fails)
            {
                throw new InvalidOperationException("On purpose.");
            }

            connection.TrySend(payload, type);
        }

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) =>
            Interlocked.Increment(ref _closed);
    }

    /// <summary>Detaches every WebSocket.</summary>
    private sealed class Host
    {
        public WebSocketHandler? Handler { get; init; }

        public Func<WebSocketConnection, Task>? Serve { get; init; }

        public WebSocketConnectionOptions Options { get; init; } = WebSocketConnectionOptions.Default;

        public ConcurrentBag<WebSocketConnection> Connections { get; } = [];

        public ConcurrentBag<WeakReference> Contexts { get; } = [];

        public void Map(WebApplication app) =>
            app.MapGet(
                "/ws",
                async context =>
                {
                    await UpgradeAsync(context);
                    Remember(context);
                    IDetachFeature detach = context.Features.GetRequiredFeature<IDetachFeature>();
                    WebSocketTransport transport = detach.CreateTransport();
                    Assert.True(await detach.DetachAsync(transport));
                    var connection = new WebSocketConnection(transport, WebSocketRole.Server, Options, Handler);
                    Connections.Add(connection);
                    connection.Start();
                    if (Serve is not null)
                    {
                        _ = Serve(connection);
                    }
                }
            );

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Remember(HttpContext context)
        {
            Contexts.Add(new WeakReference(context.Features.Get<ILoopConnectionFeature>()));
            Contexts.Add(new WeakReference(context.Features));
        }
    }
}
