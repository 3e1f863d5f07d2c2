using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Longwire.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Longwire.AspNetCore.Tests;

/// <summary>
/// WebSocket over HTTP/2 (RFC 8441): Longwire's client and Longwire's endpoints on Kestrel, many sockets on one TCP connection.
/// </summary>
public abstract class Http2Tests(ServerTransport transport) : ServerTests(transport), IAsyncLifetime
{
    public sealed class OnKestrel() : Http2Tests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : Http2Tests(ServerTransport.Epoll);

    public sealed class OnIoUring() : Http2Tests(ServerTransport.IoUring);

    private readonly X509Certificate2 _certificate = TestServer.CreateCertificate();
    private readonly ConcurrentDictionary<string, WebSocketConnection> _served = new();
    private readonly ConcurrentDictionary<int, string> _tcpConnections = new();
    private HttpMessageInvoker _invoker = null!;
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _invoker = new HttpMessageInvoker(CreateHandler());
        _server = await StartAsync(HttpProtocols.Http1AndHttp2, _certificate);
    }

    public async ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        await _server.DisposeAsync();
        _certificate.Dispose();
    }

    [Fact]
    public async Task Many_sockets_share_one_TCP_connection_and_each_gets_its_own_messages()
    {
        WebSocketConnection[] sockets = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => ConnectAsync("/echo")));
        await Task.WhenAll(
            sockets.Select(
                static async (socket, i) =>
                {
                    byte[] bytes = [(byte)i, 0, 255];
                    for (int round = 0; round < 5; round++)
                    {
                        await socket.SendTextAsync($"socket {i}, round {round}");
                        await socket.SendAsync(bytes, MessageType.Binary);
                        WebSocketMessage text = await ReadAsync(socket);
                        Assert.Equal((MessageType.Text, $"socket {i}, round {round}"), (text.Type, text.Text));
                        WebSocketMessage binary = await ReadAsync(socket);
                        Assert.Equal(MessageType.Binary, binary.Type);
                        Assert.Equal(bytes, binary.Payload.ToArray());
                    }
                }
            )
        );
        Assert.Equal("HTTP/2", Assert.Single(_tcpConnections).Value);
        await Task.WhenAll(sockets.Select(static socket => socket.CloseAsync())).WaitAsync(Patience.Long);
        Assert.All(sockets, static socket => Assert.Equal(CloseStatus.NormalClosure, socket.CloseStatus));
    }

    [Fact]
    public async Task Without_an_invoker_every_socket_has_a_TCP_connection_of_its_own()
    {
        var options = new WebSocketClientOptions { HttpVersion = HttpVersion.Version20, Tls = Trust() };
        foreach (int i in new[] { 1, 2 })
        {
            WebSocketConnection socket = await WebSocketClient.ConnectAsync(Address("/echo"), options);
            await socket.SendTextAsync("hello");
            Assert.Equal("hello", (await ReadAsync(socket)).Text);
            await socket.CloseAsync().WaitAsync(Patience.Long);
            Assert.Equal(i, _tcpConnections.Count);
        }

        Assert.All(_tcpConnections.Values, static protocol => Assert.Equal("HTTP/2", protocol));
    }

    [Fact]
    public async Task An_HttpClient_serves_as_the_invoker()
    {
        using var http = new HttpClient(CreateHandler());
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(
            Address("/echo"),
            new WebSocketClientOptions { HttpVersion = HttpVersion.Version20, Invoker = http }
        );
        await socket.SendTextAsync("hello");
        Assert.Equal("hello", (await ReadAsync(socket)).Text);
        await socket.CloseAsync().WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task HTTP_2_is_spoken_without_TLS_too()
    {
        await using TestServer server = await StartAsync(HttpProtocols.Http2, null);
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(
            new Uri($"ws://127.0.0.1:{server.Port}/echo"),
            new WebSocketClientOptions { HttpVersion = HttpVersion.Version20 }
        );
        await socket.SendTextAsync("hello");
        Assert.Equal("hello", (await ReadAsync(socket)).Text);
        await socket.CloseAsync(CloseStatus.GoingAway).WaitAsync(Patience.Long);
        Assert.Equal("HTTP/2", Assert.Single(_tcpConnections).Value);
    }

    [Fact]
    public async Task A_message_that_is_larger_than_any_window_comes_back_whole()
    {
        WebSocketConnection socket = await ConnectAsync("/echo");
        byte[] large = new byte[1 << 20];
        new Random(1).NextBytes(large);
        for (int i = 0; i < 3; i++)
        {
            await socket.SendAsync(large, MessageType.Binary);
            Assert.True((await ReadAsync(socket)).Payload.Span.SequenceEqual(large));
        }

        await socket.CloseAsync().WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Compressed_messages_go_both_ways()
    {
        WebSocketConnection socket = await ConnectAsync("/deflate");
        Assert.NotNull(socket.Deflate);
        string text = string.Join(' ', Enumerable.Range(0, 20_000));
        await socket.SendTextAsync(text);
        Assert.Equal(text, (await ReadAsync(socket)).Text);
        Assert.NotNull(_served[""].Deflate);
        await socket.CloseAsync().WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task A_subprotocol_is_agreed_on()
    {
        WebSocketConnection socket = await ConnectAsync("/echo", options => options with { Subprotocols = ["other", "chat"] });
        Assert.Equal("chat", socket.Subprotocol);
        socket.Abort();
    }

    [Fact]
    public async Task The_server_hears_the_client_s_close_status_and_reason()
    {
        WebSocketConnection socket = await ConnectAsync("/echo?id=a");
        await socket.CloseAsync((CloseStatus)4007, "enough").WaitAsync(Patience.Long);
        await _served["a"].Completion.WaitAsync(Patience.Long);
        Assert.Equal(((CloseStatus)4007, "enough"), (_served["a"].CloseStatus, _served["a"].CloseReason));
        Assert.Equal((CloseStatus)4007, socket.CloseStatus);
        Assert.Null(socket.Error);
    }

    [Fact]
    public async Task The_client_hears_the_server_s_close_status_and_reason()
    {
        WebSocketConnection socket = await ConnectAsync("/echo?id=a");
        await _served["a"].CloseAsync((CloseStatus)4008, "no more").WaitAsync(Patience.Long);
        await socket.Completion.WaitAsync(Patience.Long);
        Assert.Equal(((CloseStatus)4008, "no more"), (socket.CloseStatus, socket.CloseReason));
        Assert.Equal((CloseStatus)4008, _served["a"].CloseStatus);
    }

    [Fact]
    public async Task Who_aborts_one_socket_leaves_the_others_alone()
    {
        WebSocketConnection aborting = await ConnectAsync("/echo?id=a");
        WebSocketConnection aborted = await ConnectAsync("/echo?id=b");
        WebSocketConnection other = await ConnectAsync("/echo?id=c");
        aborting.Abort();
        _served["b"].Abort();
        await Task.WhenAll(aborting.Completion, _served["a"].Completion, aborted.Completion, _served["b"].Completion)
            .WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.Abnormal, _served["a"].CloseStatus);
        Assert.Equal(CloseStatus.Abnormal, aborted.CloseStatus);
        await other.SendTextAsync("still here");
        Assert.Equal("still here", (await ReadAsync(other)).Text);
        Assert.Single(_tcpConnections);
        await other.CloseAsync().WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task A_peer_that_breaks_a_rule_loses_its_socket_and_no_other()
    {
        WebSocketConnection wrong = await ConnectAsync("/small");
        WebSocketConnection right = await ConnectAsync("/echo");
        await wrong.SendAsync(new byte[2000], MessageType.Binary);
        await wrong.Completion.WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.MessageTooBig, wrong.CloseStatus);
        await right.SendTextAsync("hello");
        Assert.Equal("hello", (await ReadAsync(right)).Text);
        Assert.Single(_tcpConnections);
    }

    [Fact]
    public async Task Readers_that_stand_still_hold_back_their_own_socket_only()
    {
        // The server never reads one socket, and the client never reads another.
        WebSocketConnection unread = await ConnectAsync("/silent");
        WebSocketConnection unheard = await ConnectAsync("/flood?id=flood");
        WebSocketConnection other = await ConnectAsync("/echo");
        while (unread.TrySend(new byte[64 << 10], MessageType.Binary)) { }

        WebSocketConnection unreadToo = await ConnectAsync("/silent");
        while (unreadToo.TrySend(new byte[64 << 10], MessageType.Binary)) { }

        await Patience.UntilAsync(() => _served["flood"].PendingSendBytes > 512 << 10, "the server's sends are held back");
        Assert.True(unread.PendingSendBytes > 0);
        byte[] large = new byte[256 << 10];
        for (int i = 0; i < 8; i++)
        {
            await other.SendAsync(large, MessageType.Binary);
            Assert.Equal(large.Length, (await ReadAsync(other)).Payload.Length);
        }

        Assert.Single(_tcpConnections);
        unread.Abort();
        unreadToo.Abort();
        unheard.Abort();
        await other.CloseAsync().WaitAsync(Patience.Long);
    }

    [Theory]
    [InlineData("/nothing", 404)]
    [InlineData("/guarded", 403)]
    [InlineData("/page", 405)]
    public async Task A_refusal_tells_its_status(string path, int status)
    {
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            ConnectAsync(path, static options => options with { Headers = [KeyValuePair.Create("Origin", "https://elsewhere.example")] })
        );
        Assert.Equal(status, (int)exception.StatusCode!);
        Assert.Contains($"{status} ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("not 200", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_s_body_is_kept()
    {
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            ConnectAsync(
                "/guarded",
                static options => options with { Headers = [KeyValuePair.Create("Origin", "https://elsewhere.example")] }
            )
        );
        Assert.StartsWith("Origin not allowed", exception.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_HTTP_2_is_told_as_such()
    {
        await using TestServer server = await StartAsync(HttpProtocols.Http1, _certificate);
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(
                new Uri($"wss://localhost:{server.Port}/echo"),
                new WebSocketClientOptions { HttpVersion = HttpVersion.Version20, Invoker = _invoker }
            )
        );
        Assert.Contains("does not offer HTTP/2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_host_stops_every_socket_gets_1001()
    {
        WebSocketConnection[] sockets = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ConnectAsync("/echo")));
        Task stopping = _server.StopAsync();
        await Task.WhenAll(sockets.Select(static socket => socket.Completion)).WaitAsync(Patience.Long);
        Assert.All(sockets, static socket => Assert.Equal((CloseStatus.GoingAway, "Going away"), (socket.CloseStatus, socket.CloseReason)));
        await stopping.WaitAsync(Patience.Long);
        Assert.Empty(_server.Log.Errors);
    }

    [Fact]
    public async Task Sockets_live_on_when_the_invoker_is_disposed()
    {
        WebSocketConnection socket = await ConnectAsync("/echo");
        _invoker.Dispose();
        await socket.SendTextAsync("still here");
        Assert.Equal("still here", (await ReadAsync(socket)).Text);
        await socket.CloseAsync().WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task What_belongs_to_the_invoker_is_not_set_beside_it() =>
        await Assert.ThrowsAsync<ArgumentException>(() => ConnectAsync("/echo", options => options with { Tls = Trust() }));

    [Fact]
    public void Other_versions_of_HTTP_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => new WebSocketClientOptions { HttpVersion = HttpVersion.Version30 });

    private static async Task<WebSocketMessage> ReadAsync(WebSocketConnection socket) =>
        await socket.ReadAsync().AsTask().WaitAsync(Patience.Long);

    private Task<TestServer> StartAsync(HttpProtocols protocols, X509Certificate2? certificate) =>
        StartServerAsync(
            application =>
            {
                application.MapWebSocket("/echo", EchoAsync, static endpoint => endpoint.Subprotocols.Add("chat"));
                application.MapWebSocket("/guarded", EchoAsync);
                application.MapWebSocket(
                    "/small",
                    EchoAsync,
                    static endpoint => endpoint.Connection = endpoint.Connection with { MaxMessageBytes = 1000 }
                );
                application.MapWebSocket("/deflate", EchoAsync, static endpoint => endpoint.Connection = WithDeflate);
                application.MapWebSocket("/silent", static (_, _, token) => Task.Delay(Timeout.Infinite, token));
                application.MapWebSocket(
                    "/flood",
                    async (socket, context, token) =>
                    {
                        Note(socket, context);
                        byte[] much = new byte[64 << 10];
                        while (true)
                        {
                            await socket.SendAsync(much, MessageType.Binary, token);
                        }
                    }
                );
                application.MapGet("/page", static () => "a page");
            },
            kestrel: static options =>
            {
                // Limits of requests must not hit connections: this is far below what they carry.
                options.Limits.MaxRequestBodySize = 1000;
                options.Limits.Http2.UseWindowPerStream();
            },
            certificate: certificate,
            protocols: protocols
        );

    private static WebSocketConnectionOptions WithDeflate =>
        new()
        {
            Deflate = new DeflateOptions
            {
                Enabled = true,
                ServerNoContextTakeover = false,
                ClientNoContextTakeover = false,
            },
        };

    private async Task EchoAsync(WebSocketConnection socket, HttpContext context, CancellationToken cancellationToken)
    {
        Note(socket, context);
        await foreach (WebSocketMessage message in socket.ReadAllAsync(cancellationToken))
        {
            await socket.SendAsync(message.Payload, message.Type, cancellationToken);
        }
    }

    private void Note(WebSocketConnection socket, HttpContext context)
    {
        _served[context.Request.Query["id"].ToString()] = socket;
        _tcpConnections[context.Connection.RemotePort] = context.Request.Protocol;
    }

    private async Task<WebSocketConnection> ConnectAsync(
        string path,
        Func<WebSocketClientOptions, WebSocketClientOptions>? configure = null
    )
    {
        var options = new WebSocketClientOptions { HttpVersion = HttpVersion.Version20, Invoker = _invoker };
        if (path == "/deflate")
        {
            options = options with { Connection = WithDeflate };
        }

        WebSocketConnection socket = await WebSocketClient
            .ConnectAsync(Address(path), configure is null ? options : configure(options))
            .WaitAsync(Patience.Long);
        int mark = path.IndexOf("id=", StringComparison.Ordinal);
        if (mark >= 0)
        {
            await Patience.UntilAsync(() => _served.ContainsKey(path[(mark + 3)..]), "the server serves it");
        }

        return socket;
    }

    private Uri Address(string path) => new($"wss://localhost:{_server.Port}{path}");

    private SocketsHttpHandler CreateHandler() => new() { AllowAutoRedirect = false, SslOptions = Trust() };

    private System.Net.Security.SslClientAuthenticationOptions Trust() =>
        new() { RemoteCertificateValidationCallback = (_, presented, _, _) => _certificate.Equals(presented) };
}
