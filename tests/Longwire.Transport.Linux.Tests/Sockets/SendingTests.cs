using System.Net.Sockets;
using System.Text;

namespace Longwire.Transport.Linux.Tests;

public class SendingTests
{
    public static TheoryData<int> PartSizes => [.. Enumerable.Range(1, 64), 100, 1000, 4095, 4096, 4097];

    [Theory]
    [MemberData(nameof(PartSizes))]
    public async Task A_kernel_that_takes_only_so_many_bytes_at_a_time_gets_them_all_in_order(int part)
    {
        // By epoll, which sends with calls that can be cut; a ring's are cut below.
        var calls = new FaultyCalls { SendAtMost = part };
        var handler = new TestHandler
        {
            Receive = (socket, data) =>
            {
                Assert.True(socket.Send(Data.Pattern(3), Data.Pattern(1000, 3)));
                Assert.True(socket.Send(Data.Pattern(500, 1003)));
            },
            // A cut send is followed by no edge of the kernel's, which has room: the test does what an edge would.
            Posted = socket => socket.DrainPending(),
        };
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.Epoll, () => handler, calls: calls);
        using Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        await client.SendAllAsync(new byte[1]);

        Task<byte[]> receiving = client.ReceiveExactlyAsync(1503);
        while (!receiving.IsCompleted)
        {
            socket.Post();
            await server.OnLoopAsync(() => { });
        }

        Assert.Equal(Data.Pattern(1503), await receiving);
        Assert.Equal(0, await server.OnLoopAsync(() => socket.PendingBytes));
    }

    [Theory]
    [InlineData(0)]
    [MemberData(nameof(PartSizes))]
    [Trait("Needs", "io_uring")]
    public async Task A_ring_s_send_of_which_the_kernel_takes_only_so_many_bytes_is_made_whole_in_order(int part)
    {
        var calls = new FaultyCalls { SendAtMost = Math.Max(part, 1) };
        unsafe
        {
            calls.BendRingSend = send =>
            {
                if (send->Length <= part)
                {
                    return;
                }
                // So the kernel answers: a completion, with less than was asked for. Nothing at all is what a full buffer takes.
                send->Length = (uint)part;
                send->Flags = (byte)(send->Flags & ~IoUring.SubmissionSkipCompletionOnSuccess);
            };
        }

        var handler = new TestHandler
        {
            Receive = (socket, data) =>
            {
                Assert.True(socket.Send(Data.Pattern(3), Data.Pattern(1000, 3)));
                Assert.True(socket.Send(Data.Pattern(500, 1003)));
            },
        };
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.IoUring, () => handler, calls: calls);
        await server.OnLoopAsync(() => calls.Ring = ((IoUringLoop)server.Loop).Ring);
        using Socket client = await server.ConnectAsync();
        for (int i = 0; i < 3; i++)
        {
            await client.SendAllAsync(new byte[1]);
            Assert.Equal(Data.Pattern(1503), await client.ReceiveExactlyAsync(1503));
        }

        LoopSocket socket = await handler.Attached;
        Assert.Equal(0, await server.OnLoopAsync(() => socket.PendingBytes));
    }

    [Fact]
    [Trait("Needs", "io_uring")]
    public async Task A_ring_s_send_that_fails_costs_its_own_connection_only()
    {
        var calls = new FaultyCalls();
        bool fail = false;
        unsafe
        {
            calls.BendRingSend = send =>
            {
                if (fail)
                {
                    send->Descriptor = -1;
                }

                fail = false;
            };
        }

        var handlers = new List<TestHandler>();
        await using TestServer server = await TestServer.StartAsync(
            EventLoopKind.IoUring,
            () =>
            {
                handlers.Add(new TestHandler());
                return handlers[^1];
            },
            calls: calls
        );
        using Socket good = await server.ConnectAsync();
        await server.OnLoopAsync(() => calls.Ring = ((IoUringLoop)server.Loop).Ring);
        await server.UntilAsync(() => handlers.Count == 1);
        using Socket bad = await server.ConnectAsync();
        await server.UntilAsync(() => handlers.Count == 2);
        await server.OnLoopAsync(() => fail = true);
        await bad.SendAllAsync(new byte[1]);
        Assert.Equal(SocketError.SocketError, await handlers[1].Closed);
        await good.SendAllAsync(Data.Pattern(100));
        Assert.Equal(Data.Pattern(100), await good.ReceiveExactlyAsync(100));
        await server.UntilAsync(() => server.Loop.SocketCount == 1);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_slow_reader_gets_everything_in_order_and_the_handler_hears_when_there_is_room(EventLoopKind kind)
    {
        const int Total = 6_000_000;
        int writable = 0;
        var handler = new TestHandler
        {
            Receive = (socket, _) =>
            {
                for (int sent = 0; sent < Total; sent += 10_000)
                {
                    Assert.True(socket.Send(Data.Pattern(10_000, sent)));
                }
            },
            Writable = _ => writable++,
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync(client => client.ReceiveBufferSize = 4096);
        LoopSocket socket = await handler.Attached;
        await client.SendAllAsync(new byte[1]);
        await server.UntilAsync(() => socket.PendingBytes > 0);

        Assert.Equal(Data.Pattern(Total), await client.ReceiveExactlyAsync(Total));
        await server.UntilAsync(() => socket.PendingBytes == 0 && writable == 1);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Writes_that_keep_nothing_go_on_when_there_is_room(EventLoopKind kind)
    {
        const int Total = 5_000_000;
        byte[] all = Data.Pattern(Total);
        int sent = 0;
        void Write(LoopSocket socket) => sent += socket.Write(all.AsSpan(sent));
        var handler = new TestHandler { Receive = (socket, _) => Write(socket), Writable = Write };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync(client => client.ReceiveBufferSize = 4096);
        await client.SendAllAsync(new byte[1]);

        Assert.Equal(all, await client.ReceiveExactlyAsync(Total));
        Assert.Equal(0, await server.OnLoopAsync(() => (int)handler.Attached.Result.PendingBytes));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Small_and_large_sends_in_one_turn_keep_their_order(EventLoopKind kind)
    {
        int[] lengths = [1, 70_000, 3, 65_536, 66_047, 66_048, 66_049, 200_000, 5];
        var handler = new TestHandler
        {
            Receive = (socket, _) =>
            {
                int start = 0;
                foreach (int length in lengths)
                {
                    Assert.True(
                        socket.Send(
                            Data.Pattern(Math.Min(2, length), start),
                            Data.Pattern(length - Math.Min(2, length), start + Math.Min(2, length))
                        )
                    );
                    start += length;
                }
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);
        Assert.Equal(Data.Pattern(lengths.Sum()), await client.ReceiveExactlyAsync(lengths.Sum()));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Bytes_written_in_place_are_sent(EventLoopKind kind)
    {
        var handler = new TestHandler
        {
            Receive = (socket, data) =>
            {
                for (int i = 0; i < 3; i++)
                {
                    Assert.True(socket.TryReserve(4, out Span<byte> room));
                    "abcd"u8.CopyTo(room);
                    socket.Advance(4);
                }

                Assert.False(socket.TryReserve(1_000_000, out _));
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);
        Assert.Equal("abcdabcdabcd"u8.ToArray(), await client.ReceiveExactlyAsync(12));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_turn_that_writes_to_a_crowd_uses_a_bounded_number_of_blocks(EventLoopKind kind)
    {
        const int Crowd = CorkTable.MaxBlocks + 100;
        var crowd = new List<LoopSocket>();
        EventLoop? loop = null;
        int most = 0;
        var handler = new TestHandler
        {
            Attach = crowd.Add,
            Receive = (socket, _) =>
            {
                // Bytes that the handler writes in place stay where they are, whatever it sends to others meanwhile.
                Assert.True(socket.Send("<"u8));
                Assert.True(socket.TryReserve(2, out Span<byte> room));
                foreach (string text in (string[])["one", "two"])
                {
                    foreach (LoopSocket member in crowd.Where(member => member != socket))
                    {
                        Assert.True(member.Send(Encoding.ASCII.GetBytes(text)));
                        most = Math.Max(most, loop!.Corks.Blocks);
                    }
                }

                "me"u8.CopyTo(room);
                socket.Advance(2);
                Assert.True(socket.Send(">"u8));
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        loop = server.Loop;
        var clients = new List<Socket>();
        for (int i = 0; i < Crowd; i++)
        {
            clients.Add(await server.ConnectAsync());
        }

        await server.UntilAsync(() => crowd.Count == Crowd);
        await clients[0].SendAllAsync(new byte[1]);
        Assert.Equal("<me>"u8.ToArray(), await clients[0].ReceiveExactlyAsync(4));
        foreach (Socket client in clients.Skip(1))
        {
            Assert.Equal("onetwo"u8.ToArray(), await client.ReceiveExactlyAsync(6));
        }

        Assert.Equal(CorkTable.MaxBlocks, await server.OnLoopAsync(() => most));
        clients.ForEach(static client => client.Dispose());
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Beyond_the_limit_a_send_is_refused_as_a_whole(EventLoopKind kind)
    {
        long pending = 0;
        bool refused = false;
        var handler = new TestHandler
        {
            Receive = (socket, _) =>
            {
                byte[] data = new byte[100_000];
                for (int i = 0; i < 1000 && !refused; i++)
                {
                    refused = !socket.Send(data);
                }

                pending = socket.PendingBytes;
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler, options => options.MaxPendingBytes = 1_000_000);
        using Socket client = await server.ConnectAsync(client => client.ReceiveBufferSize = 4096);
        await client.SendAllAsync(new byte[1]);
        await server.UntilAsync(() => refused);
        Assert.InRange(pending, 900_000, 1_000_000);
    }

    [Fact]
    public async Task An_interrupted_or_refused_send_is_made_good()
    {
        var calls = new FaultyCalls
        {
            BeforeSend = number =>
                (number % 3) switch
                {
                    0 => -Errno.Interrupted,
                    1 => -Errno.Again,
                    _ => 0,
                },
        };
        var handler = new TestHandler { Posted = socket => socket.DrainPending() };
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.Epoll, () => handler, calls: calls);
        using Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        for (int i = 0; i < 20; i++)
        {
            await client.SendAllAsync(Data.Pattern(100, i));
            Task<byte[]> receiving = client.ReceiveExactlyAsync(100);
            while (!receiving.IsCompleted)
            {
                socket.Post();
                await server.OnLoopAsync(() => { });
            }

            Assert.Equal(Data.Pattern(100, i), await receiving);
        }
    }

    [Fact]
    public async Task A_send_to_a_connection_that_was_reset_closes_it_with_that_error()
    {
        var calls = new FaultyCalls { BeforeSend = _ => -Errno.ConnectionReset };
        var handler = new TestHandler();
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.Epoll, () => handler, calls: calls);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);
        Assert.Equal(SocketError.ConnectionReset, await handler.Closed);
        Assert.Equal(1, handler.ClosedCalls);
    }
}
