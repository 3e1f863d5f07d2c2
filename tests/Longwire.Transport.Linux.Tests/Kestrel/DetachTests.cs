using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Longwire.Transport.Linux.Tests;

public class DetachTests
{
    private const string Request = "GET /detach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n";

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_detached_socket_lives_on_without_Kestrel(EventLoopKind kind)
    {
        var host = new Host();
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Encoding.ASCII.GetBytes(Request));
        await ReadHeadAsync(client);
        for (int i = 1; i < 100; i++)
        {
            await client.SendAllAsync(Data.Pattern(i * 100));
            Assert.Equal(Data.Pattern(i * 100), await client.ReceiveExactlyAsync(i * 100));
        }

        client.Shutdown(SocketShutdown.Send);
        Assert.Empty(await client.ReceiveToEndAsync());
        await server.UntilEmptyAsync();
        Assert.Equal(SocketError.Success, await host.Handlers.Single().Closed);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task No_byte_is_lost_that_came_right_behind_the_request(EventLoopKind kind)
    {
        var host = new Host();
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        foreach (int behind in new[] { 1, 100, 4096, 100_000, 3_000_000 })
        {
            using Socket client = await server.ConnectAsync();
            Task sending = client.SendAllAsync((byte[])[.. Encoding.ASCII.GetBytes(Request), .. Data.Pattern(behind)]);
            await ReadHeadAsync(client);
            Assert.Equal(Data.Pattern(behind), await client.ReceiveExactlyAsync(behind));
            await sending;
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task What_the_request_wrote_arrives_before_what_the_handler_sends(EventLoopKind kind)
    {
        var host = new Host { Greeting = Data.Pattern(2_000_000), Attach = socket => socket.Send("after"u8) };
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using Socket client = await server.ConnectAsync(client => client.ReceiveBufferSize = 4096);
        await client.SendAllAsync(Encoding.ASCII.GetBytes(Request));
        await ReadHeadAsync(client);
        Assert.Equal(Data.Pattern(2_000_000), await client.ReceiveExactlyAsync(2_000_000));
        Assert.Equal("after"u8.ToArray(), await client.ReceiveExactlyAsync(5));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Nothing_of_Kestrel_is_kept_while_the_sockets_live(EventLoopKind kind)
    {
        const int Count = 200;
        var host = new Host();
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        Socket[] clients = await Task.WhenAll(
            Enumerable
                .Range(0, Count)
                .Select(async _ =>
                {
                    Socket client = await server.ConnectAsync();
                    await client.SendAllAsync(Encoding.ASCII.GetBytes(Request));
                    await ReadHeadAsync(client);
                    return client;
                })
        );

        using var patience = new CancellationTokenSource(TestServer.Patience);
        while (host.Contexts.Count < 3 * Count || host.Contexts.Any(context => context.IsAlive))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.False(
                patience.IsCancellationRequested,
                $"{host.Contexts.Count(context => context.IsAlive)} of {host.Contexts.Count} objects of Kestrel are left."
            );
            await Task.Yield();
        }

        Assert.Equal(3 * Count, host.Contexts.Count);
        Assert.Equal(Count, server.Group.SocketCount);
        await Task.WhenAll(
            clients.Select(async client =>
            {
                await client.SendAllAsync(Data.Pattern(50));
                Assert.Equal(Data.Pattern(50), await client.ReceiveExactlyAsync(50));
            })
        );
        foreach (Socket client in clients)
        {
            client.Dispose();
        }

        await server.UntilEmptyAsync();
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_client_that_ended_before_is_reported_to_the_new_handler(EventLoopKind kind)
    {
        var host = new Host();
        await using WebServer server = await WebServer.StartAsync(kind, host.Map);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Encoding.ASCII.GetBytes(Request + "rest"));
        client.Shutdown(SocketShutdown.Send);
        string answer = Encoding.ASCII.GetString(await client.ReceiveToEndAsync());
        Assert.EndsWith("\r\n\r\nrest", answer, StringComparison.Ordinal);
        await server.UntilEmptyAsync();
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_connection_that_has_ended_is_not_detached(EventLoopKind kind)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var result = new TaskCompletionSource<LoopSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new TestHandler();
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app =>
                app.MapGet(
                    "/detach",
                    async context =>
                    {
                        ILoopConnectionFeature feature = context.Features.Get<ILoopConnectionFeature>()!;
                        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                        context.RequestAborted.Register(ended.SetResult);
                        begun.SetResult();
                        await ended.Task;
                        result.SetResult(await feature.DetachAsync(handler));
                    }
                )
        );
        Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Encoding.ASCII.GetBytes(Request));
        await begun.Task.WaitAsync(TestServer.Patience);
        client.Reset();
        Assert.Null(await result.Task.WaitAsync(TestServer.Patience));
        Assert.Equal(0, handler.ClosedCalls);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Detaching_twice_is_refused(EventLoopKind kind)
    {
        var refused = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app =>
                app.MapGet(
                    "/detach",
                    async context =>
                    {
                        ILoopConnectionFeature feature = context.Features.Get<ILoopConnectionFeature>()!;
                        await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
                        await feature.DetachAsync(new TestHandler());
                        Assert.False(feature.CanDetach);
                        refused.SetResult(
                            await Assert.ThrowsAsync<InvalidOperationException>(async () => await feature.DetachAsync(new TestHandler()))
                        );
                    }
                )
        );
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Encoding.ASCII.GetBytes(Request));
        await refused.Task.WaitAsync(TestServer.Patience);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Behind_a_middleware_of_the_connection_detaching_is_refused(EventLoopKind kind)
    {
        var can = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app =>
                app.MapGet(
                    "/detach",
                    context =>
                    {
                        can.SetResult(context.Features.Get<ILoopConnectionFeature>()!.CanDetach);
                        return Task.CompletedTask;
                    }
                ),
            endpoint => Microsoft.AspNetCore.Hosting.ListenOptionsConnectionLoggingExtensions.UseConnectionLogging(endpoint)
        );
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Encoding.ASCII.GetBytes(Request));
        Assert.False(await can.Task.WaitAsync(TestServer.Patience));
    }

    private static async Task<string> ReadHeadAsync(Socket client)
    {
        // Byte by byte, so that nothing behind the head is taken.
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await client.ReceiveExactlyAsync(1))[0]);
        }

        Assert.StartsWith("HTTP/1.1 101", head.ToString(), StringComparison.Ordinal);
        return head.ToString();
    }

    /// <summary>Detaches every request, and remembers its objects weakly.</summary>
    private sealed class Host
    {
        public byte[] Greeting { get; init; } = [];

        public Action<LoopSocket>? Attach { get; init; }

        public ConcurrentBag<WeakReference> Contexts { get; } = [];

        public ConcurrentBag<TestHandler> Handlers { get; } = [];

        public void Map(WebApplication app) =>
            app.MapGet(
                "/detach",
                async context =>
                {
                    await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
                    IDuplexPipe pipe = context.Features.Get<IConnectionTransportFeature>()!.Transport;
                    if (Greeting.Length > 0)
                    {
                        await pipe.Output.WriteAsync(Greeting);
                    }
                    else
                    {
                        await pipe.Output.FlushAsync();
                    }

                    Remember(context);
                    var handler = new TestHandler { Attach = Attach };
                    Handlers.Add(handler);
                    Assert.NotNull(await context.Features.Get<ILoopConnectionFeature>()!.DetachAsync(handler));
                }
            );

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Remember(HttpContext context)
        {
            Contexts.Add(new WeakReference(context.Features.Get<ILoopConnectionFeature>()));
            Contexts.Add(new WeakReference(context.Features.Get<IConnectionTransportFeature>()!.Transport));
            Contexts.Add(new WeakReference(context.Features));
        }
    }
}
