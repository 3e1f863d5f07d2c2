using System.Net.Sockets;

namespace Longwire.Transport.Linux.Tests;

public class ReceivingTests
{
    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task The_received_bytes_may_be_changed_in_place(EventLoopKind kind)
    {
        var handler = new TestHandler
        {
            Receive = (socket, data) =>
            {
                for (int i = 0; i < data.Length; i++)
                {
                    data[i] ^= 0xFF;
                }

                socket.Send(data);
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Data.Pattern(5000));
        Assert.Equal(Data.Pattern(5000).Select(value => (byte)(value ^ 0xFF)), await client.ReceiveExactlyAsync(5000));
    }

    [Fact]
    public async Task Interrupted_receives_are_repeated()
    {
        var calls = new FaultyCalls
        {
            BeforeReceive = number =>
                (number % 3) switch
                {
                    0 => -Errno.Interrupted,
                    1 => -Errno.Interrupted,
                    _ => 0,
                },
        };
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.Epoll, () => new TestHandler(), calls: calls);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Data.Pattern(100));
        Assert.Equal(Data.Pattern(100), await client.ReceiveExactlyAsync(100));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_reset_by_the_peer_is_reported_once(EventLoopKind kind)
    {
        var handler = new TestHandler();
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);
        await client.ReceiveExactlyAsync(1);
        client.Reset();

        Assert.Equal(SocketError.ConnectionReset, await handler.Closed);
        await server.UntilAsync(() => server.Group.SocketCount == 0);
        Assert.Equal(1, handler.ClosedCalls);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_reset_is_reported_while_receiving_is_paused(EventLoopKind kind)
    {
        var handler = new TestHandler { Receive = (socket, _) => socket.PauseReceiving() };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);
        LoopSocket socket = await handler.Attached;
        await server.UntilAsync(() => (socket.Flags & SocketFlags.Paused) != 0);
        client.Reset();

        Assert.Equal(SocketError.ConnectionReset, await handler.Closed);
        await server.UntilAsync(() => server.Group.SocketCount == 0);
        Assert.Equal(1, handler.ClosedCalls);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_reset_is_reported_after_receiving_was_paused_and_resumed_over_and_over(EventLoopKind kind)
    {
        var handler = new TestHandler
        {
            Posted = socket =>
            {
                socket.ResumeReceiving();
                socket.PauseReceiving();
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        for (int i = 0; i < 200; i++)
        {
            socket.Post();
            // Now and then the kernel has a turn between.
            if (i % 3 == 0)
            {
                await server.OnLoopAsync(() => { });
            }
        }

        client.Reset();
        Assert.Equal(SocketError.ConnectionReset, await handler.Closed);
        await server.UntilAsync(() => server.Group.SocketCount == 0);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task What_came_before_a_reset_is_delivered_before_the_end(EventLoopKind kind)
    {
        int received = 0,
            receivedAtClose = -1;
        var handler = new TestHandler
        {
            Receive = (_, data) =>
            {
                Assert.True(data.SequenceEqual(Data.Pattern(data.Length, received % 251)));
                received += data.Length;
            },
            Close = _ => receivedAtClose = received,
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        Socket client = await server.ConnectAsync();
        await handler.Attached;
        // On the loop's thread, so that all of it is there before the loop looks.
        await server.OnLoopAsync(() =>
        {
            client.Send(Data.Pattern(100_000));
            client.Reset();
        });

        Assert.Equal(SocketError.ConnectionReset, await handler.Closed);
        Assert.Equal(100_000, receivedAtClose);
    }

    [Theory]
    [ClassData(typeof(KindsBothWays))]
    public async Task What_came_before_a_reset_is_delivered_also_when_a_send_is_the_first_to_fail(EventLoopKind kind, bool corked)
    {
        int received = 0,
            receivedAtClose = -1;
        var handler = new TestHandler
        {
            Receive = (socket, data) =>
            {
                Assert.True(data.SequenceEqual(Data.Pattern(data.Length, received % 251)));
                received += data.Length;
                Assert.Equal(0, socket.PendingBytes);
            },
            Close = _ => receivedAtClose = received,
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        await server.OnLoopAsync(() =>
        {
            client.Send(Data.Pattern(100_000));
            client.Reset();
            if (corked)
            {
                Assert.True(socket.Send(new byte[10]));
                return;
            }

            Assert.Equal(0, socket.Write(new byte[10]));
            Assert.False(socket.Send(new byte[10]));
        });

        Assert.Equal(SocketError.ConnectionReset, await handler.Closed);
        Assert.Equal(100_000, receivedAtClose);
        await server.UntilAsync(() => server.Group.SocketCount == 0);
        Assert.Equal((1, 0), (handler.ClosedCalls, server.Loop.HandlerFaults));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_handler_that_closes_or_pauses_at_what_came_before_the_reset_is_closed_all_the_same(EventLoopKind kind)
    {
        Action<LoopSocket>[] answers =
        [
            socket => socket.Close(),
            socket => socket.Abort(),
            socket => socket.PauseReceiving(),
            socket => socket.EndSending(),
        ];
        foreach (Action<LoopSocket> answer in answers)
        {
            var handler = new TestHandler { Receive = (socket, _) => answer(socket) };
            await using TestServer server = await TestServer.StartAsync(kind, () => handler);
            Socket client = await server.ConnectAsync();
            LoopSocket socket = await handler.Attached;
            await server.OnLoopAsync(() =>
            {
                client.Send(new byte[500_000]);
                client.Reset();
                socket.Write(new byte[10]);
            });
            await handler.Closed;
            await server.UntilAsync(() => server.Group.SocketCount == 0);
            Assert.Equal(1, handler.ClosedCalls);
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task While_receiving_is_paused_nothing_is_delivered_and_afterwards_everything_in_order(EventLoopKind kind)
    {
        const int Total = 3_000_000;
        int received = 0;
        bool paused = false;
        var handler = new TestHandler
        {
            Receive = (socket, data) =>
            {
                Assert.False(paused);
                Assert.True(data.SequenceEqual(Data.Pattern(data.Length, received % 251)));
                received += data.Length;
                paused = true;
                socket.PauseReceiving();
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler, options => options.ReceiveBufferBytes = 4096);
        using Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        Task sending = client.SendAllAsync(Data.Pattern(Total));
        await server.UntilAsync(() =>
        {
            if (paused)
            {
                paused = false;
                socket.ResumeReceiving();
            }

            return received == Total;
        });
        await sending;
        Assert.Equal(0, server.Loop.HandlerFaults);
    }

    [Theory]
    [ClassData(typeof(KindsBothWays))]
    public async Task A_paused_socket_holds_the_peer_back(EventLoopKind kind, bool fromTheStart)
    {
        var handler = new TestHandler
        {
            Attach = socket =>
            {
                if (fromTheStart)
                {
                    socket.PauseReceiving();
                }
            },
            Receive = (socket, _) => socket.PauseReceiving(),
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        client.Blocking = false;
        byte[] data = new byte[64 * 1024];
        int sent = 0;
        // Buffers on loopback grow up to some 10 MB and no further.
        for (int refusals = 0; refusals < 1000; )
        {
            try
            {
                sent += client.Send(data);
                Assert.InRange(sent, 0, 64 * 1024 * 1024);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock)
            {
                refusals++;
                await server.OnLoopAsync(() => { });
            }
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task The_peers_end_is_reported_after_what_was_held_back(EventLoopKind kind)
    {
        int received = 0;
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new TestHandler
        {
            Attach = socket => socket.PauseReceiving(),
            Receive = (_, data) => received += data.Length,
            PeerEnd = socket =>
            {
                ended.SetResult(received);
                socket.Close();
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        await client.SendAllAsync(new byte[10_000]);
        client.Shutdown(SocketShutdown.Send);
        await server.OnLoopAsync(() => { });
        Assert.Equal(0, received);
        await server.OnLoopAsync(socket.ResumeReceiving);
        Assert.Equal(10_000, await ended.Task.WaitAsync(TestServer.Patience));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [Trait("Needs", "io_uring")]
    public async Task With_hardly_any_buffers_a_ring_still_receives_everything(int buffers)
    {
        await using TestServer server = await TestServer.StartAsync(
            EventLoopKind.IoUring,
            () => new TestHandler(),
            options =>
            {
                options.RingBufferCount = buffers;
                options.RingBufferBytes = 512;
            }
        );
        Socket[] clients = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.ConnectAsync()));
        await Task.WhenAll(
            clients.Select(
                async (client, i) =>
                {
                    byte[] sent = Data.Pattern(100_000, i);
                    Task sending = client.SendAllAsync(sent);
                    Assert.Equal(sent, await client.ReceiveExactlyAsync(sent.Length));
                    await sending;
                }
            )
        );

        Assert.True(((IoUringLoop)server.Loop).BufferExhaustions > 0);
        foreach (Socket client in clients)
        {
            client.Dispose();
        }

        await server.UntilAsync(() => server.Group.SocketCount == 0);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task One_that_floods_does_not_keep_another_waiting(EventLoopKind kind)
    {
        long flooded = 0;
        await using TestServer server = await TestServer.StartAsync(
            kind,
            () =>
                new TestHandler
                {
                    Receive = (socket, data) =>
                    {
                        if (data.Length > 1)
                        {
                            flooded += data.Length;
                        }
                        else
                        {
                            socket.Send(data);
                        }
                    },
                }
        );
        using Socket flood = await server.ConnectAsync();
        using Socket polite = await server.ConnectAsync();
        using var end = new CancellationTokenSource();
        Task flooding = Task.Run(() =>
        {
            byte[] data = new byte[256 * 1024];
            while (!end.IsCancellationRequested)
            {
                flood.Send(data);
            }
        });
        for (int i = 0; i < 200; i++)
        {
            await polite.SendAllAsync(new byte[1]);
            await polite.ReceiveExactlyAsync(1);
        }

        await end.CancelAsync();
        await flooding;
        Assert.True(flooded > 0);
    }
}
