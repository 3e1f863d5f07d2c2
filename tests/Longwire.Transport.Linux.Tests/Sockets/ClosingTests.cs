using System.Net.Sockets;

namespace Longwire.Transport.Linux.Tests;

public class ClosingTests
{
    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Closing_sends_everything_first(EventLoopKind kind)
    {
        const int Total = 4_000_000;
        var handler = new TestHandler
        {
            Receive = (socket, _) =>
            {
                socket.Send(Data.Pattern(Total));
                socket.Close();
                Assert.True(socket.IsClosed);
                Assert.False(socket.Send(new byte[1]));
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync(client => client.ReceiveBufferSize = 4096);
        await client.SendAllAsync(new byte[1]);

        Assert.Equal(Data.Pattern(Total), await client.ReceiveToEndAsync());
        client.Dispose();
        Assert.Equal(SocketError.Success, await handler.Closed);
        Assert.Equal(0, server.Loop.HandlerFaults);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task What_still_arrives_after_closing_is_dropped_and_does_not_reset_the_answer(EventLoopKind kind)
    {
        var handler = new TestHandler
        {
            Receive = (socket, _) =>
            {
                socket.Send("bye"u8);
                socket.Close();
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        for (int i = 0; i < 20; i++)
        {
            await client.SendAllAsync(new byte[50_000]);
        }

        Assert.Equal("bye"u8.ToArray(), await client.ReceiveToEndAsync());
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_peer_that_never_closes_is_left_after_the_linger_time(EventLoopKind kind)
    {
        var time = new ManualTime();
        var handler = new TestHandler { Receive = (socket, _) => socket.Close() };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler, options => options.TimeProvider = time);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);
        Assert.Empty(await client.ReceiveToEndAsync());
        Assert.Equal(0, handler.ClosedCalls);

        // The client may see the end before the loop has set the time, which then counts from the clock as it is by then.
        await server.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(2.5));
            return handler.ClosedCalls == 1;
        });
        Assert.Equal(SocketError.Success, await handler.Closed);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_peer_that_reads_nothing_of_what_is_left_is_reset_after_the_linger_time(EventLoopKind kind)
    {
        var time = new ManualTime();
        var handler = new TestHandler
        {
            Receive = (socket, _) =>
            {
                socket.Send(new byte[8_000_000]);
                socket.Close();
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler, options => options.TimeProvider = time);
        using Socket client = await server.ConnectAsync(client => client.ReceiveBufferSize = 4096);
        await client.SendAllAsync(new byte[1]);
        LoopSocket socket = await handler.Attached;
        await server.UntilAsync(() => socket.IsClosed);

        time.Advance(TimeSpan.FromSeconds(2.5));
        await server.UntilAsync(() => handler.ClosedCalls == 1);
        Assert.Equal(SocketError.TimedOut, await handler.Closed);
        await server.UntilAsync(() => server.Loop.SocketCount == 0);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Half_closed_it_still_receives(EventLoopKind kind)
    {
        int received = 0;
        var handler = new TestHandler
        {
            Attach = socket =>
            {
                socket.Send("first"u8);
                socket.EndSending();
            },
            Receive = (_, data) => received += data.Length,
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        Assert.Equal("first"u8.ToArray(), await client.ReceiveToEndAsync());
        await client.SendAllAsync(new byte[1000]);
        await server.UntilAsync(() => received == 1000);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(SocketError.Success, await handler.Closed);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_half_closed_peer_still_gets_its_answer(EventLoopKind kind)
    {
        var handler = new TestHandler
        {
            PeerEnd = socket =>
            {
                Assert.True(socket.IsPeerEnded);
                socket.Send(Data.Pattern(1_000_000));
                socket.Close();
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(Data.Pattern(1_000_000), await client.ReceiveToEndAsync());
        Assert.Equal(SocketError.Success, await handler.Closed);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Aborting_resets_the_connection(EventLoopKind kind)
    {
        var handler = new TestHandler();
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        socket.AbortFromAnyThread();
        socket.AbortFromAnyThread();

        SocketException reset = await Assert.ThrowsAsync<SocketException>(() => client.ReceiveExactlyAsync(1));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        Assert.Equal(SocketError.OperationAborted, await handler.Closed);
        await server.UntilAsync(() => server.Loop.SocketCount == 0);
        Assert.Equal(1, handler.ClosedCalls);
        Assert.Null(await server.OnLoopAsync(() => socket.RemoteEndPoint));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Handlers_may_close_each_others_sockets_in_one_turn(EventLoopKind kind)
    {
        var handlers = new List<TestHandler>();
        var sockets = new List<LoopSocket>();
        await using TestServer server = await TestServer.StartAsync(
            kind,
            () =>
            {
                var handler = new TestHandler
                {
                    Attach = sockets.Add,
                    Receive = (_, _) =>
                    {
                        foreach (LoopSocket socket in sockets)
                        {
                            socket.Send("x"u8);
                            socket.Abort();
                        }
                    },
                };
                handlers.Add(handler);
                return handler;
            }
        );
        Socket[] clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.ConnectAsync()));
        await server.UntilAsync(() => sockets.Count == 20);
        await clients[7].SendAllAsync(new byte[1]);
        await server.UntilAsync(() => server.Loop.SocketCount == 0);
        Assert.All(handlers, handler => Assert.Equal(1, handler.ClosedCalls));
        foreach (Socket client in clients)
        {
            client.Dispose();
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Random_ends_on_both_sides_leave_nothing_behind(EventLoopKind kind)
    {
        const int Count = 500;
        await using TestServer server = await TestServer.StartAsync(
            kind,
            () =>
                new TestHandler
                {
                    Receive = (socket, data) =>
                    {
                        switch (data[0] % 5)
                        {
                            case 0:
                                socket.Abort();
                                break;
                            case 1:
                                socket.Send(data);
                                socket.Close();
                                break;
                            case 2:
                                socket.PauseReceiving();
                                socket.Post();
                                break;
                            default:
                                socket.Send(data);
                                break;
                        }
                    },
                    Posted = socket => socket.ResumeReceiving(),
                }
        );
        var random = new Random(7);
        await Task.WhenAll(
            Enumerable
                .Range(0, Count)
                .Select(async i =>
                {
                    byte[] data = Data.Pattern(1 + i * 37 % 3000, i);
                    bool reset = i % 3 == 0;
                    Socket client = await server.ConnectAsync();
                    await client.SendAllAsync(data);
                    if (reset)
                    {
                        client.Reset();
                    }
                    else
                    {
                        client.Dispose();
                    }
                })
        );
        await server.UntilAsync(() => server.Loop.SocketCount == 0);
        Assert.Equal(0, server.Loop.HandlerFaults);
    }
}
