using System.Diagnostics;
using Longwire.Client;

namespace Longwire.Interop.Tests;

/// <summary>
/// A silent connection through a proxy that ends those. These tests take the seconds that the proxy takes.
/// </summary>
public sealed class ProxyIdleTests(ProxiedServer proxied) : IClassFixture<ProxiedServer>
{
    private static readonly WebSocketClientOptions _silent = new()
    {
        Connection = new WebSocketConnectionOptions { PingInterval = Timeout.InfiniteTimeSpan },
    };

    private static readonly WebSocketClientOptions _pinging = new()
    {
        Connection = new WebSocketConnectionOptions { PingInterval = ProxyFiles.IdleTimeout / 4 },
    };

    public static TheoryData<string> Proxies => [.. ReverseProxy.Names];

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Pings_of_either_side_keep_it_alive(string proxy) =>
        await Task.WhenAll(
            AssertOutlivesTheTimeoutAsync(proxy, "/pinging", _silent, ControlFrameWitness.OfPings()),
            AssertOutlivesTheTimeoutAsync(proxy, "/quiet", _pinging, ControlFrameWitness.OfPongs())
        );

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Without_pings_it_ends_and_both_sides_are_told_1006(string proxy)
    {
        int mark = proxied.Server.Log.Count;
        var time = Stopwatch.StartNew();
        WebSocketConnection connection = await proxied[proxy].ConnectAsync("ws", "/quiet", _silent);
        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() =>
            connection.ReadAsync().AsTask().WaitAsync(Patience.Short)
        );
        Assert.True(time.Elapsed >= ProxyFiles.IdleTimeout * 0.9, $"It ended after {time.Elapsed}, before the proxy's time-out.");
        Assert.Equal(CloseStatus.Abnormal, closed.Status);
        Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus);
        Assert.Equal(WebSocketPhase.Closed, connection.State);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => connection.SendTextAsync("too late").AsTask());
        Assert.Equal((1006, ""), await proxied.Server.WaitForClosedAsync("/quiet", mark));
    }

    // Nothing but what the witness counts passes until more than two time-outs are over.
    private async Task AssertOutlivesTheTimeoutAsync(string proxy, string path, WebSocketClientOptions options, ControlFrameWitness frames)
    {
        WebSocketConnection connection = await proxied[proxy].ConnectAsync("ws", path, options, frames);
        var time = Stopwatch.StartNew();
        while (time.Elapsed < ProxyFiles.IdleTimeout * 2.25)
        {
            await frames.WaitAsync();
        }

        Assert.Equal(WebSocketPhase.Open, connection.State);
        await connection.SendTextAsync("still here");
        Assert.Equal("still here", (await connection.ReadAsync().AsTask().WaitAsync(Patience.Short)).Text);
        await connection.CloseAsync();
        Assert.Equal(CloseStatus.NormalClosure, connection.CloseStatus);
    }
}
