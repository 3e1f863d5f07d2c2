using System.Net;
using System.Net.Sockets;

namespace Longwire.Cli.Tests;

public sealed class DemoServerTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task It_says_where_it_listens_what_to_try_and_that_anyone_may_sign_in()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        string[] expected =
        [
            $"{server.Http.GetLeftPart(UriPartial.Authority)}/chat",
            server.Socket("/ws").ToString(),
            server.Socket("/echo").ToString(),
            "valid-token",
            "Try this",
            "Ctrl-C",
        ];
        Assert.All(expected, text => Assert.Contains(text, server.Output.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Guests_chat_without_a_token()
    {
        await using ToolRun server = await ToolRun.ServeAsync("--guests");
        Assert.Contains("nobody has to sign in", server.Output.Text, StringComparison.Ordinal);
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(server.Socket("/"));
        await socket.SendTextAsync("""{"type":"chat","message":"Hello!"}""");
        while (true)
        {
            string text = (await socket.ReadAsync()).Text;
            if (text.Contains("\"chat\"", StringComparison.Ordinal))
            {
                Assert.Contains("Hello!", text, StringComparison.Ordinal);
                break;
            }
        }

        await socket.CloseAsync();
    }

    [Theory]
    [InlineData("*")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.1")]
    [InlineData("localhost.example.com")]
    public async Task Another_address_than_this_machine_s_is_refused_without_a_key(string host)
    {
        await using ToolRun server = ToolRun.Start("serve", "--port", "0", "--host", host);
        Assert.Equal(1, await server.EndAsync());
        Assert.Contains("--jwt-key", server.Error.Text, StringComparison.Ordinal);
        Assert.Equal("", server.Output.Text);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("*")]
    public async Task With_a_key_it_listens_where_it_is_told(string host)
    {
        await using ToolRun server = await ToolRun.ServeAsync("--host", host, "--jwt-key", Key);
        Assert.DoesNotContain("valid-token", server.Output.Text, StringComparison.Ordinal);
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Http.Port}/echo"));
        await socket.SendTextAsync("hello");
        Assert.Equal("hello", (await socket.ReadAsync()).Text);
        await socket.CloseAsync();
    }

    [Theory]
    [InlineData("--jwt-key", "too short")]
    [InlineData("--guests", "--jwt-key", Key)]
    [InlineData("--key", "key.pem")]
    [InlineData("--cert", "/no/such/file.pem")]
    [InlineData("--cert", "/")]
    [InlineData("--host", "no address", "--jwt-key", Key)]
    public async Task What_can_t_be_right_is_refused_with_1(params string[] arguments)
    {
        await using ToolRun server = ToolRun.Start(["serve", "--port", "0", .. arguments]);
        Assert.Equal(1, await server.EndAsync());
        Assert.NotEqual("", server.Error.Text);
        Assert.DoesNotContain("Unhandled", server.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_told_and_ends_with_7()
    {
        await using ToolRun server = ToolRun.Start("serve", "--port", "0", "--host", "192.0.2.1", "--jwt-key", Key);
        Assert.Equal(7, await server.EndAsync());
        Assert.Contains("Can't listen on 192.0.2.1", server.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_get_1001_when_it_ends_and_it_ends_though_one_never_answers()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        WebSocketConnection echo = await WebSocketClient.ConnectAsync(server.Socket("/echo"));
        WebSocketConnection hub = await WebSocketClient.ConnectAsync(server.Socket("/ws"));
        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, server.Http.Port);
        await silent
            .GetStream()
            .WriteAsync(
                "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"u8.ToArray()
            );
        await silent.GetStream().ReadExactlyAsync(new byte[12]);
        long start = Environment.TickCount64;
        Assert.Equal(0, await server.InterruptAsync());
        // By itself Kestrel waits for the host's 30 s.
        Assert.InRange(Environment.TickCount64 - start, 0, 25_000);
        foreach (WebSocketConnection socket in new[] { echo, hub })
        {
            await socket.Completion.WaitAsync(Patience.Long);
            Assert.Equal(CloseStatus.GoingAway, socket.CloseStatus);
        }
    }

    [Fact]
    public async Task The_echo_takes_pages_of_any_origin_and_the_hub_only_its_own()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        var options = new WebSocketClientOptions { Headers = [KeyValuePair.Create("Origin", "https://evil.example")] };
        await (await WebSocketClient.ConnectAsync(server.Socket("/echo"), options)).CloseAsync();
        foreach (string path in new[] { "/", "/ws" })
        {
            WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
                WebSocketClient.ConnectAsync(server.Socket(path), options)
            );
            Assert.Equal(HttpStatusCode.Forbidden, exception.StatusCode);
        }
    }

    [Fact]
    public async Task With_a_certificate_it_serves_https_and_wss()
    {
        using var certificate = new ServerCertificate();
        await using ToolRun server = await ToolRun.ServeAsync("--cert", certificate.File, "--key", certificate.KeyFile);
        Assert.Equal("https", server.Http.Scheme);
        Assert.Contains("wss://", server.Output.Text, StringComparison.Ordinal);
        var options = new WebSocketClientOptions { Tls = certificate.Trust };
        await (await WebSocketClient.ConnectAsync(server.Socket("/echo"), options)).CloseAsync();

        // And the tool's other end: refused as it is, taken with -n.
        await using ToolRun refused = ToolRun.Start("connect", server.Socket("/echo").ToString());
        Assert.Equal(6, await refused.EndAsync());
        await using ToolRun taken = ToolRun.Start("connect", server.Socket("/echo").ToString(), "-n", "-x", "hi", "--count", "1");
        Assert.Equal(0, await taken.EndAsync());
        Assert.Equal("hi\n", taken.Output.Text);
    }
}
