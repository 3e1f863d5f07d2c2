using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Transport.Linux.Tests;

/// <summary>Counts the descriptors of the process, so nothing else may run meanwhile.</summary>
[Collection(nameof(DescriptorExhaustionTests))]
public class ConnectLeakTests
{
    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_thousand_connections_open_on_one_loop_and_leave_no_descriptor(EventLoopKind kind)
    {
        int before = CountSockets();
        const int Count = 1000;
        await using (TestServer server = await TestServer.StartAsync(kind, () => new TestHandler()))
        {
            int replies = 0;
            var all = new TaskCompletionSource();
            var client = new TestHandler
            {
                Attach = socket => socket.Send("x"u8),
                Receive = (_, _) =>
                {
                    if (++replies == Count)
                    {
                        all.SetResult();
                    }
                },
            };
            LoopSocket[] sockets = await Task.WhenAll(
                    Enumerable.Range(0, Count).Select(_ => server.Loop.ConnectAsync(server.Listener.EndPoint, client))
                )
                .WaitAsync(TestServer.Patience);
            await all.Task.WaitAsync(TestServer.Patience);
            Assert.Equal(2 * Count, server.Loop.SocketCount);
            await server.OnLoopAsync(() => Array.ForEach(sockets, static socket => socket.Close()));
            await server.UntilAsync(() => server.Loop.SocketCount == 0);
        }

        Assert.Equal(before, CountSockets());
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Failing_attempts_leave_no_descriptor(EventLoopKind kind)
    {
        using var silent = new SilentListener();
        using var unused = new UnusedPort();
        int before = CountSockets();
        await using (TestServer server = await TestServer.StartAsync(kind, () => new TestHandler()))
        {
            using var cancellation = new CancellationTokenSource();
            Task<LoopSocket>[] attempts =
            [
                .. Enumerable.Range(0, 100).Select(_ => server.Loop.ConnectAsync(unused.EndPoint, new TestHandler())),
                .. Enumerable
                    .Range(0, 100)
                    .Select(_ => server.Loop.ConnectAsync(silent.EndPoint, new TestHandler(), null, cancellation.Token)),
            ];
            await cancellation.CancelAsync();
            foreach (Task<LoopSocket> attempt in attempts)
            {
                await Assert.ThrowsAnyAsync<Exception>(() => attempt.WaitAsync(TestServer.Patience));
            }

            await server.UntilAsync(() => server.Loop.SocketCount == 0);
        }

        Assert.Equal(before, CountSockets());
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_thousand_connections_live_on_one_loop_and_leave_no_descriptor(EventLoopKind kind)
    {
        int before = CountSockets();
        await using (
            WebServer server = await WebServer.StartAsync(
                kind,
                app => app.MapWebSocket("/echo", new EchoHandler()),
                services: services => services.AddLongwire()
            )
        )
        await using (var group = new EventLoopGroup(new EventLoopOptions { Kind = kind, LoopCount = 1 }))
        {
            var client = new LoopWebSocketClient(group, new LoopWebSocketClientOptions { EndPoint = server.EndPoint });
            WebSocketConnection[] connections = await Task.WhenAll(
                    Enumerable.Range(0, 1000).Select(_ => client.ConnectAsync(new Uri("ws://server/echo")))
                )
                .WaitAsync(TestServer.Patience);
            foreach (WebSocketConnection connection in connections)
            {
                await connection.SendTextAsync("x");
            }

            foreach (WebSocketConnection connection in connections)
            {
                Assert.Equal("x", (await connection.ReadAsync().AsTask().WaitAsync(TestServer.Patience)).Text);
            }

            await Task.WhenAll(connections.Select(static connection => connection.CloseAsync())).WaitAsync(TestServer.Patience);
            await server.UntilEmptyAsync();
            while (group.SocketCount > 0)
            {
                await Task.Yield();
            }
        }

        Assert.Equal(before, CountSockets());
    }

    private static int CountSockets()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return OpenDescriptors.CountSockets();
    }

    private sealed class EchoHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            connection.TrySend(payload, type);
    }
}
