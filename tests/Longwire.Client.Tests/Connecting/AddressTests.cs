using System.Net;
using System.Net.Sockets;
using Longwire.Transport.Linux.Tests;

namespace Longwire.Client.Tests;

/// <summary>From the name of a server to TCP: several addresses, scopes, and no answer from any.</summary>
public sealed class AddressTests
{
    // Two hosts: the loopback device has both addresses, and no other test listens at a port of either.
    private static readonly IPAddress _first = IPAddress.Parse("127.0.1.1");
    private static readonly IPAddress _second = IPAddress.Parse("127.0.1.2");

    [Fact]
    public async Task The_next_address_of_a_name_is_tried_while_the_first_one_does_not_answer()
    {
        using var silent = new SilentListener(_first);
        await using var server = new ScriptedServer(static peer => peer.AcceptAsync(), _second, silent.EndPoint.Port);
        WebSocketConnection socket = await WebSocketClient
            .ConnectAsync(new Uri($"ws://two.example:{server.Port}/"), Resolving(TimeSpan.FromMinutes(5), _first, _second))
            .WaitAsync(Patience.Long);
        await socket.Completion.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task The_next_address_of_a_name_is_tried_when_nothing_listens_at_the_first_one()
    {
        using var unused = new UnusedPort(_first);
        await using var server = new ScriptedServer(static peer => peer.AcceptAsync(), _second, unused.Port);
        WebSocketConnection socket = await WebSocketClient
            .ConnectAsync(new Uri($"ws://two.example:{server.Port}/"), Resolving(TimeSpan.FromMinutes(5), _first, _second))
            .WaitAsync(Patience.Long);
        await socket.Completion.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Where_TCP_gets_no_answer_is_said_so()
    {
        using var silent = new SilentListener();
        int port = silent.EndPoint.Port;
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient
                .ConnectAsync(new Uri($"ws://one.example:{port}/"), Resolving(TimeSpan.FromSeconds(3), IPAddress.Loopback))
                .WaitAsync(Patience.Long)
        );
        Assert.StartsWith($"TCP got no answer from one.example:{port} within 3 s", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_never_resolved_is_said_so()
    {
        var options = new WebSocketClientOptions
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(100),
            Resolve = static async (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return [];
            },
        };
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(new Uri("ws://slow.example/"), options).WaitAsync(Patience.Long)
        );
        Assert.StartsWith("The name 'slow.example' was not resolved within 0.1 s", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%25lo")]
    [InlineData("%lo")]
    public async Task The_scope_of_an_IPv6_address_is_nothing_that_the_server_is_told(string scope)
    {
        HttpText? request = null;
        int port;
        await using (var server = new ScriptedServer(async peer => request = await peer.AcceptAsync(), IPAddress.IPv6Loopback))
        {
            port = server.Port;
            await WebSocketClient.ConnectAsync(new Uri($"ws://[::1{scope}]:{port}/")).WaitAsync(Patience.Long);
        }

        Assert.Equal($"[::1]:{port}", request!["Host"]);
    }

    [Theory]
    [InlineData("%25lo")]
    [InlineData("%lo")]
    public async Task The_scope_of_an_IPv6_address_is_connected_by(string scope)
    {
        // The kernel refuses a link-local address without a scope as an invalid argument, and with one looks for a way to it.
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient
                .ConnectAsync(
                    new Uri($"ws://[fe80::1{scope}]:9/"),
                    new WebSocketClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(500) }
                )
                .WaitAsync(Patience.Long)
        );
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            Assert.False(cause is SocketException { SocketErrorCode: SocketError.InvalidArgument }, exception.ToString());
        }
    }

    private static WebSocketClientOptions Resolving(TimeSpan timeout, params IPAddress[] addresses) =>
        new() { ConnectTimeout = timeout, Resolve = (_, _) => Task.FromResult(addresses) };
}
