namespace Longwire.AspNetCore.Tests;

public abstract class SlowHandshakeTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : SlowHandshakeTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : SlowHandshakeTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : SlowHandshakeTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_header_that_drips_in_past_the_handshake_s_time_is_refused_with_408()
    {
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket("/echo", new EchoHandler()),
            kestrel: static options => options.Limits.RequestHeadersTimeout = TimeSpan.FromMilliseconds(100)
        );
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.SendAsync("GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: web");
        Assert.Equal(408, new HttpAnswer(await client.ReadHeadAsync()).Status);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task The_handshake_s_time_is_no_limit_for_the_open_connection()
    {
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket("/echo", new EchoHandler()),
            kestrel: static options =>
            {
                options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(3);
                options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(3);
            }
        );
        using RawClient client = await RawClient.OpenAsync(server);
        // Another connection meets both limits: that takes longer than this one would have had.
        using RawClient slow = await RawClient.ConnectAsync(server);
        await slow.SendAsync("GET");
        await slow.ReadToEndAsync();
        using RawClient slower = await RawClient.ConnectAsync(server);
        await slower.SendAsync("GET");
        await slower.ReadToEndAsync();
        await client.SendTextAsync("still here");
        Assert.Equal("still here", await client.ReadTextAsync());
    }

    [Fact]
    public async Task The_application_s_time_limit_for_requests_is_none_for_the_open_connection()
    {
        await using TestServer server = await StartServerAsync(
            static application =>
            {
                application.UseRequestTimeouts();
                application.MapGet("/slow", static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
                application.MapWebSocket(
                    "/echo",
                    static async (socket, context, token) =>
                    {
                        await foreach (WebSocketMessage message in socket.ReadAllAsync(token))
                        {
                            await socket.SendTextAsync($"{message.Text}, {context.RequestAborted.IsCancellationRequested}", token);
                        }
                    }
                );
            },
            static services =>
                services.AddRequestTimeouts(static options => options.DefaultPolicy = new() { Timeout = TimeSpan.FromSeconds(3) })
        );
        using RawClient client = await RawClient.OpenAsync(server);
        // A request that begins later meets its limit, so the time that this one would have had is over.
        using var http = new HttpClient();
        using HttpResponseMessage response = await http.GetAsync(new Uri($"http://localhost:{server.Port}/slow"));
        Assert.Equal(504, (int)response.StatusCode);
        await client.SendTextAsync("still here");
        Assert.Equal("still here, False", await client.ReadTextAsync());
    }
}
