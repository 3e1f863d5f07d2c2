using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux.Tests;

public class EventLoopTests
{
    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task What_a_client_sends_comes_back(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        using Socket client = await server.ConnectAsync();
        foreach (int length in new[] { 1, 125, 65_535, 65_536, 200_000 })
        {
            byte[] sent = Data.Pattern(length);
            Task sending = client.SendAllAsync(sent);
            Assert.Equal(sent, await client.ReceiveExactlyAsync(length));
            await sending;
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task What_one_turn_sends_to_one_socket_leaves_in_one_call(EventLoopKind kind)
    {
        var calls = new FaultyCalls();
        await using TestServer server = await TestServer.StartAsync(
            kind,
            () =>
                new TestHandler
                {
                    Receive = (socket, data) =>
                    {
                        for (int i = 0; i < 100; i++)
                        {
                            socket.Send([(byte)i]);
                        }
                    },
                },
            calls: calls
        );
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), await client.ReceiveExactlyAsync(100));
        // io_uring sends with the call that waits, so it needs none of its own.
        Assert.Equal(kind == EventLoopKind.Epoll ? 1 : 0, calls.Sends);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Many_connections_are_served_side_by_side_and_all_are_closed_in_the_end(EventLoopKind kind)
    {
        const int Count = 1000;
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler(), options => options.LoopCount = 2);
        Socket[] clients = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => server.ConnectAsync()));
        for (int round = 0; round < 3; round++)
        {
            await Task.WhenAll(clients.Select((client, i) => client.SendAllAsync(Data.Pattern(100, i))));
            byte[][] received = await Task.WhenAll(clients.Select(client => client.ReceiveExactlyAsync(100)));
            for (int i = 0; i < Count; i++)
            {
                Assert.Equal(Data.Pattern(100, i), received[i]);
            }
        }

        Assert.Equal([Count / 2, Count / 2], server.Group.Loops.Select(loop => loop.SocketCount));
        foreach (Socket client in clients)
        {
            client.Dispose();
        }

        await server.UntilAsync(() => server.Group.SocketCount == 0);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_handler_that_throws_costs_its_own_connection_only(EventLoopKind kind)
    {
        var logger = new ListLogger();
        await using TestServer server = await TestServer.StartAsync(
            kind,
            () =>
                new TestHandler
                {
                    Receive = (socket, data) =>
                    {
                        if (data[0] == 0)
                        {
                            throw new InvalidOperationException("On purpose.");
                        }

                        socket.Send(data);
                    },
                },
            logger: logger
        );
        using Socket good = await server.ConnectAsync();
        using Socket bad = await server.ConnectAsync();
        await bad.SendAllAsync(new byte[1]);

        SocketException reset = await Assert.ThrowsAsync<SocketException>(() => bad.ReceiveExactlyAsync(1));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        await good.SendAllAsync(new byte[] { 1 });
        Assert.Equal([1], await good.ReceiveExactlyAsync(1));
        Assert.Equal(1, server.Loop.HandlerFaults);
        Assert.Single(logger.Entries, entry => entry.Level == LogLevel.Error && entry.Exception is InvalidOperationException);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_handler_may_answer_its_own_fault(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(
            kind,
            () =>
                new TestHandler
                {
                    Receive = (_, _) => throw new InvalidOperationException("On purpose."),
                    Faulted = (socket, exception) =>
                    {
                        socket.Send("sorry"u8);
                        socket.Close();
                    },
                }
        );
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);
        Assert.Equal("sorry"u8.ToArray(), await client.ReceiveToEndAsync());
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Handlers_that_throw_everywhere_do_not_stop_the_loop(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new ThrowingHandler());
        for (int i = 0; i < 10; i++)
        {
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                using Socket client = await server.ConnectAsync();
                await client.ReceiveExactlyAsync(1);
            });
        }

        server.Loop.Post(_ => throw new InvalidOperationException("On purpose."), null);
        await server.UntilAsync(() => server.Loop.SocketCount == 0);
        Assert.True(server.Loop.HandlerFaults >= 21);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Interrupted_waits_are_taken_up_again(EventLoopKind kind)
    {
        var calls = new FaultyCalls { BeforeWait = number => number % 2 == 0 ? -Errno.Interrupted : 0 };
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler(), calls: calls);
        using Socket client = await server.ConnectAsync();
        for (int i = 0; i < 50; i++)
        {
            await client.SendAllAsync(Data.Pattern(1000, i));
            Assert.Equal(Data.Pattern(1000, i), await client.ReceiveExactlyAsync(1000));
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Posts_from_many_threads_reach_the_handler_and_none_is_lost(EventLoopKind kind)
    {
        const int Threads = 4,
            Each = 20_000;
        int wanted = 0,
            seen = 0,
            calls = 0;
        var handler = new TestHandler
        {
            Posted = _ =>
            {
                calls++;
                seen = Volatile.Read(ref wanted);
            },
        };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;

        await Task.WhenAll(
            Enumerable
                .Range(0, Threads)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        for (int i = 0; i < Each; i++)
                        {
                            Interlocked.Increment(ref wanted);
                            socket.Post();
                        }
                    })
                )
        );

        await server.UntilAsync(() => seen == Threads * Each);
        Assert.InRange(calls, 1, Threads * Each);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Bytes_sent_from_other_threads_arrive_in_the_order_of_each_thread(EventLoopKind kind)
    {
        var handler = new TestHandler();
        await using TestServer server = await TestServer.StartAsync(kind, () => handler);
        using Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                socket.SendFromAnyThread(Data.Pattern(251));
            }
        });

        Assert.Equal(Data.Pattern(251_000), await client.ReceiveExactlyAsync(251_000));
        await sending;
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_timer_fires_when_its_time_has_come_and_a_cleared_one_does_not(EventLoopKind kind)
    {
        var time = new ManualTime();
        int fired = 0;
        var handler = new TestHandler { Timer = _ => fired++ };
        await using TestServer server = await TestServer.StartAsync(kind, () => handler, options => options.TimeProvider = time);
        using Socket client = await server.ConnectAsync();
        LoopSocket socket = await handler.Attached;
        await server.OnLoopAsync(() => socket.SetTimer(TimeSpan.FromSeconds(10)));

        time.Advance(TimeSpan.FromSeconds(9));
        await server.OnLoopAsync(() => { });
        await server.OnLoopAsync(() => Assert.Equal(0, fired));
        time.Advance(TimeSpan.FromSeconds(1.2));
        await server.UntilAsync(() => fired == 1);

        await server.OnLoopAsync(() => socket.SetTimer(TimeSpan.FromSeconds(1)));
        await server.OnLoopAsync(socket.ClearTimer);
        time.Advance(TimeSpan.FromSeconds(5));
        await server.OnLoopAsync(() => { });
        await server.OnLoopAsync(() => Assert.Equal(1, fired));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_timer_wakes_a_loop_that_sleeps(EventLoopKind kind)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new TestHandler { Attach = socket => socket.SetTimer(TimeSpan.FromMilliseconds(1)), Timer = _ => fired.SetResult() };
        await using TestServer server = await TestServer.StartAsync(
            kind,
            () => handler,
            options => options.TimerTick = TimeSpan.FromMilliseconds(1)
        );
        using Socket client = await server.ConnectAsync();
        await fired.Task.WaitAsync(TestServer.Patience);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task An_echo_allocates_nothing(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        using Socket client = await server.ConnectAsync();
        byte[] buffer = new byte[1000];
        void Echo(int times)
        {
            for (int i = 0; i < times; i++)
            {
                client.Send(buffer);
                for (int received = 0; received < buffer.Length; )
                {
                    received += client.Receive(buffer.AsSpan(received));
                }
            }
        }

        Echo(200);
        long before = await server.OnLoopAsync(GC.GetAllocatedBytesForCurrentThread);
        Echo(2000);
        long after = await server.OnLoopAsync(GC.GetAllocatedBytesForCurrentThread);
        // The second look itself costs a little; two thousand messages must not cost one object.
        Assert.InRange(after - before, 0, 2000);
    }

    [Fact]
    public async Task The_kind_is_chosen_at_start_up_and_logged()
    {
        var logger = new ListLogger();
        await using var group = new EventLoopGroup(new EventLoopOptions { LoopCount = 1 }, logger);
        Assert.Equal(Kinds.HasIoUring ? EventLoopKind.IoUring : EventLoopKind.Epoll, group.Kind);
        Assert.Contains(logger.Entries, entry => entry.Text.Contains(Kinds.HasIoUring ? "IoUring" : "epoll", StringComparison.Ordinal));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Stopping_closes_every_socket_and_ends_the_threads(EventLoopKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, () => new TestHandler());
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);
        await client.ReceiveExactlyAsync(1);

        Task stopping = server.Group.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await client.ReceiveToEndAsync());
        client.Dispose();
        await stopping.WaitAsync(TestServer.Patience);
        Assert.Equal(0, server.Group.SocketCount);
    }

    private sealed class ThrowingHandler : LoopSocketHandler
    {
        protected internal override void OnAttached(LoopSocket socket) => throw new InvalidOperationException("On purpose.");

        protected internal override void OnReceive(LoopSocket socket, Span<byte> data) =>
            throw new InvalidOperationException("On purpose.");

        protected internal override void OnFault(LoopSocket socket, Exception exception) =>
            throw new InvalidOperationException("On purpose.");

        protected internal override void OnClosed(LoopSocket socket, SocketError error) =>
            throw new InvalidOperationException("On purpose.");
    }
}
