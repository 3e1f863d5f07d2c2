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
    public async Task A_handler_that_is_registered_as_scoped_is_made_for_each_connection_and_disposed_of_with_it()
    {
        await using TestServer server = await StartServerAsync(
            static application => application.MapWebSocket<ScopedHandler>("/count"),
            static services => services.AddScoped<ScopedHandler>().AddScoped<Visit>().AddSingleton<Visits>()
        );
        Visits visits = server.Services.GetRequiredService<Visits>();
        using RawClient first = await RawClient.OpenAsync(server, "/count");
        Assert.Equal("visit 1", await first.ReadTextAsync());
        using RawClient second = await RawClient.OpenAsync(server, "/count");
        Assert.Equal("visit 2", await second.ReadTextAsync());
        // Its services are there as long as the connection.
        await first.SendTextAsync("still there?");
        Assert.Equal("visit 1, over: False", await first.ReadTextAsync());
        await first.SendCloseAsync(1000);
        await first.ReadToEndAsync();
        await Patience.UntilAsync(() => visits.Over == 1, "the first visit is over");
    }

    [Fact]
    public async Task A_handler_for_all_connections_can_t_take_a_scoped_service()
    {
        InvalidOperationException fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            StartServerAsync(
                static application => application.MapWebSocket<ScopedHandler>("/count"),
                static services => services.AddScoped<Visit>().AddSingleton<Visits>()
            )
        );
        Assert.Contains(nameof(Visit), fault.Message, StringComparison.Ordinal);
        Assert.Contains("AddScoped<ScopedHandler>()", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_for_all_connections_can_t_take_a_scoped_service_by_way_of_another_one()
    {
        InvalidOperationException fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            StartServerAsync(
                static application => application.MapWebSocket<IndirectHandler>("/count"),
                static services => services.AddSingleton<IndirectHandler>().AddTransient<Guide>().AddScoped<Visit>().AddSingleton<Visits>()
            )
        );
        Assert.Contains(nameof(Guide), fault.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Visit), fault.Message, StringComparison.Ordinal);
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

    private sealed class Visits
    {
        private int _count;
        private int _over;

        public int Over => Volatile.Read(ref _over);

        public int Next() => Interlocked.Increment(ref _count);

        public void End() => Interlocked.Increment(ref _over);
    }

    private sealed class Visit(Visits visits) : IDisposable
    {
        public int Number { get; } = visits.Next();

        public bool IsOver { get; private set; }

        public void Dispose()
        {
            IsOver = true;
            visits.End();
        }
    }

    private sealed class Guide(Visit visit)
    {
        public Visit Visit => visit;
    }

    private sealed class ScopedHandler(Visit visit) : WebSocketHandler
    {
        public override void OnOpen(WebSocketConnection connection) => Say(connection, $"visit {visit.Number}");

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            Say(connection, $"visit {visit.Number}, over: {visit.IsOver}");

        private static void Say(WebSocketConnection connection, string text) =>
            connection.TrySend(System.Text.Encoding.UTF8.GetBytes(text), MessageType.Text);
    }

    private sealed class IndirectHandler(Guide guide) : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            connection.TrySend(BitConverter.GetBytes(guide.Visit.Number), MessageType.Binary);
    }
}
