namespace Longwire.AspNetCore.Tests;

public abstract class HandlerEndpointTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : HandlerEndpointTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : HandlerEndpointTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : HandlerEndpointTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_handler_gets_its_services_from_the_container()
    {
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket<GreetingHandler>("/greet"),
            static services => services.AddSingleton(new Greeting("welcome"))
        );
        using RawClient client = await RawClient.OpenAsync(server, "/greet");
        Assert.Equal("welcome", await client.ReadTextAsync());
    }

    [Fact]
    public async Task A_registered_handler_is_the_one_that_is_registered()
    {
        var handler = new GreetingHandler(new Greeting("from the container"));
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket<GreetingHandler>("/greet"),
            services => services.AddSingleton(handler)
        );
        using RawClient client = await RawClient.OpenAsync(server, "/greet");
        Assert.Equal("from the container", await client.ReadTextAsync());
    }

    [Fact]
    public async Task A_handler_that_fails_closes_with_1011_and_is_logged_once_without_the_query()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket("/fail", new FailingHandler())
        );
        using RawClient client = await RawClient.OpenAsync(server, "/fail?token=secret");
        await client.SendTextAsync("a message that is nobody's business");
        Assert.Equal((1011, "Internal error"), await client.ReadCloseAsync());
        await client.SendCloseAsync(1011);
        await client.ReadToEndAsync();
        await Patience.UntilAsync(() => server.Log.Errors.Count != 0, "the failure is logged");
        (LogLevel _, string text, Exception? exception) = Assert.Single(server.Log.Errors);
        Assert.IsType<NotImplementedException>(exception);
        Assert.Contains("/fail", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("business", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_subprotocol_that_was_agreed_on_is_known_to_the_handler()
    {
        var handler = new EchoHandler();
        await using TestServer server = await StartServerAsync(application =>
            application.MapWebSocket("/echo", handler, static endpoint => endpoint.Subprotocols = ["chat.v1"])
        );
        using RawClient client = await RawClient.ConnectAsync(server);
        await client.AskAsync(new HandshakeRequest().With("Sec-WebSocket-Protocol", "chat.v1"));
        await client.SendCloseAsync(1000);
        Assert.Equal("chat.v1", (await handler.Closed).Connection.Subprotocol);
    }

    private sealed record Greeting(string Text);

    private sealed class GreetingHandler(Greeting greeting) : WebSocketHandler
    {
        public override void OnOpen(WebSocketConnection connection) =>
            connection.TrySend(System.Text.Encoding.UTF8.GetBytes(greeting.Text), MessageType.Text);

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) { }
    }

    private sealed class FailingHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            throw new NotImplementedException();
    }
}
