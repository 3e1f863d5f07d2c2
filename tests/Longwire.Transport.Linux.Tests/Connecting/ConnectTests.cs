using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Longwire.Transport.Linux.Tests;

public class ConnectTests
{
    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_connected_socket_sends_and_receives(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        var reply = new TaskCompletionSource<string>();
        var client = new TestHandler
        {
            Receive = (_, data) => reply.SetResult(Encoding.ASCII.GetString(data)),
            Attach = socket => socket.Send("hello"u8),
        };
        LoopSocket socket = await server.Loop.ConnectAsync(server.Listener.EndPoint, client).WaitAsync(TestServer.Patience);
        Assert.Equal("hello", await reply.Task.WaitAsync(TestServer.Patience));
        Assert.Same(client, socket.Handler);
        Assert.Equal(server.Listener.EndPoint, socket.RemoteEndPoint);
        await server.OnLoopAsync(socket.Close);
        Assert.Equal(SocketError.Success, await client.Closed);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_server_that_speaks_first_and_leaves_is_heard(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(
            kind,
            () =>
                new TestHandler
                {
                    Attach = socket =>
                    {
                        socket.Send("first"u8);
                        socket.Close();
                    },
                }
        );
        for (int i = 0; i < 20; i++)
        {
            var text = new StringBuilder();
            var client = new TestHandler { Receive = (_, data) => text.Append(Encoding.ASCII.GetString(data)) };
            await server.Loop.ConnectAsync(server.Listener.EndPoint, client).WaitAsync(TestServer.Patience);
            await client.Closed;
            Assert.Equal("first", text.ToString());
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task The_local_address_is_the_one_that_was_asked_for(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        var options = new LoopConnectOptions { LocalAddress = IPAddress.Parse("127.0.0.9") };
        LoopSocket socket = await server
            .Loop.ConnectAsync(server.Listener.EndPoint, new TestHandler(), options)
            .WaitAsync(TestServer.Patience);
        Assert.Equal(options.LocalAddress, ((IPEndPoint)socket.LocalEndPoint!).Address);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_unix_socket_is_connected_to(EventLoopKind kind)
    {
        string path = Path.Combine(Path.GetTempPath(), $"longwire-{Guid.NewGuid():N}");
        await using var group = new EventLoopGroup(new EventLoopOptions { Kind = kind, LoopCount = 1 });
        await using LoopListener listener = await LoopListener.StartAsync(
            group,
            new UnixDomainSocketEndPoint(path),
            _ => new TestHandler()
        );
        var reply = new TaskCompletionSource<int>();
        var client = new TestHandler { Receive = (_, data) => reply.SetResult(data.Length), Attach = socket => socket.Send("abc"u8) };
        await group.ConnectAsync(new UnixDomainSocketEndPoint(path), client).WaitAsync(TestServer.Patience);
        Assert.Equal(3, await reply.Task.WaitAsync(TestServer.Patience));
        File.Delete(path);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Where_nothing_listens_the_connection_is_refused(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        using var unused = new UnusedPort();
        var handler = new TestHandler();
        await FailsAsync(SocketError.ConnectionRefused, server.Loop.ConnectAsync(unused.EndPoint, handler));
        Assert.Equal(0, handler.ClosedCalls);
        await server.UntilAsync(() => server.Loop.SocketCount == 0);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_foreign_local_address_is_refused(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        var options = new LoopConnectOptions { LocalAddress = IPAddress.Parse("192.0.2.1") };
        await FailsAsync(SocketError.AddressNotAvailable, server.Loop.ConnectAsync(server.Listener.EndPoint, new TestHandler(), options));
        await server.UntilAsync(() => server.Loop.SocketCount == 0);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_peer_that_does_not_answer_is_given_up_after_the_time_out(EventLoopKind kind)
    {
        using var silent = new SilentListener();
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        var options = new LoopConnectOptions { Timeout = TimeSpan.FromMilliseconds(150) };
        await FailsAsync(SocketError.TimedOut, server.Loop.ConnectAsync(silent.EndPoint, new TestHandler(), options));
        await server.UntilAsync(() => server.Loop.SocketCount == 0);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task An_attempt_is_cancelled_before_and_while_the_kernel_connects(EventLoopKind kind)
    {
        using var silent = new SilentListener();
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        using var cancellation = new CancellationTokenSource();
        Task<LoopSocket> waiting = server.Loop.ConnectAsync(silent.EndPoint, new TestHandler(), null, cancellation.Token);
        await server.UntilAsync(() => server.Loop.SocketCount == 1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TestServer.Patience));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            server.Loop.ConnectAsync(silent.EndPoint, new TestHandler(), null, cancellation.Token).WaitAsync(TestServer.Patience)
        );
        await server.UntilAsync(() => server.Loop.SocketCount == 0);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Cancelling_what_is_connected_has_no_effect(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        using var cancellation = new CancellationTokenSource();
        var client = new TestHandler();
        LoopSocket socket = await server
            .Loop.ConnectAsync(server.Listener.EndPoint, client, null, cancellation.Token)
            .WaitAsync(TestServer.Patience);
        await cancellation.CancelAsync();
        await server.OnLoopAsync(() => Assert.False(socket.IsClosed));
        Assert.Equal(0, client.ClosedCalls);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Exhausted_descriptors_are_told_as_such_and_later_attempts_succeed(EventLoopKind kind)
    {
        var calls = new FaultyCalls { BeforeOpen = static () => -Errno.TooManyFiles };
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler(), calls: calls);
        await FailsAsync(SocketError.TooManyOpenSockets, server.Loop.ConnectAsync(server.Listener.EndPoint, new TestHandler()));
        calls.BeforeOpen = null;
        await server.Loop.ConnectAsync(server.Listener.EndPoint, new TestHandler()).WaitAsync(TestServer.Patience);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_handler_that_throws_when_attached_loses_its_socket_only(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        var client = new TestHandler { Attach = static _ => throw new InvalidOperationException("On purpose.") };
        await server.Loop.ConnectAsync(server.Listener.EndPoint, client).WaitAsync(TestServer.Patience);
        Assert.Equal(SocketError.OperationAborted, await client.Closed);
        await server.Loop.ConnectAsync(server.Listener.EndPoint, new TestHandler()).WaitAsync(TestServer.Patience);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Attempts_end_with_their_loop(EventLoopKind kind)
    {
        using var silent = new SilentListener();
        var group = new EventLoopGroup(new EventLoopOptions { Kind = kind, LoopCount = 1 });
        Task<LoopSocket> waiting = group.ConnectAsync(silent.EndPoint, new TestHandler());
        await group.StopAsync().WaitAsync(TestServer.Patience);
        await FailsAsync(SocketError.OperationAborted, waiting);
        await FailsAsync(SocketError.OperationAborted, group.ConnectAsync(silent.EndPoint, new TestHandler()));
    }

    private static async Task FailsAsync(SocketError error, Task<LoopSocket> attempt)
    {
        SocketException exception = await Assert.ThrowsAsync<SocketException>(() => attempt.WaitAsync(TestServer.Patience));
        Assert.Equal(error, exception.SocketErrorCode);
    }
}
