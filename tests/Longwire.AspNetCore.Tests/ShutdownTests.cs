namespace Longwire.AspNetCore.Tests;

public abstract class ShutdownTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : ShutdownTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ShutdownTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ShutdownTests(ServerTransport.IoUring);

    [Fact]
    public async Task Clients_get_1001_and_the_host_stops()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.MapWebSocket("/echo", new EchoHandler());
            application.MapWebSocket("/read", static async (socket, token) => await socket.ReadAsync(token));
        });
        using RawClient handled = await RawClient.OpenAsync(server);
        using RawClient read = await RawClient.OpenAsync(server, "/read");
        await Patience.UntilAsync(() => server.Connections.Count == 2, "both are open");
        Task stopping = server.StopAsync();
        foreach (RawClient client in new[] { handled, read })
        {
            Assert.Equal((1001, "Going away"), await client.ReadCloseAsync());
            await client.SendCloseAsync(1001);
            Assert.Equal("", await client.ReadToEndAsync());
        }

        await stopping.WaitAsync(Patience.Long);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Peers_that_never_answer_and_functions_that_only_send_do_not_hold_the_host()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.MapWebSocket("/echo", new EchoHandler());
            application.MapWebSocket(
                "/flood",
                static async (socket, token) =>
                {
                    byte[] much = new byte[64 << 10];
                    while (true)
                    {
                        await socket.SendAsync(much, MessageType.Binary, token);
                    }
                }
            );
        });
        using RawClient silent = await RawClient.OpenAsync(server);
        // It never reads, so that its server is stuck in a send.
        using RawClient stuck = await RawClient.OpenAsync(server, "/flood");
        await Patience.UntilAsync(
            () => server.Connections.ToArray().Any(static connection => connection.PendingSendBytes > 512 << 10),
            "a send is stuck"
        );
        await server.StopAsync().WaitAsync(Patience.Long);
        Assert.Equal(0, server.Connections.Count);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_handshake_that_is_under_way_when_the_host_stops_does_not_hold_it()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartServerAsync(application =>
            application.MapWebSocket(
                "/echo",
                new EchoHandler(),
                endpoint =>
                {
                    endpoint.Connection = endpoint.Connection with { CloseTimeout = Timeout.InfiniteTimeSpan };
                    endpoint.CreateUserState = async _ =>
                    {
                        arrived.SetResult();
                        await goOn.Task;
                        return null;
                    };
                }
            )
        );
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync(new HandshakeRequest().ToString());
        await arrived.Task.WaitAsync(Patience.Long);
        Task stopping = server.StopAsync();
        await Patience.UntilAsync(() => server.Connections.IsStopping, "the host is stopping");
        goOn.SetResult();
        await stopping.WaitAsync(Patience.Long);
        Assert.Equal(0, server.Connections.Count);
    }
}
