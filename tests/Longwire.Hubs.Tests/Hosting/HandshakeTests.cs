using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

/// <summary>An opening handshake's statements about its client, at an endpoint of ASP.NET Core.</summary>
public abstract class HandshakeTests(ServerTransport transport)
{
    public sealed class OnKestrel() : HandshakeTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : HandshakeTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : HandshakeTests(ServerTransport.IoUring);

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("/hub", "Sec-WebSocket-Protocol: longwire.v1.json, session.SECRET")]
    [InlineData("/hub", "Sec-WebSocket-Protocol: session.SECRET, longwire.v1.json")]
    [InlineData("/hub", "Sec-WebSocket-Protocol: longwire.v1.json\r\nLongwire-Session: SECRET")]
    [InlineData("/hub?session=SECRET", "Sec-WebSocket-Protocol: longwire.v1.json")]
    public async Task A_session_is_resumed_by_a_subprotocol_entry_a_header_or_the_query_and_the_secret_is_never_echoed(
        string target,
        string headers
    )
    {
        await using WebApplication server = await StartAsync();
        (TestClient first, string _) = await ConnectAsync(server, "/hub?token=valid-token", "Accept: */*");
        await first.LoseAsync();
        string secret = first.Secret;
        (TestClient again, string head) = await ConnectAsync(
            server,
            target.Replace("SECRET", secret, StringComparison.Ordinal),
            headers.Replace("SECRET", secret, StringComparison.Ordinal)
        );
        Assert.True(again.Connected.GetProperty("resumed").GetBoolean());
        Assert.Equal(first.ClientId, again.ClientId);
        Assert.Contains("Sec-WebSocket-Protocol: longwire.v1.json\r\n", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(secret, head, StringComparison.Ordinal);
        again.Abort();
    }

    [Fact]
    public async Task A_token_and_a_session_may_stand_side_by_side()
    {
        await using WebApplication server = await StartAsync();
        (TestClient first, string _) = await ConnectAsync(
            server,
            "/hub",
            "Sec-WebSocket-Protocol: longwire.v1.json, bearer.valid-token, session.none"
        );
        Assert.False(first.Connected.GetProperty("resumed").GetBoolean());
        Assert.Equal(first.ClientId, first.Connected.Text("userId"));
        first.Abort();
    }

    private async Task<WebApplication> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0)).UseTransport(transport);
        builder.Services.AddSingleton<ITokenValidator>(new DemoTokenValidator());
        builder.Services.AddLongwireHub();
        WebApplication server = builder.Build();
        server.MapLongwireHub("/hub");
        await server.StartAsync();
        return server;
    }

    private static async Task<(TestClient Client, string Head)> ConnectAsync(WebApplication server, string target, string headers)
    {
        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, new Uri(address).Port));
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n\r\n"
            )
        );
        string head = await ReadHeadAsync(stream).WaitAsync(_patience);
        Assert.StartsWith("HTTP/1.1 101 ", head);
        var connection = WebSocketConnection.FromStream(stream, WebSocketRole.Client, TestClient.OwnOptions);
        var client = new TestClient(connection, connection);
        client.Connected = await client.NextAsync("connected");
        return (client, head);
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
