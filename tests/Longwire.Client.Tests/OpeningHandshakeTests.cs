using System.Collections.Concurrent;
using System.Net;

namespace Longwire.Client.Tests;

/// <summary>RFC 6455 §4.1: what the client asks, and which answers it takes.</summary>
public sealed class OpeningHandshakeTests
{
    [Fact]
    public async Task The_request_is_one_that_RFC_6455_describes()
    {
        var requests = new ConcurrentBag<HttpText>();
        await using var server = new ScriptedServer(async peer => requests.Add(await peer.AcceptAsync()));
        for (int i = 0; i < 2; i++)
        {
            WebSocketConnection socket = await WebSocketClient.ConnectAsync(server.Address);
            await socket.Completion.WaitAsync(Patience.Long);
        }

        Assert.All(
            requests,
            request =>
            {
                Assert.Equal("GET /path?query=1 HTTP/1.1", request.Line);
                Assert.Equal($"127.0.0.1:{server.Port}", request["Host"]);
                Assert.Equal("websocket", request["Upgrade"]);
                Assert.Equal("Upgrade", request["Connection"]);
                Assert.Equal("13", request["Sec-WebSocket-Version"]);
                Assert.Equal(16, Convert.FromBase64String(request["Sec-WebSocket-Key"]!).Length);
                Assert.Null(request["Sec-WebSocket-Protocol"]);
                Assert.Null(request["Sec-WebSocket-Extensions"]);
                Assert.Null(request["Origin"]);
            }
        );
        Assert.Equal(2, requests.Select(static request => request["Sec-WebSocket-Key"]).Distinct().Count());
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/path#part")]
    [InlineData("ws://127.0.0.1:{0}/path#part")]
    public async Task An_http_address_is_one_of_ws_and_a_fragment_is_not_sent(string address)
    {
        string? line = null;
        await using (var server = new ScriptedServer(async peer => line = (await peer.AcceptAsync()).Line))
        {
            await WebSocketClient.ConnectAsync(new Uri(string.Format(null, address, server.Port)));
        }

        Assert.Equal("GET /path HTTP/1.1", line);
    }

    [Theory]
    [InlineData("ftp://localhost/")]
    [InlineData("/relative")]
    [InlineData("mailto:somebody@example.com")]
    public async Task Another_address_is_the_caller_s_mistake(string address) =>
        await Assert.ThrowsAsync<ArgumentException>(() => WebSocketClient.ConnectAsync(new Uri(address, UriKind.RelativeOrAbsolute)));

    [Fact]
    public async Task Headers_go_along()
    {
        HttpText? request = null;
        await using (var server = new ScriptedServer(async peer => request = await peer.AcceptAsync()))
        {
            await WebSocketClient.ConnectAsync(
                server.Address,
                With(("Origin", "https://example.com"), ("Authorization", "Bearer abc"), ("User-Agent", "what (ever"))
            );
        }

        Assert.Equal("https://example.com", request!["Origin"]);
        Assert.Equal("Bearer abc", request["Authorization"]);
        Assert.Equal("what (ever", request["User-Agent"]);
    }

    [Fact]
    public async Task A_user_in_the_address_is_sent_as_Basic_authentication_and_not_in_the_address()
    {
        HttpText? request = null;
        await using (var server = new ScriptedServer(async peer => request = await peer.AcceptAsync()))
        {
            await WebSocketClient.ConnectAsync(new Uri($"ws://ada:p%40ss@127.0.0.1:{server.Port}/path"));
        }

        Assert.Equal("Basic YWRhOnBAc3M=", request!["Authorization"]);
        Assert.Equal("GET /path HTTP/1.1", request.Line);
    }

    [Theory]
    [InlineData("X-Name", "value\r\nX-Other: 1")]
    [InlineData("X-Name", "value\nX-Other: 1")]
    [InlineData("X-Name", "value\r")]
    [InlineData("X-Name", "value\0")]
    [InlineData("X-Name", "välue")]
    [InlineData("X-Name\r\nX-Other", "value")]
    [InlineData("X Name", "value")]
    [InlineData("", "value")]
    [InlineData("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA==")]
    [InlineData("connection", "close")]
    [InlineData("Content-Length", "5")]
    [InlineData("Content-Type", "text/plain")]
    public async Task A_header_that_would_break_the_request_is_refused_before_anything_is_sent(string name, string value)
    {
        await using var server = new ScriptedServer(static _ => Task.CompletedTask);
        await Assert.ThrowsAsync<ArgumentException>(() => WebSocketClient.ConnectAsync(server.Address, With((name, value))));
        Assert.Equal(0, server.Count);
    }

    [Theory]
    [InlineData("chat v1")]
    [InlineData("chat,v1")]
    [InlineData("chat\r\nX-Other: 1")]
    [InlineData("")]
    public async Task A_subprotocol_that_is_no_token_is_refused_before_anything_is_sent(string name)
    {
        await using var server = new ScriptedServer(static _ => Task.CompletedTask);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            WebSocketClient.ConnectAsync(server.Address, new WebSocketClientOptions { Subprotocols = [name] })
        );
        Assert.Equal(0, server.Count);
    }

    [Fact]
    public async Task The_subprotocol_that_the_server_chose_is_known()
    {
        HttpText? request = null;
        await using (var server = new ScriptedServer(async peer => request = await peer.AcceptAsync("Sec-WebSocket-Protocol: chat.v1\r\n")))
        {
            WebSocketConnection socket = await WebSocketClient.ConnectAsync(
                server.Address,
                new WebSocketClientOptions { Subprotocols = ["chat.v2", "chat.v1"] }
            );
            Assert.Equal("chat.v1", socket.Subprotocol);
        }

        Assert.Equal("chat.v2, chat.v1", request!["Sec-WebSocket-Protocol"]);
    }

    [Fact]
    public async Task A_server_may_choose_no_subprotocol()
    {
        await using var server = new ScriptedServer(static peer => peer.AcceptAsync());
        Assert.Null(
            (await WebSocketClient.ConnectAsync(server.Address, new WebSocketClientOptions { Subprotocols = ["chat.v1"] })).Subprotocol
        );
    }

    [Theory]
    [InlineData("Sec-WebSocket-Protocol: other", "subprotocol")]
    [InlineData("Sec-WebSocket-Protocol: CHAT.V1", "subprotocol")]
    [InlineData("Sec-WebSocket-Protocol: chat.v1, chat.v2", "subprotocol")]
    [InlineData("Sec-WebSocket-Protocol: chat.v1\r\nSec-WebSocket-Protocol: chat.v2", "subprotocol")]
    [InlineData("Sec-WebSocket-Extensions: x-unknown", "extension")]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate", "extension")]
    public async Task What_was_not_offered_can_t_be_chosen(string header, string complaint)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.AcceptAsync(header + "\r\n");
            await peer.ReadToEndAsync();
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address, new WebSocketClientOptions { Subprotocols = ["chat.v1", "chat.v2"] })
        );
        Assert.Equal(HttpStatusCode.SwitchingProtocols, exception.StatusCode);
        Assert.Contains(complaint, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upgrade: websocket", "Upgrade: WebSocket", null)]
    [InlineData("Connection: Upgrade", "Connection: keep-alive, upgrade", null)]
    [InlineData("Upgrade: websocket\r\n", "", "Upgrade: websocket")]
    [InlineData("Upgrade: websocket", "Upgrade: websocket/x", "Upgrade: websocket")]
    [InlineData("Connection: Upgrade\r\n", "", "Connection: Upgrade")]
    [InlineData("Connection: Upgrade", "Connection: upgraded", "Connection: Upgrade")]
    [InlineData("HTTP/1.1 101", "HTTP/1.0 101", "HTTP/1.0")]
    [InlineData("Sec-WebSocket-Accept: ", "X-Accept: ", "Sec-WebSocket-Accept")]
    [InlineData("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: A", "Sec-WebSocket-Accept")]
    [InlineData(
        "Sec-WebSocket-Accept: ",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Accept: ",
        "Sec-WebSocket-Accept"
    )]
    public async Task A_101_counts_only_with_the_headers_that_prove_it(string header, string instead, string? complaint)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            HttpText request = await peer.ReadRequestAsync();
            await peer.SendAsync(ScriptedPeer.Answer(request).Replace(header, instead, StringComparison.Ordinal));
            await peer.ReadToEndAsync();
        });
        if (complaint is null)
        {
            (await WebSocketClient.ConnectAsync(server.Address)).Abort();
            return;
        }

        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address)
        );
        Assert.Contains(complaint, exception.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, exception.StatusCode);
        Assert.Contains(exception.Headers, static pair => pair.Key is "Upgrade" or "Connection");
    }

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(503)]
    public async Task Another_status_is_told_with_the_headers_and_the_beginning_of_the_body(int status)
    {
        string body = status == 204 ? "" : new string('x', 4096) + new string('y', 10_000);
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync(
                $"HTTP/1.1 {status} Whatever\r\nX-Reason: because\r\nContent-Type: text/plain\r\n{(status == 204 ? "" : $"Content-Length: {body.Length}\r\n")}\r\n{body}"
            );
            await peer.ReadToEndAsync();
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address)
        );
        Assert.Equal(status, (int)exception.StatusCode!.Value);
        Assert.Contains($"{status} Whatever", exception.Message, StringComparison.Ordinal);
        Assert.Contains(KeyValuePair.Create("X-Reason", "because"), exception.Headers);
        Assert.Contains(KeyValuePair.Create("Content-Type", "text/plain"), exception.Headers);
        Assert.Equal(status == 204 ? "" : new string('x', 4096), exception.Body);
    }

    [Fact]
    public async Task A_refusal_whose_body_never_ends_is_a_refusal_all_the_same()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\nno");
            await peer.ReadToEndAsync();
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address, new WebSocketClientOptions { ConnectTimeout = TimeSpan.FromSeconds(5) })
        );
        Assert.Equal((HttpStatusCode.Forbidden, "no"), (exception.StatusCode, exception.Body));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("HTTP/1.1 101")]
    [InlineData("")]
    public async Task What_is_no_HTTP_is_told_as_a_handshake_that_failed(string answer)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync(answer);
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address)
        );
        Assert.Null(exception.StatusCode);
        Assert.Contains($"127.0.0.1:{server.Port}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endless_header_is_not_read_for_ever()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync("HTTP/1.1 101 Switching Protocols\r\n");
            string line = "X-More: " + new string('x', 8000) + "\r\n";
            try
            {
                while (true)
                {
                    await peer.SendAsync(line);
                }
            }
            catch (IOException)
            {
                // The client has gone.
            }
        });
        await Assert.ThrowsAsync<WebSocketHandshakeException>(() => WebSocketClient.ConnectAsync(server.Address).WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task Bytes_right_behind_the_101_are_not_lost()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            HttpText request = await peer.ReadRequestAsync();
            // The second message is cut: the rest comes when the first one was answered.
            await peer.SendAsync(ScriptedPeer.Answer(request) + "\u0081\u0005first\u0081\u0006sec");
            await peer.ReadFrameAsync();
            await peer.SendAsync("ond");
            await peer.ReadToEndAsync();
        });
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(server.Address);
        Assert.Equal("first", (await socket.ReadAsync()).Text);
        await socket.SendTextAsync("go on");
        Assert.Equal("second", (await socket.ReadAsync()).Text);
        socket.Abort();
    }

    [Fact]
    public async Task Every_frame_is_masked_with_a_key_of_its_own()
    {
        var keys = new ConcurrentBag<uint>();
        await using (
            var server = new ScriptedServer(async peer =>
            {
                await peer.AcceptAsync();
                for (int i = 0; i < 100; i++)
                {
                    (byte first, byte[] key, byte[] payload) = await peer.ReadFrameAsync();
                    Assert.Equal((0x81, "hello"), (first, System.Text.Encoding.UTF8.GetString(payload)));
                    keys.Add(BitConverter.ToUInt32(key));
                }
            })
        )
        {
            for (int connection = 0; connection < 2; connection++)
            {
                WebSocketConnection socket = await WebSocketClient.ConnectAsync(server.Address);
                for (int i = 0; i < 100; i++)
                {
                    await socket.SendTextAsync("hello");
                }

                await socket.Completion.WaitAsync(Patience.Long);
            }
        }

        // Of 200 random keys two are the same with a probability of 1 : 200,000.
        Assert.InRange(keys.Distinct().Count(), 199, 200);
        Assert.True(
            keys.Aggregate(uint.MaxValue, static (all, key) => all & key) == 0
                && keys.Aggregate(0u, static (all, key) => all | key) == uint.MaxValue,
            "Each bit changes."
        );
    }

    [Fact]
    public async Task Messages_go_to_the_handler_when_there_is_one()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.AcceptAsync();
            await peer.SendAsync("\u0081\u0005hello\u0088\u0002\u0003\u00e8");
            await peer.ReadFrameAsync();
        });
        var handler = new Collector();
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(server.Address, handler);
        await socket.Completion.WaitAsync(Patience.Long);
        Assert.Equal(["hello", "NormalClosure"], handler.Events);
    }

    private static WebSocketClientOptions With(params (string Name, string Value)[] headers) =>
        new() { Headers = [.. headers.Select(static header => KeyValuePair.Create(header.Name, header.Value))] };

    private sealed class Collector : WebSocketHandler
    {
        public List<string> Events { get; } = [];

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            Events.Add(System.Text.Encoding.UTF8.GetString(payload));

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) => Events.Add(status.ToString());
    }
}
