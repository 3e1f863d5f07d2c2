using System.Net;
using Longwire.Client;
using Longwire.Protocol;

namespace Longwire.Interop.Tests;

/// <summary>Longwire's client on Longwire's server, with nginx or HAProxy between them.</summary>
public sealed class ProxyTests(ProxiedServer proxied) : IClassFixture<ProxiedServer>
{
    private static readonly WebSocketClientOptions _options = new()
    {
        Connection = new WebSocketConnectionOptions { MaxMessageBytes = 64 << 20, Deflate = Agreements.Contexts },
    };

    public static TheoryData<string> Proxies => [.. ReverseProxy.Names];

    public static TheoryData<string, string> Schemes =>
        [.. from proxy in ReverseProxy.Names from scheme in new[] { "ws", "wss" } select (proxy, scheme)];

    public static TheoryData<string, int, string> CloseStatuses =>
        [
            .. from proxy in ReverseProxy.Names
            from close in new[] { (1000, ""), (1001, "leaving"), (4999, "é世👋") }
            select (proxy, close.Item1, close.Item2),
        ];

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task Messages_of_all_sizes_come_back_with_and_without_compression(string proxy, string scheme)
    {
        foreach (DeflateOptions deflate in new[] { Agreements.Contexts, new DeflateOptions() })
        {
            WebSocketConnection connection = await proxied[proxy]
                .ConnectAsync(scheme, "/echo", _options with { Connection = _options.Connection with { Deflate = deflate } });
            Assert.Equal(deflate.Enabled ? new DeflateParameters(false, false) : null, connection.Deflate);
            foreach (string type in new[] { "text", "binary" })
            {
                await Echo.AssertSizesComeBackAsync(connection, type);
            }

            await connection.CloseAsync();
            Assert.Equal(CloseStatus.NormalClosure, connection.CloseStatus);
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task A_thousand_messages_come_back_in_their_order(string proxy, string scheme)
    {
        WebSocketConnection connection = await proxied[proxy].ConnectAsync(scheme, "/echo", _options);
        await Echo.AssertAThousandComeBackInOrderAsync(connection);
        await connection.CloseAsync();
    }

    [Fact]
    public async Task HAProxy_takes_the_connection_over_HTTP_2_and_passes_it_on_over_1_1()
    {
        int mark = proxied.Server.Log.Count;
        WebSocketConnection connection = await proxied["haproxy"]
            .ConnectAsync("wss", "/fresh", _options with { HttpVersion = HttpVersion.Version20, Subprotocols = ["chat"] });
        Assert.Equal("chat", connection.Subprotocol);
        Assert.Equal(new DeflateParameters(true, true), connection.Deflate);
        await Echo.AssertSizesComeBackAsync(connection, "text");
        await connection.CloseAsync((CloseStatus)4002, "enough");
        Assert.Equal((4002, "enough"), await proxied.Server.WaitForClosedAsync("/fresh", mark));
        Assert.Contains("closed /fresh HTTP/1.1 4002 enough", proxied.Server.Log.Snapshot());
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task The_subprotocol_passes(string proxy)
    {
        WebSocketConnection connection = await proxied[proxy]
            .ConnectAsync("ws", "/echo", _options with { Subprotocols = ["x-other", "chat"] });
        Assert.Equal("chat", connection.Subprotocol);
        await connection.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Pings_pass(string proxy)
    {
        WebSocketConnection connection = await proxied[proxy].ConnectAsync("ws", "/echo", _options);
        await connection.PingAsync().WaitAsync(Patience.Short);
        await connection.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(CloseStatuses))]
    public async Task The_server_sees_what_the_client_closes_with(string proxy, int code, string reason)
    {
        int mark = proxied.Server.Log.Count;
        WebSocketConnection connection = await proxied[proxy].ConnectAsync("ws", "/echo", _options);
        await connection.CloseAsync((CloseStatus)code, reason).WaitAsync(Patience.Short);
        Assert.Equal((CloseStatus)code, connection.CloseStatus);
        Assert.Equal((code, reason), await proxied.Server.WaitForClosedAsync("/echo", mark));
    }

    [Theory]
    [MemberData(nameof(CloseStatuses))]
    public async Task The_client_sees_what_the_server_closes_with(string proxy, int code, string reason)
    {
        int mark = proxied.Server.Log.Count;
        WebSocketConnection connection = await proxied[proxy].ConnectAsync("ws", "/echo", _options);
        await connection.SendTextAsync($"!close {code} {reason}".TrimEnd());
        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() => Echo.ReadAsync(connection));
        Assert.Equal((CloseStatus)code, closed.Status);
        Assert.Equal(reason, closed.Reason);
        (int seen, _) = await proxied.Server.WaitForClosedAsync("/echo", mark);
        Assert.Equal(code, seen);
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task A_proxy_that_is_killed_is_1006_on_both_sides(string name)
    {
        await using ReverseProxy proxy = await ReverseProxy.StartAsync(name, proxied.Server.Port, proxied.Server.Certificate);
        int mark = proxied.Server.Log.Count;
        WebSocketConnection connection = await proxy.ConnectAsync("ws", "/echo", _options);
        await Echo.AssertComesBackAsync(connection, MessageType.Text, Payload.Create("text", 100));
        await proxy.KillAsync();
        await Assert.ThrowsAsync<WebSocketClosedException>(() => Echo.ReadAsync(connection));
        Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus);
        Assert.Equal((1006, ""), await proxied.Server.WaitForClosedAsync("/echo", mark));
    }

    [Theory]
    [InlineData("nginx", HttpStatusCode.BadGateway)]
    [InlineData("haproxy", HttpStatusCode.ServiceUnavailable)]
    public async Task Without_a_server_behind_it_the_client_is_told_what_the_proxy_says(string proxy, HttpStatusCode status)
    {
        WebSocketHandshakeException refused = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            proxied[proxy].ConnectAsync("ws", "/nobody")
        );
        Assert.Equal(status, refused.StatusCode);
        Assert.NotEqual("", refused.Body);
    }

    // The most usual mistake: without proxy_set_header nginx passes no Upgrade on, and asks for the page.
    [Fact]
    public async Task A_proxy_that_passes_no_upgrade_on_is_a_refusal_that_says_so()
    {
        WebSocketHandshakeException refused = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            proxied["nginx"].ConnectAsync("ws", "/forgetful")
        );
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.StartsWith("The header 'Upgrade: websocket' is missing", refused.Body, StringComparison.Ordinal);
    }
}
