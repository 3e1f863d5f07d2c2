using System.Net;
using System.Text;
using Longwire.Transport.Linux.Tests;

namespace Longwire.Client.Tests;

/// <summary>
/// The servers in here are proxies, which play the server behind them, too. No address of a test's target is ever resolved.
/// </summary>
public sealed class ProxyTests
{
    private static readonly Uri _target = new("ws://target.invalid:8080/path");

    [Fact]
    public async Task An_HTTP_proxy_is_asked_to_connect_and_is_given_its_credentials()
    {
        var connects = new List<HttpText>();
        HttpText? handshake = null;
        await using (
            var proxy = new ScriptedServer(async peer =>
            {
                HttpText connect = await peer.ReadRequestAsync();
                connects.Add(connect);
                if (connect["Proxy-Authorization"] is null)
                {
                    await peer.SendAsync(
                        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    );
                    return;
                }

                await peer.SendAsync("HTTP/1.1 200 Connection established\r\n\r\n");
                handshake = await peer.AcceptAsync();
                await peer.SendAsync("\u0081\u0007through");
                await peer.ReadToEndAsync();
            })
        )
        {
            WebSocketConnection socket = await WebSocketClient.ConnectAsync(
                _target,
                new WebSocketClientOptions
                {
                    Headers = [KeyValuePair.Create("Authorization", "Bearer abc")],
                    Proxy = new WebProxy($"http://127.0.0.1:{proxy.Port}") { Credentials = new NetworkCredential("ada", "secret") },
                }
            );
            Assert.Equal("through", (await socket.ReadAsync()).Text);
            socket.Abort();
        }

        Assert.Equal("CONNECT target.invalid:8080 HTTP/1.1", connects[^1].Line);
        Assert.Equal("Basic YWRhOnNlY3JldA==", connects[^1]["Proxy-Authorization"]);
        Assert.All(connects, static connect => Assert.Null(connect["Authorization"]));
        Assert.Equal("GET /path HTTP/1.1", handshake!.Line);
        Assert.Equal("target.invalid:8080", handshake["Host"]);
        Assert.Null(handshake["Proxy-Authorization"]);
    }

    [Fact]
    public async Task An_HTTP_proxy_that_refuses_is_told_with_its_status()
    {
        await using var proxy = new ScriptedServer(static async peer =>
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(
                _target,
                new WebSocketClientOptions { Proxy = new WebProxy($"http://ada:secret@127.0.0.1:{proxy.Port}") }
            )
        );
        Assert.Contains("403", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
        Assert.Null(exception.StatusCode);
    }

    [Fact]
    public async Task A_proxy_that_asks_who_is_there_is_told_with_its_status()
    {
        await using var proxy = new ScriptedServer(static async peer =>
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync(
                "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        });
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(
                _target,
                new WebSocketClientOptions { Proxy = new WebProxy($"http://ada:secret@127.0.0.1:{proxy.Port}") }
            )
        );
        Assert.Equal(HttpStatusCode.ProxyAuthenticationRequired, exception.StatusCode);
        Assert.StartsWith($"The proxy 127.0.0.1:{proxy.Port} answered 407", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_named()
    {
        using var unused = new UnusedPort();
        var options = new WebSocketClientOptions { Proxy = new WebProxy($"http://{unused.EndPoint}") };
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(_target, options)
        );
        Assert.StartsWith("Nothing listens at the proxy 127.0.0.1:", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_SOCKS5_proxy_resolves_the_name_and_connects(bool withCredentials)
    {
        string? host = null;
        await using (
            var proxy = new ScriptedServer(async peer =>
            {
                byte[] greeting = await peer.ReadAsync(2); // RFC 1928 §3
                Assert.Equal(5, greeting[0]);
                byte[] methods = await peer.ReadAsync(greeting[1]);
                if (withCredentials)
                {
                    Assert.Contains((byte)2, methods);
                    await peer.SendAsync(new byte[] { 5, 2 });
                    byte[] version = await peer.ReadAsync(2); // RFC 1929 §2
                    string user = Encoding.ASCII.GetString(await peer.ReadAsync(version[1]));
                    string password = Encoding.ASCII.GetString(await peer.ReadAsync((await peer.ReadAsync(1))[0]));
                    Assert.Equal(("ada", "secret"), (user, password));
                    await peer.SendAsync(new byte[] { 1, 0 });
                }
                else
                {
                    await peer.SendAsync(new byte[] { 5, 0 });
                }

                Assert.Equal([5, 1, 0, 3], await peer.ReadAsync(4));
                host = Encoding.ASCII.GetString(await peer.ReadAsync((await peer.ReadAsync(1))[0]));
                Assert.Equal([8080 >> 8, 8080 & 0xff], await peer.ReadAsync(2));
                await peer.SendAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 });
                await peer.AcceptAsync();
                await peer.SendAsync("\u0081\u0007through");
                await peer.ReadToEndAsync();
            })
        )
        {
            var address = new WebProxy($"socks5://127.0.0.1:{proxy.Port}");
            if (withCredentials)
            {
                address.Credentials = new NetworkCredential("ada", "secret");
            }

            WebSocketConnection socket = await WebSocketClient.ConnectAsync(_target, new WebSocketClientOptions { Proxy = address });
            Assert.Equal("through", (await socket.ReadAsync()).Text);
            socket.Abort();
        }

        Assert.Equal("target.invalid", host);
    }

    [Fact]
    public async Task A_proxy_need_not_be_used()
    {
        await using var proxy = new ScriptedServer(static _ => Task.CompletedTask);
        await using var server = new ScriptedServer(static peer => peer.AcceptAsync());
        await WebSocketClient.ConnectAsync(
            server.Address,
            new WebSocketClientOptions { UseProxy = false, Proxy = new WebProxy($"http://127.0.0.1:{proxy.Port}") }
        );
        Assert.Equal((1, 0), (server.Count, proxy.Count));
    }
}
