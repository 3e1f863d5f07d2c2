using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Longwire.AspNetCore.Tests;

/// <summary>RFC 8441: handshakes over HTTP/2.</summary>
public abstract class Http2HandshakeTests(ServerTransport transport) : ServerTests(transport), IAsyncLifetime
{
    public sealed class OnKestrel() : Http2HandshakeTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : Http2HandshakeTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : Http2HandshakeTests(ServerTransport.IoUring);

    private readonly SocketsHttpHandler _http = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await StartServerAsync(
            static application =>
            {
                application.MapGet("/", static () => "a page");
                application.MapWebSocket("/", new EchoHandler(), static endpoint => endpoint.Subprotocols = ["chat.v1"]);
                application.MapWebSocket("/wait", static (socket, token) => Task.Delay(Timeout.Infinite, token));
            },
            protocols: HttpProtocols.Http2
        );

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Many_WebSockets_share_one_connection_with_ordinary_requests()
    {
        var sockets = new List<WebSocketConnection>();
        for (int i = 0; i < 10; i++)
        {
            using HttpRequestMessage request = Handshake("/");
            request.Headers.Add("Sec-WebSocket-Protocol", "chat.v1");
            HttpResponseMessage response = await AskAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("chat.v1", response.Headers.GetValues("Sec-WebSocket-Protocol").Single());
            Assert.False(response.Headers.Contains("Sec-WebSocket-Accept"));
            sockets.Add(WebSocketConnection.FromStream(await response.Content.ReadAsStreamAsync(), WebSocketRole.Client));
        }

        using HttpResponseMessage page = await AskAsync(
            new HttpRequestMessage(HttpMethod.Get, Address("/"))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            }
        );
        Assert.Equal("a page", await page.Content.ReadAsStringAsync());
        foreach (WebSocketConnection socket in sockets)
        {
            await socket.SendTextAsync("hello");
            Assert.Equal("hello", (await socket.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text);
            await socket.CloseAsync().WaitAsync(Patience.Long);
            Assert.Equal(CloseStatus.NormalClosure, socket.CloseStatus);
        }

        await Patience.UntilAsync(() => _server.Connections.Count == 0, "all are forgotten");
        Assert.Empty(_server.Log.Errors);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example", 403)]
    [InlineData("Sec-WebSocket-Version", "12", 426)]
    [InlineData("Sec-WebSocket-Protocol", "a, a", 400)]
    [InlineData("Sec-WebSocket-Extensions", ";", 400)]
    public async Task A_wrong_handshake_is_refused_as_over_HTTP_1(string name, string value, int status)
    {
        using HttpRequestMessage request = Handshake("/");
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage response = await AskAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Connection"));
        Assert.False(response.Headers.Contains("Upgrade"));
        Assert.Empty(_server.Log.Errors);
    }

    [Fact]
    public async Task When_the_host_stops_they_get_1001_too()
    {
        using HttpRequestMessage request = Handshake("/wait");
        HttpResponseMessage response = await AskAsync(request);
        WebSocketConnection socket = WebSocketConnection.FromStream(await response.Content.ReadAsStreamAsync(), WebSocketRole.Client);
        await Patience.UntilAsync(() => _server.Connections.Count == 1, "it is open");
        await _server.StopAsync().WaitAsync(Patience.Long);
        await socket.Completion.WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.GoingAway, socket.CloseStatus);
        Assert.Empty(_server.Log.Errors);
    }

    private Uri Address(string path) => new($"http://localhost:{_server.Port}{path}");

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request)
    {
        using var invoker = new HttpMessageInvoker(_http, disposeHandler: false);
        return await invoker.SendAsync(request, CancellationToken.None).WaitAsync(Patience.Long);
    }

    private HttpRequestMessage Handshake(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Connect, Address(path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Protocol = "websocket";
        request.Headers.Add("Sec-WebSocket-Version", "13");
        return request;
    }
}
