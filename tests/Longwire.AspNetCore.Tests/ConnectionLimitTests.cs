using Microsoft.AspNetCore.Http.Features;

namespace Longwire.AspNetCore.Tests;

public abstract class ConnectionLimitTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : ConnectionLimitTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ConnectionLimitTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ConnectionLimitTests(ServerTransport.IoUring);

    [Fact]
    public async Task Over_the_total_limit_a_handshake_gets_503_and_when_to_come_back()
    {
        await using TestServer server = await StartAsync(static endpoint =>
        {
            endpoint.MaxConnections = 2;
            endpoint.RetryAfter = TimeSpan.FromSeconds(7.2);
        });
        using RawClient first = await RawClient.OpenAsync(server);
        using RawClient second = await RawClient.OpenAsync(server);
        HttpAnswer answer = await RawClient.AskAsync(server, new HandshakeRequest());
        Assert.Equal((503, "8"), (answer.Status, answer["Retry-After"]));
    }

    [Fact]
    public async Task A_connection_that_is_over_makes_room()
    {
        await using TestServer server = await StartAsync(static endpoint => endpoint.MaxConnections = 1);
        using (RawClient first = await RawClient.OpenAsync(server))
        {
            await first.SendCloseAsync(1000);
            await first.ReadToEndAsync();
        }

        await Patience.UntilAsync(() => server.Connections.Count == 0, "the connection is over");
        await AssertHasRoomAsync(server);
    }

    [Fact]
    public async Task A_refused_handshake_takes_no_place()
    {
        await using TestServer server = await StartAsync(static endpoint => endpoint.MaxConnections = 1);
        Assert.Equal(403, (await RawClient.AskAsync(server, new HandshakeRequest().With("Origin", "https://evil.example"))).Status);
        Assert.Equal(426, (await RawClient.AskAsync(server, new HandshakeRequest().With("Sec-WebSocket-Version", "1"))).Status);
        await AssertHasRoomAsync(server);
    }

    [Fact]
    public async Task Each_address_has_a_limit_of_its_own()
    {
        await using TestServer server = await StartAsync(static endpoint => endpoint.MaxConnectionsPerAddress = 1);
        using RawClient first = await RawClient.OpenAsync(server, from: "127.0.0.1");
        using RawClient second = await RawClient.OpenAsync(server, from: "127.0.0.2");
        using RawClient third = await RawClient.ConnectAsync(server, from: "127.0.0.2");
        Assert.Equal(503, (await third.AskAsync(new HandshakeRequest())).Status);
    }

    [Fact]
    public async Task Over_the_limit_it_may_open_and_close_with_1013_instead()
    {
        await using TestServer server = await StartAsync(static endpoint =>
        {
            endpoint.MaxConnections = 1;
            endpoint.ConnectionLimitAnswer = ConnectionLimitAnswer.TryAgainLater;
        });
        using RawClient first = await RawClient.OpenAsync(server);
        using RawClient second = await RawClient.OpenAsync(server);
        await second.SendTextAsync("dropped");
        Assert.Equal((1013, "Try again later"), await second.ReadCloseAsync());
        await second.SendCloseAsync(1013);
        await second.ReadToEndAsync();
        await first.SendTextAsync("undisturbed");
        Assert.Equal("undisturbed", await first.ReadTextAsync());
    }

    [Fact]
    public async Task A_peer_over_the_limit_that_never_answers_the_close_is_let_go_soon()
    {
        await using TestServer server = await StartAsync(static endpoint =>
        {
            endpoint.MaxConnections = 0;
            endpoint.ConnectionLimitAnswer = ConnectionLimitAnswer.TryAgainLater;
            endpoint.Connection = endpoint.Connection with { CloseTimeout = Timeout.InfiniteTimeSpan };
        });
        using RawClient client = await RawClient.OpenAsync(server);
        Assert.Equal(1013, (await client.ReadCloseAsync()).Status);
        await client.ReadToEndAsync();
    }

    [Fact]
    public async Task Over_Kestrel_s_own_limit_of_upgrades_a_handshake_gets_503_and_no_error_is_logged()
    {
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket("/echo", new EchoHandler()),
            kestrel: static options => options.Limits.MaxConcurrentUpgradedConnections = 1
        );
        using RawClient first = await RawClient.OpenAsync(server);
        HttpAnswer answer = await RawClient.AskAsync(server, new HandshakeRequest());
        Assert.Equal((503, "5"), (answer.Status, answer["Retry-After"]));
        Assert.Null(answer["Sec-WebSocket-Accept"]);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_handshake_whose_answer_can_t_be_sent_gives_its_place_back_once()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.Use(
                static (context, next) =>
                {
                    if (context.Request.Headers.ContainsKey("X-Broken"))
                    {
                        context.Features.Set<IHttpUpgradeFeature>(new BrokenUpgrade());
                    }

                    return next(context);
                }
            );
            application.MapWebSocket("/echo", new EchoHandler(), static endpoint => endpoint.MaxConnections = 1);
        });
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(500, (await RawClient.AskAsync(server, new HandshakeRequest().And("X-Broken", "1"))).Status);
        }

        using RawClient first = await RawClient.OpenAsync(server);
        Assert.Equal(503, (await RawClient.AskAsync(server, new HandshakeRequest())).Status);
    }

    private sealed class BrokenUpgrade : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => true;

        public Task<Stream> UpgradeAsync() => throw new IOException("The client is gone.");
    }

    private Task<TestServer> StartAsync(Action<WebSocketEndpointOptions> configure) =>
        StartServerAsync(application => application.MapWebSocket("/echo", new EchoHandler(), configure));

    // The place is given back a moment after the connection is forgotten.
    private static async Task AssertHasRoomAsync(TestServer server)
    {
        long start = Environment.TickCount64;
        while ((await RawClient.AskAsync(server, new HandshakeRequest())).Status != 101)
        {
            Assert.True(Environment.TickCount64 - start < Patience.Long.TotalMilliseconds, "The place was never given back.");
        }
    }
}
