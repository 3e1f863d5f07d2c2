namespace Longwire.AspNetCore.Tests;

public abstract class RoutingTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : RoutingTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : RoutingTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : RoutingTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_GET_endpoint_may_share_the_path()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.MapGet("/", static () => "a page");
            application.MapWebSocket("/", new EchoHandler());
        });
        Assert.Equal("a page", await GetAsync(server, "/"));
        using RawClient client = await RawClient.OpenAsync(server, "/");
        await client.SendTextAsync("a message");
        Assert.Equal("a message", await client.ReadTextAsync());
    }

    [Fact]
    public async Task A_wrong_handshake_at_a_shared_path_is_still_told_what_is_wrong()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.MapGet("/", static () => "a page");
            application.MapWebSocket("/", new EchoHandler());
        });
        HandshakeRequest request = new HandshakeRequest { Path = "/" }.With("Sec-WebSocket-Version", "12");
        Assert.Equal(426, (await RawClient.AskAsync(server, request)).Status);
    }

    [Fact]
    public async Task A_POST_to_a_shared_path_is_told_the_allowed_method()
    {
        await using TestServer server = await StartServerAsync(static application =>
        {
            application.MapGet("/", static () => "a page");
            application.MapWebSocket("/", new EchoHandler());
        });
        HttpAnswer answer = await RawClient.AskAsync(server, new HandshakeRequest { Method = "POST", Path = "/" }.With("Upgrade", null));
        Assert.Equal((405, "GET"), (answer.Status, answer["Allow"]));
    }

    [Fact]
    public async Task A_request_that_is_no_handshake_is_told_what_is_spoken_here()
    {
        await using TestServer server = await StartServerAsync(static application => application.MapWebSocket("/echo", new EchoHandler()));
        using var http = new HttpClient();
        using HttpResponseMessage response = await http.GetAsync(new Uri($"http://localhost:{server.Port}/echo"));
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("WebSocket", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_values_reach_the_function()
    {
        await using TestServer server = await StartServerAsync(static application =>
            application.MapWebSocket(
                "/rooms/{room}",
                static async (socket, context, token) => await socket.SendTextAsync($"in {context.Request.RouteValues["room"]}", token)
            )
        );
        using RawClient client = await RawClient.OpenAsync(server, "/rooms/lobby");
        Assert.Equal("in lobby", await client.ReadTextAsync());
    }

    [Fact]
    public async Task Endpoints_start_from_the_application_s_options_and_keep_their_own()
    {
        await using TestServer server = await StartServerAsync(
            static application =>
            {
                application.MapWebSocket("/own", new EchoHandler(), static endpoint => endpoint.Subprotocols.Add("own"));
                application.MapWebSocket("/common", new EchoHandler());
            },
            static services => services.AddLongwire(static endpoint => endpoint.Subprotocols = ["common"])
        );
        Assert.Equal("common", await ChosenAsync("/common"));
        Assert.Equal("common", await ChosenAsync("/own"));
        HandshakeRequest onlyOwn = new HandshakeRequest { Path = "/common" }.With("Sec-WebSocket-Protocol", "own");
        Assert.Null((await RawClient.AskAsync(server, onlyOwn))["Sec-WebSocket-Protocol"]);

        async Task<string?> ChosenAsync(string path) =>
            (await RawClient.AskAsync(server, new HandshakeRequest { Path = path }.With("Sec-WebSocket-Protocol", "own, common")))[
                "Sec-WebSocket-Protocol"
            ];
    }

    [Fact]
    public async Task An_application_without_the_services_is_told_which_call_is_missing()
    {
        await using WebApplication application = WebApplication.CreateSlimBuilder().Build();
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() =>
            application.MapWebSocket("/echo", new EchoHandler())
        );
        Assert.Contains("AddLongwire()", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat v1")]
    [InlineData("chat\r\nX-Broken: 1")]
    [InlineData("")]
    public async Task A_subprotocol_that_is_no_token_is_refused_when_it_is_mapped(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() =>
            StartServerAsync(application =>
                application.MapWebSocket("/echo", new EchoHandler(), endpoint => endpoint.Subprotocols = [name])
            )
        );
    }

    [Fact]
    public async Task To_require_a_subprotocol_without_naming_one_is_refused_when_it_is_mapped()
    {
        await Assert.ThrowsAsync<ArgumentException>(() =>
            StartServerAsync(static application =>
                application.MapWebSocket("/echo", new EchoHandler(), static endpoint => endpoint.RequireSubprotocol = true)
            )
        );
    }

    private static async Task<string> GetAsync(TestServer server, string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://localhost:{server.Port}{path}"));
    }
}
