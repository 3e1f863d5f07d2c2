using System.Net;
using System.Net.Sockets;

namespace Longwire.Transport.Linux.Tests;

public class LoopListenerTests
{
    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Each_loop_may_have_a_listening_socket_of_its_own(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(
            kind,
            () => new TestHandler(),
            options => options.LoopCount = 2,
            listening: new LoopListenerOptions { ReusePort = true }
        );
        Socket[] clients = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => server.ConnectAsync()));
        await Task.WhenAll(
            clients.Select(async client =>
            {
                await client.SendAllAsync(Data.Pattern(10));
                Assert.Equal(Data.Pattern(10), await client.ReceiveExactlyAsync(10));
            })
        );
        Assert.All(server.Group.Loops, loop => Assert.NotEqual(0, loop.SocketCount));
        foreach (Socket client in clients)
        {
            client.Dispose();
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task An_address_in_use_is_refused(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        SocketException refused = await Assert.ThrowsAsync<SocketException>(() =>
            LoopListener.StartAsync(server.Group, server.Listener.EndPoint, _ => new TestHandler())
        );
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_stopped_listener_refuses_and_its_connections_live_on(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        using Socket client = await server.ConnectAsync();
        await server.Listener.StopAsync().WaitAsync(TestServer.Patience);

        await Assert.ThrowsAsync<SocketException>(async () => (await server.ConnectAsync()).Dispose());
        await client.SendAllAsync(new byte[5]);
        await client.ReceiveExactlyAsync(5);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task It_listens_on_unix_sockets(EventLoopKind kind)
    {
        string path = Path.Combine(Path.GetTempPath(), $"longwire-{Guid.NewGuid():N}.sock");
        try
        {
            await using var group = new EventLoopGroup(new EventLoopOptions { Kind = kind, LoopCount = 1 });
            await using LoopListener listener = await LoopListener.StartAsync(
                group,
                new UnixDomainSocketEndPoint(path),
                _ => new TestHandler()
            );
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await client.SendAllAsync(Data.Pattern(100));
            Assert.Equal(Data.Pattern(100), await client.ReceiveExactlyAsync(100));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Sockets_know_both_ends_addresses()
    {
        var handler = new TestHandler();
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.Epoll, () => handler);
        using Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        Assert.Equal(client.LocalEndPoint, await server.OnLoopAsync(() => socket.RemoteEndPoint));
        Assert.Equal(client.RemoteEndPoint, await server.OnLoopAsync(() => socket.LocalEndPoint));
    }

    [Theory]
    [InlineData("127.0.0.1", AddressFamily.InterNetwork, "02 00 1f 90 7f 00 00 01 00 00 00 00 00 00 00 00")]
    [InlineData("::1", AddressFamily.InterNetworkV6, "0a 00 1f 90 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00")]
    public void Addresses_are_read_as_the_kernel_writes_them(string address, AddressFamily family, string bytes)
    {
        byte[] raw = Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal));
        IPEndPoint parsed = Assert.IsType<IPEndPoint>(Descriptor.Parse(raw));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 8080), parsed);
        Assert.Equal(family, parsed.AddressFamily);
    }
}
