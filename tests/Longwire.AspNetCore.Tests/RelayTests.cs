using Longwire.Client;

namespace Longwire.AspNetCore.Tests;

/// <summary>An endpoint that is a proxy: the dialer comes from the services, and two connections are joined.</summary>
public abstract class RelayTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : RelayTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : RelayTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : RelayTests(ServerTransport.IoUring);

    [Fact]
    public async Task Messages_status_and_reason_go_through_a_proxy()
    {
        await using TestServer behind = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/",
                static async (WebSocketConnection socket) =>
                {
                    await foreach (WebSocketMessage message in socket.ReadAllAsync())
                    {
                        if (message.Text == "bye")
                        {
                            await socket.CloseAsync((CloseStatus)4321, "as you say");
                            return;
                        }

                        await socket.SendAsync(message);
                    }
                }
            )
        );
        await using TestServer proxy = await StartServerAsync(
            application =>
                application.MapWebSocket(
                    "/proxy",
                    async (WebSocketConnection socket, IWebSocketDialer dialer, CancellationToken ended) =>
                    {
                        WebSocketConnection upstream = await dialer.ConnectAsync(new($"ws://127.0.0.1:{behind.Port}/"), ended);
                        await socket.RelayAsync(upstream, ended);
                    }
                ),
            static services => services.AddWebSocketClient()
        );
        WebSocketConnection client = await WebSocketClient.ConnectAsync(new($"ws://127.0.0.1:{proxy.Port}/proxy")).WaitAsync(Patience.Long);
        foreach (int length in new[] { 1, 1000, 100_000, 900_000 })
        {
            string text = new('x', length);
            await client.SendTextAsync(text);
            Assert.Equal(text, (await client.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text);
        }

        await client.SendTextAsync("bye");
        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() =>
            client.ReadAsync().AsTask().WaitAsync(Patience.Long)
        );
        Assert.Equal(((CloseStatus)4321, "as you say"), (closed.Status, closed.Reason));
    }

    [Fact]
    public async Task What_the_client_closes_with_reaches_the_server_behind()
    {
        var told = new TaskCompletionSource<(CloseStatus?, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer behind = await StartServerAsync(application =>
            application.MapWebSocket(
                "/",
                async (WebSocketConnection socket) =>
                {
                    string last = "";
                    await foreach (WebSocketMessage message in socket.ReadAllAsync())
                    {
                        last = message.Text;
                    }

                    Assert.Equal("last words", last);
                    told.SetResult((socket.CloseStatus, socket.CloseReason));
                }
            )
        );
        await using TestServer proxy = await StartServerAsync(
            application =>
                application.MapWebSocket(
                    "/proxy",
                    async (WebSocketConnection socket, IWebSocketDialer dialer, CancellationToken ended) =>
                    {
                        WebSocketConnection upstream = await dialer.ConnectAsync(new($"ws://127.0.0.1:{behind.Port}/"), ended);
                        await socket.RelayAsync(upstream, ended);
                    }
                ),
            static services => services.AddWebSocketClient()
        );
        WebSocketConnection client = await WebSocketClient.ConnectAsync(new($"ws://127.0.0.1:{proxy.Port}/proxy")).WaitAsync(Patience.Long);
        await client.SendTextAsync("last words");
        await client.CloseAsync((CloseStatus)4000, "enough").WaitAsync(Patience.Long);
        Assert.Equal(((CloseStatus)4000, "enough"), await told.Task.WaitAsync(Patience.Long));
    }
}
