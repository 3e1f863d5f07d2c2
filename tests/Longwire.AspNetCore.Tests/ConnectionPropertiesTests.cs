using System.Net;
using Longwire.Client;
using Microsoft.AspNetCore.HttpOverrides;

namespace Longwire.AspNetCore.Tests;

/// <summary>A connection's properties and end points, and its disposal.</summary>
public abstract class ConnectionPropertiesTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : ConnectionPropertiesTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ConnectionPropertiesTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ConnectionPropertiesTests(ServerTransport.IoUring);

    [Theory]
    [InlineData("/function")]
    [InlineData("/request")]
    public async Task Both_sides_know_both_end_points(string path)
    {
        await using TestServer server = await StartServerAsync(MapDescription);
        await using WebSocketConnection client = await WebSocketClient.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}{path}"));
        string seen = (await client.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text;
        Assert.Equal($"{client.LocalEndPoint} {client.RemoteEndPoint}", seen);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, server.Port), client.RemoteEndPoint);
    }

    [Theory]
    [InlineData("/function")]
    [InlineData("/request")]
    public async Task Behind_a_proxy_the_remote_end_point_is_the_forwarded_one(string path)
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor });
            application.UseRouting();
            MapDescription(application);
        });
        await using WebSocketConnection client = await WebSocketClient.ConnectAsync(
            new Uri($"ws://127.0.0.1:{server.Port}{path}"),
            new WebSocketClientOptions { Headers = [new("X-Forwarded-For", "203.0.113.7")] }
        );
        string seen = (await client.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text;
        Assert.StartsWith("203.0.113.7:", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_connection_has_an_id_of_its_own()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket("/", static (socket, token) => socket.SendTextAsync(socket.Id, token).AsTask())
        );
        var ids = new HashSet<string>();
        for (int i = 0; i < 10; i++)
        {
            await using WebSocketConnection client = await WebSocketClient.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/"));
            Assert.True(ids.Add((await client.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text));
            Assert.True(ids.Add(client.Id));
        }
    }

    [Fact]
    public async Task Disposing_closes_with_1000_and_the_token_of_the_end_is_cancelled_on_both_sides()
    {
        var ended = new TaskCompletionSource<CloseStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartServerAsync(application =>
            application.MapWebSocket(
                "/",
                async (socket, token) =>
                {
                    _ = socket.ConnectionClosed.Register(() => ended.SetResult(socket.CloseStatus));
                    await foreach (WebSocketMessage message in socket.ReadAllAsync(token))
                    {
                        await socket.SendAsync(message, token);
                    }
                }
            )
        );
        WebSocketConnection client = await WebSocketClient.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/"));
        await using (client)
        {
            await client.SendTextAsync("hello");
            Assert.Equal("hello", (await client.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text);
            Assert.False(client.ConnectionClosed.IsCancellationRequested);
        }

        Assert.Equal(CloseStatus.NormalClosure, await ended.Task.WaitAsync(Patience.Long));
        Assert.Equal((WebSocketPhase.Closed, CloseStatus.NormalClosure), (client.State, client.CloseStatus));
        Assert.True(client.ConnectionClosed.IsCancellationRequested);
        await client.DisposeAsync();
    }

    private static void MapDescription(WebApplication application)
    {
        application.MapWebSocket("/function", static (socket, token) => DescribeAsync(socket, token));
        application.MapWebSocket("/request", static (socket, _, token) => DescribeAsync(socket, token));
    }

    private static async Task DescribeAsync(WebSocketConnection socket, CancellationToken cancellationToken)
    {
        await socket.SendTextAsync($"{socket.RemoteEndPoint} {socket.LocalEndPoint}", cancellationToken);
        await foreach (WebSocketMessage _ in socket.ReadAllAsync(cancellationToken)) { }
    }
}
