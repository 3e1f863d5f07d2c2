using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Longwire.Client.Tests;
using Longwire.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Transport.Linux.Tests;

public class LoopWebSocketClientTests
{
    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Messages_of_every_size_come_back_from_a_server(EventLoopKind kind)
    {
        await using WebServer server = await EchoServerAsync(kind);
        await using var group = new EventLoopGroup(new EventLoopOptions { Kind = kind, LoopCount = 1 });
        var client = new LoopWebSocketClient(group);
        WebSocketConnection connection = await client.ConnectAsync(Address(server, "/echo")).WaitAsync(TestServer.Patience);
        Assert.Equal(WebSocketRole.Client, connection.Role);
        foreach (int length in new[] { 0, 1, 125, 126, 65_535, 65_536, 200_000 })
        {
            byte[] sent = Data.Pattern(length);
            await connection.SendAsync(sent, MessageType.Binary);
            WebSocketMessage message = await connection.ReadAsync().AsTask().WaitAsync(TestServer.Patience);
            Assert.Equal(sent, message.Payload.ToArray());
        }

        await connection.CloseAsync().WaitAsync(TestServer.Patience);
        Assert.Equal(CloseStatus.NormalClosure, connection.CloseStatus);
        await UntilEmptyAsync(group);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_handler_hears_the_messages_on_the_loop_and_compression_is_agreed_on(EventLoopKind kind)
    {
        await using WebServer server = await EchoServerAsync(kind);
        await using var group = new EventLoopGroup(new EventLoopOptions { Kind = kind, LoopCount = 1 });
        var options = new LoopWebSocketClientOptions
        {
            Connection = new WebSocketConnectionOptions { Deflate = new DeflateOptions { Enabled = true } },
            Subprotocols = ["other", "chat"],
            Headers = [KeyValuePair.Create("X-Test", "1")],
        };
        var handler = new ListHandler(group.Loops[0]);
        WebSocketConnection connection = await new LoopWebSocketClient(group, options)
            .ConnectAsync(Address(server, "/echo"), handler)
            .WaitAsync(TestServer.Patience);
        Assert.NotNull(connection.Deflate);
        string text = new('a', 5000);
        await connection.SendTextAsync(text);
        Assert.Equal(text, await handler.First.Task.WaitAsync(TestServer.Patience));
        Assert.True(handler.OnLoop);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_refused_upgrade_tells_its_status_headers_and_body(EventLoopKind kind)
    {
        await using WebServer server = await EchoServerAsync(kind);
        await using var group = new EventLoopGroup(new EventLoopOptions { Kind = kind, LoopCount = 1 });
        var client = new LoopWebSocketClient(group);
        WebSocketHandshakeException exception = await FailsAsync(client, Address(server, "/forbidden"));
        Assert.Equal(HttpStatusCode.Forbidden, exception.StatusCode);
        Assert.Equal("Not you.", exception.Body);
        Assert.Contains(exception.Headers, header => header is { Key: "X-Why", Value: "because" });
        exception = await FailsAsync(client, Address(server, "/chunked"));
        Assert.Equal("one two", exception.Body);
        Assert.Equal(HttpStatusCode.NotFound, (await FailsAsync(client, Address(server, "/nowhere"))).StatusCode);
        await UntilEmptyAsync(group);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_refusal_without_an_end_counts_after_the_time_out(EventLoopKind kind)
    {
        await using var run = new RawServer(
            kind,
            static (_, _) => ["HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nlater"],
            TimeSpan.FromSeconds(5)
        );
        WebSocketHandshakeException exception = await FailsAsync(run.Client, run.Address);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, exception.StatusCode);
        Assert.Equal("later", exception.Body);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Where_nothing_listens_the_exception_says_so(EventLoopKind kind)
    {
        await using var group = new EventLoopGroup(new EventLoopOptions { Kind = kind, LoopCount = 1 });
        using var unused = new UnusedPort();
        WebSocketHandshakeException exception = await FailsAsync(new LoopWebSocketClient(group), new Uri($"ws://127.0.0.1:{unused.Port}/"));
        Assert.Null(exception.StatusCode);
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(exception.InnerException).SocketErrorCode);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_server_that_never_answers_is_given_up_and_cancelling_ends_the_wait(EventLoopKind kind)
    {
        await using (var run = new RawServer(kind, static (_, _) => [], TimeSpan.FromMilliseconds(200)))
        {
            WebSocketHandshakeException exception = await FailsAsync(run.Client, run.Address);
            Assert.IsType<TimeoutException>(exception.InnerException);
        }

        await using (var run = new RawServer(kind, static (_, _) => []))
        {
            using var cancellation = new CancellationTokenSource();
            Task<WebSocketConnection> waiting = run.Client.ConnectAsync(run.Address, null, cancellation.Token);
            await run.Asked.Task.WaitAsync(TestServer.Patience);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TestServer.Patience));
            await UntilEmptyAsync(run.Group);
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_server_that_never_answers_keeps_no_socket_of_an_attempt_that_is_given_up(EventLoopKind kind)
    {
        var time = new ManualTime();
        await using var group = new EventLoopGroup(
            new EventLoopOptions
            {
                Kind = kind,
                LoopCount = 1,
                TimeProvider = time,
            }
        );
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task<WebSocketConnection> connecting = new LoopWebSocketClient(group).ConnectAsync(new Uri($"ws://{listener.LocalEndPoint}/"));
        using Socket server = await listener.AcceptAsync().WaitAsync(TestServer.Patience);
        byte[] buffer = new byte[4096];
        Assert.NotEqual(0, await server.ReceiveAsync(buffer).WaitAsync(TestServer.Patience));
        while (!connecting.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Assert.ThrowsAsync<WebSocketHandshakeException>(() => connecting);
        // In good order the socket would be there for as long as the server does not answer that either.
        SocketException reset = await Assert.ThrowsAsync<SocketException>(() => server.ReceiveAsync(buffer).WaitAsync(TestServer.Patience));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        await UntilEmptyAsync(group);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task An_answer_in_pieces_is_read_and_frames_behind_it_are_not_lost(EventLoopKind kind)
    {
        // A text message and the beginning of another one lie behind the 101, whose bytes come one by one.
        foreach (bool split in new[] { true, false })
        {
            await using var run = new RawServer(
                kind,
                (key, _) =>
                {
                    string answer = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + Accept(key) + "\x81\x05hello\x81\x05wo";
                    return split ? [.. answer.Select(static letter => letter.ToString()), "rld"] : [answer, "rld"];
                }
            );
            WebSocketConnection connection = await run.Client.ConnectAsync(run.Address).WaitAsync(TestServer.Patience);
            Assert.Equal("hello", (await connection.ReadAsync().AsTask().WaitAsync(TestServer.Patience)).Text);
            Assert.Equal("world", (await connection.ReadAsync().AsTask().WaitAsync(TestServer.Patience)).Text);
            connection.Abort();
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Answers_that_break_the_rules_fail(EventLoopKind kind)
    {
        (Func<string, string> Answer, string Says)[] cases =
        [
            (static _ => "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1"),
            (
                static _ => "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
                "Sec-WebSocket-Accept"
            ),
            (static key => Accept(key).Replace("Upgrade: websocket", "Upgrade: h2c", StringComparison.Ordinal), "Upgrade"),
            (
                static key => Accept(key).Replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n", StringComparison.Ordinal),
                "subprotocol"
            ),
            (
                static key =>
                    Accept(key).Replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", StringComparison.Ordinal),
                "extension"
            ),
            (static key => Accept(key).Replace("\r\n\r\n", "\r\nno colon\r\n\r\n", StringComparison.Ordinal), "HTTP/1.1"),
            (static _ => "HTTP/1.1 101 OK\r\nX: " + new string('x', 70_000), "too many headers"),
        ];
        foreach ((Func<string, string> answer, string says) in cases)
        {
            await using var run = new RawServer(kind, (key, _) => [answer(key)]);
            WebSocketHandshakeException exception = await FailsAsync(run.Client, run.Address);
            Assert.Contains(says, exception.Message, StringComparison.Ordinal);
            await UntilEmptyAsync(run.Group);
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_server_that_leaves_in_the_handshake_is_told_of(EventLoopKind kind)
    {
        await using var run = new RawServer(
            kind,
            static (_, socket) =>
            {
                socket.Dispose();
                return [];
            }
        );
        WebSocketHandshakeException exception = await FailsAsync(run.Client, run.Address);
        Assert.Contains("ended the connection", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wss://localhost/")]
    [InlineData("ftp://localhost/")]
    public async Task Other_addresses_are_refused(string address)
    {
        await using var group = new EventLoopGroup(new EventLoopOptions { LoopCount = 1 });
        await Assert.ThrowsAsync<ArgumentException>(() => new LoopWebSocketClient(group).ConnectAsync(new Uri(address)));
    }

    [Theory]
    [InlineData("X\r\nY", "1")]
    [InlineData("X", "1\r\nY: 2")]
    [InlineData("Sec-WebSocket-Key", "1")]
    public async Task Headers_that_would_break_the_request_are_refused(string name, string value)
    {
        await using var group = new EventLoopGroup(new EventLoopOptions { LoopCount = 1 });
        var client = new LoopWebSocketClient(group, new LoopWebSocketClientOptions { Headers = [KeyValuePair.Create(name, value)] });
        await Assert.ThrowsAsync<ArgumentException>(() => client.ConnectAsync(new Uri("ws://localhost/")));
    }

    [Theory]
    [ClassData(typeof(KindsOfAnswers))]
    public async Task An_answer_that_can_be_understood_opens_the_connection(EventLoopKind kind, string name, string answer, bool split)
    {
        Assert.NotEmpty(name);
        await using var run = new RawServer(
            kind,
            (key, _) =>
                Pieces(answer.Replace(HandshakeAnswers.Accept, HandshakeKey.Accept(key), StringComparison.Ordinal) + "\x81\x02hi", split)
        );
        WebSocketConnection connection = await run.Client.ConnectAsync(run.Address).WaitAsync(TestServer.Patience);
        Assert.Null(connection.Subprotocol);
        Assert.Null(connection.Deflate);
        Assert.Equal("hi", (await connection.ReadAsync().AsTask().WaitAsync(TestServer.Patience)).Text);
        connection.Abort();
    }

    [Theory]
    [ClassData(typeof(KindsOfFailures))]
    public async Task Another_answer_fails_at_once_and_is_named(EventLoopKind kind, string name, string answer, int status, string says)
    {
        Assert.NotEmpty(name);
        await using var run = new RawServer(
            kind,
            (key, _) => [answer.Replace(HandshakeAnswers.Accept, HandshakeKey.Accept(key), StringComparison.Ordinal)],
            TimeSpan.FromMinutes(5)
        );
        WebSocketHandshakeException exception = await FailsAsync(run.Client, run.Address);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
        Assert.Equal(status, (int)(exception.StatusCode ?? 0));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Interim_answers_without_an_end_are_not_read_for_ever(EventLoopKind kind)
    {
        await using var run = new RawServer(
            kind,
            static (_, _) => Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n", int.MaxValue),
            TimeSpan.FromMinutes(5)
        );
        WebSocketHandshakeException exception = await FailsAsync(run.Client, run.Address);
        Assert.Contains("more than 64 KiB", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_server_that_resets_the_connection_instead_of_answering_is_told_of(EventLoopKind kind)
    {
        await using var run = new RawServer(
            kind,
            static (_, socket) =>
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Dispose();
                return [];
            }
        );
        WebSocketHandshakeException exception = await FailsAsync(run.Client, run.Address);
        Assert.Contains($"{run.Address.Authority} reset the connection instead of answering", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task The_next_address_of_a_name_is_tried_while_the_first_one_does_not_answer(EventLoopKind kind)
    {
        // Two hosts: the loopback device has both addresses, and no other test listens at a port of either.
        var first = IPAddress.Parse("127.0.2.1");
        var second = IPAddress.Parse("127.0.2.2");
        using var silent = new SilentListener(first);
        var endPoint = new IPEndPoint(second, silent.EndPoint.Port);
        await using var run = new RawServer(kind, static (key, _) => [Accept(key)], TimeSpan.FromMinutes(5), endPoint);
        var options = new LoopWebSocketClientOptions
        {
            ConnectTimeout = TimeSpan.FromMinutes(5),
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([first, second]),
        };
        WebSocketConnection connection = await new LoopWebSocketClient(run.Group, options)
            .ConnectAsync(new Uri($"ws://two.example:{run.Address.Port}/"))
            .WaitAsync(TestServer.Patience);
        connection.Abort();
        await UntilEmptyAsync(run.Group);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Where_TCP_gets_no_answer_from_any_address_is_said_so_after_one_time_out(EventLoopKind kind)
    {
        using var silent = new SilentListener();
        int port = silent.EndPoint.Port;
        await using var group = new EventLoopGroup(new EventLoopOptions { Kind = kind, LoopCount = 1 });
        var options = new LoopWebSocketClientOptions
        {
            ConnectTimeout = TimeSpan.FromSeconds(3),
            Resolve = static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Loopback]),
        };
        WebSocketHandshakeException exception = await FailsAsync(
            new LoopWebSocketClient(group, options),
            new Uri($"ws://two.example:{port}/")
        );
        Assert.StartsWith($"TCP got no answer from two.example:{port} within 3 s", exception.Message, StringComparison.Ordinal);
        Assert.IsType<TimeoutException>(exception.InnerException);
        exception = await FailsAsync(new LoopWebSocketClient(group, options), new Uri($"ws://127.0.0.1:{port}/"));
        Assert.StartsWith($"TCP got no answer from 127.0.0.1:{port} within 3 s", exception.Message, StringComparison.Ordinal);
        await UntilEmptyAsync(group);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task The_scope_of_an_IPv6_address_is_connected_by_and_not_told_to_the_server(EventLoopKind kind)
    {
        await using var run = new RawServer(kind, static (key, _) => [Accept(key)], endPoint: new IPEndPoint(IPAddress.IPv6Loopback, 0));
        WebSocketConnection connection = await run
            .Client.ConnectAsync(new Uri($"ws://[::1%25lo]:{run.Address.Port}/"))
            .WaitAsync(TestServer.Patience);
        connection.Abort();
        Assert.Contains($"\r\nHost: [::1]:{run.Address.Port}\r\n", await run.Asked.Task, StringComparison.Ordinal);
        // The kernel refuses a link-local address without a scope as an invalid argument, and with one looks for a way to it.
        var options = new LoopWebSocketClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(500) };
        WebSocketHandshakeException exception = await FailsAsync(
            new LoopWebSocketClient(run.Group, options),
            new Uri("ws://[fe80::1%25lo]:9/")
        );
        Assert.False(exception.InnerException is SocketException { SocketErrorCode: SocketError.InvalidArgument }, exception.ToString());
    }

    private static string[] Pieces(string text, bool split) => split ? [.. text.Select(static letter => letter.ToString())] : [text];

    private static string Accept(string key) =>
        $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {HandshakeKey.Accept(key)}\r\n\r\n";

    private static async Task<WebSocketHandshakeException> FailsAsync(LoopWebSocketClient client, Uri address) =>
        await Assert.ThrowsAsync<WebSocketHandshakeException>(() => client.ConnectAsync(address).WaitAsync(TestServer.Patience));

    private static Uri Address(WebServer server, string path) => new($"ws://{server.EndPoint}{path}");

    private static Task<WebServer> EchoServerAsync(EventLoopKind kind) =>
        WebServer.StartAsync(
            kind,
            app =>
            {
                app.MapWebSocket(
                    "/echo",
                    new EchoHandler(),
                    options =>
                    {
                        options.Subprotocols = ["chat"];
                        options.Connection = options.Connection with { Deflate = new DeflateOptions { Enabled = true } };
                    }
                );
                app.MapGet(
                    "/forbidden",
                    context =>
                    {
                        context.Response.StatusCode = 403;
                        context.Response.Headers["X-Why"] = "because";
                        context.Response.ContentLength = 8;
                        return context.Response.WriteAsync("Not you.");
                    }
                );
                app.MapGet(
                    "/chunked",
                    async context =>
                    {
                        context.Response.StatusCode = 401;
                        await context.Response.WriteAsync("one ");
                        await context.Response.Body.FlushAsync();
                        await context.Response.WriteAsync("two");
                    }
                );
            },
            services: services => services.AddLongwire()
        );

    private static async Task UntilEmptyAsync(EventLoopGroup group)
    {
        using var patience = new CancellationTokenSource(TestServer.Patience);
        while (group.SocketCount > 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class EchoHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            connection.TrySend(payload, type);
    }

    private sealed class ListHandler(EventLoop loop) : WebSocketHandler
    {
        public TaskCompletionSource<string> First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool OnLoop { get; private set; }

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            OnLoop = loop.IsCurrent;
            First.TrySetResult(Encoding.UTF8.GetString(payload));
        }
    }

    private sealed class KindsOfAnswers : TheoryData<EventLoopKind, string, string, bool>
    {
        public KindsOfAnswers()
        {
            foreach (EventLoopKind kind in new Kinds().Select(static row => row.Data))
            {
                foreach ((string name, string answer) in HandshakeAnswers.ThatOpen.Select(static row => row.Data))
                {
                    Add(kind, name, answer, false);
                    Add(kind, name, answer, true);
                }
            }
        }
    }

    private sealed class KindsOfFailures : TheoryData<EventLoopKind, string, string, int, string>
    {
        public KindsOfFailures()
        {
            foreach (EventLoopKind kind in new Kinds().Select(static row => row.Data))
            {
                foreach ((string name, string answer, int status, string says) in HandshakeAnswers.ThatFail.Select(static row => row.Data))
                {
                    Add(kind, name, answer, status, says);
                }
            }
        }
    }

    /// <summary>A server that answers a handshake with the given pieces, and a client for it.</summary>
    private sealed class RawServer : IAsyncDisposable
    {
        private readonly Socket _listener;
        private readonly ConcurrentBag<Socket> _sockets = [];

        public RawServer(
            EventLoopKind kind,
            Func<string, Socket, IEnumerable<string>> answer,
            TimeSpan? timeout = null,
            IPEndPoint? endPoint = null
        )
        {
            endPoint ??= new IPEndPoint(IPAddress.Loopback, 0);
            _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            Group = new EventLoopGroup(
                new EventLoopOptions
                {
                    Kind = kind,
                    LoopCount = 1,
                    LingerTimeout = TimeSpan.FromMilliseconds(200),
                }
            );
            Client = new LoopWebSocketClient(Group, new LoopWebSocketClientOptions { ConnectTimeout = timeout ?? TestServer.Patience });
            _listener.Bind(endPoint);
            _listener.Listen();
            Address = new Uri($"ws://{_listener.LocalEndPoint}/");
            _ = ServeAsync(answer);
        }

        public EventLoopGroup Group { get; }

        public LoopWebSocketClient Client { get; }

        public Uri Address { get; }

        /// <summary>The request, once it has come.</summary>
        public TaskCompletionSource<string> Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            foreach (Socket socket in _sockets)
            {
                socket.Dispose();
            }

            await Group.StopAsync(new CancellationToken(canceled: true)).WaitAsync(TestServer.Patience);
        }

        private async Task ServeAsync(Func<string, Socket, IEnumerable<string>> answer)
        {
            Socket socket = await _listener.AcceptAsync();
            _sockets.Add(socket);
            socket.NoDelay = true;
            byte[] buffer = new byte[4096];
            int length = 0;
            while (!buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
            {
                length += await socket.ReceiveAsync(buffer.AsMemory(length));
            }

            string request = Encoding.Latin1.GetString(buffer, 0, length);
            Asked.TrySetResult(request);
            string key = request.Split("Sec-WebSocket-Key: ")[1].Split("\r\n")[0];
            foreach (string piece in answer(key, socket))
            {
                await socket.SendAllAsync(Encoding.Latin1.GetBytes(piece));
                await Task.Yield();
            }
        }
    }
}
