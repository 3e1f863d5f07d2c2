namespace Longwire.AspNetCore.Tests;

/// <summary>Endpoints whose connections are served by a function.</summary>
public abstract class FunctionEndpointTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : FunctionEndpointTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : FunctionEndpointTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : FunctionEndpointTests(ServerTransport.IoUring);

    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task When_the_function_returns_the_connection_is_closed_with_1000()
    {
        await using TestServer server = await StartAsync(
            static async (socket, _) =>
            {
                WebSocketMessage message = await socket.ReadAsync();
                await socket.SendTextAsync("you said " + message.Text);
            }
        );
        using RawClient client = await RawClient.OpenAsync(server);
        await client.SendTextAsync("hello");
        Assert.Equal("you said hello", await client.ReadTextAsync());
        Assert.Equal((1000, ""), await client.ReadCloseAsync());
    }

    [Fact]
    public async Task A_function_that_throws_closes_with_1011_and_is_logged_once_without_secrets()
    {
        await using TestServer server = await StartAsync(
            static async (socket, _) =>
            {
                await socket.ReadAsync();
                throw new NotImplementedException();
            }
        );
        using RawClient client = await RawClient.OpenAsync(server, "/echo?token=secret");
        await client.SendTextAsync("private");
        Assert.Equal((1011, "Internal error"), await client.ReadCloseAsync());
        (LogLevel _, string text, Exception? exception) = Assert.Single(server.Log.Errors);
        Assert.IsType<NotImplementedException>(exception);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("private", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_is_cancelled_when_the_connection_is_over()
    {
        await using TestServer server = await StartAsync(
            async (socket, token) =>
            {
                token.Register(_served.SetResult);
                await socket.SendTextAsync("begun");
                await Task.Delay(Timeout.Infinite, token);
            }
        );
        RawClient client = await RawClient.OpenAsync(server);
        // A client that is gone before the function begins may never have been there.
        Assert.Equal("begun", await client.ReadTextAsync());
        client.Reset();
        await _served.Task.WaitAsync(Patience.Long);
        await AssertQuietAndEmptyAsync(server);
    }

    [Fact]
    public async Task A_connection_that_is_over_is_forgotten_even_while_its_function_goes_on()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await StartAsync(async (_, _) => await goOn.Task);
        RawClient client = await RawClient.OpenAsync(server);
        client.Reset();
        await Patience.UntilAsync(() => server.Connections.Count == 0, "the connection is forgotten");
        goOn.SetResult();
    }

    [Fact]
    public async Task A_read_that_the_peer_s_close_ends_is_no_error()
    {
        await using TestServer server = await StartAsync(
            async (socket, _) =>
            {
                try
                {
                    await socket.ReadAsync();
                }
                finally
                {
                    _served.SetResult();
                }
            }
        );
        using RawClient client = await RawClient.OpenAsync(server);
        await client.SendCloseAsync(3000);
        Assert.Equal((3000, ""), await client.ReadCloseAsync());
        await _served.Task.WaitAsync(Patience.Long);
        await AssertQuietAndEmptyAsync(server);
    }

    [Fact]
    public async Task A_send_into_a_connection_that_closes_is_no_error()
    {
        await using TestServer server = await StartAsync(
            async (socket, _) =>
            {
                socket.TryClose(CloseStatus.GoingAway);
                try
                {
                    await socket.SendTextAsync("too late");
                }
                finally
                {
                    _served.SetResult();
                }
            }
        );
        // It doesn't answer the Close, so that the connection is still closing when the function fails.
        using RawClient client = await RawClient.OpenAsync(server);
        Assert.Equal((1001, ""), await client.ReadCloseAsync());
        await _served.Task.WaitAsync(Patience.Long);
        await client.SendCloseAsync(1001);
        await AssertQuietAndEmptyAsync(server);
    }

    [Fact]
    public async Task A_send_that_waits_when_the_peer_goes_away_is_no_error()
    {
        await using TestServer server = await StartAsync(
            static async (socket, _) =>
            {
                byte[] much = new byte[64 << 10];
                while (true)
                {
                    await socket.SendAsync(much, MessageType.Binary);
                }
            }
        );
        // Again and again, as it matters which of the two directions hears of the reset first.
        for (int i = 0; i < 20; i++)
        {
            RawClient client = await RawClient.OpenAsync(server);
            await Patience.UntilAsync(
                () => server.Connections.ToArray().Any(static connection => connection.PendingSendBytes > 512 << 10),
                "a send waits"
            );
            client.Reset();
            await Patience.UntilAsync(() => server.Connections.Count == 0, "the connection is forgotten");
        }

        await AssertQuietAndEmptyAsync(server);
    }

    [Fact]
    public async Task The_request_s_own_token_ends_the_function_without_an_error()
    {
        await using TestServer server = await StartServerAsync(application =>
            application.MapWebSocket(
                "/echo",
                async (_, context, _) =>
                {
                    try
                    {
                        await Task.Delay(Timeout.Infinite, context.RequestAborted);
                    }
                    finally
                    {
                        _served.SetResult();
                    }
                }
            )
        );
        RawClient client = await RawClient.OpenAsync(server);
        client.Reset();
        await _served.Task.WaitAsync(Patience.Long);
        await AssertQuietAndEmptyAsync(server);
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 0x02, 0x68, 0x69 }, 1002)] // not masked
    [InlineData(new byte[] { 0xf1, 0x80, 1, 2, 3, 4 }, 1002)] // reserved bits
    [InlineData(new byte[] { 0x81, 0x81, 0, 0, 0, 0, 0xff }, 1007)] // no UTF-8
    [InlineData(new byte[] { 0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4 }, 1009)] // 4 GiB announced
    public async Task A_peer_s_misbehaviour_is_no_error_of_the_application(byte[] bytes, int status)
    {
        await using TestServer server = await StartAsync(
            static async (socket, token) =>
            {
                while (true)
                {
                    await socket.ReadAsync(token);
                }
            }
        );
        using RawClient client = await RawClient.OpenAsync(server);
        await client.SendAsync(bytes);
        Assert.Equal(status, (await client.ReadCloseAsync()).Status);
        client.Dispose();
        await AssertQuietAndEmptyAsync(server);
    }

    private Task<TestServer> StartAsync(Func<WebSocketConnection, CancellationToken, Task> serve) =>
        StartServerAsync(application => application.MapWebSocket("/echo", serve));

    private static async Task AssertQuietAndEmptyAsync(TestServer server)
    {
        await Patience.UntilAsync(() => server.Connections.Count == 0, "the connection is forgotten");
        await server.StopAsync();
        Assert.Empty(server.Log.Errors);
    }
}
