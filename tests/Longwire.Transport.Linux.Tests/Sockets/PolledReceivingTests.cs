using System.Net.Sockets;

namespace Longwire.Transport.Linux.Tests;

/// <summary>An io_uring loop polls sockets that bring much at a time, and reads all others by the ring.</summary>
[Trait("Needs", "io_uring")]
public sealed class PolledReceivingTests
{
    [Fact]
    public async Task A_socket_that_brings_much_at_a_time_is_polled_until_it_brings_little_again()
    {
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.IoUring, () => new TestHandler());
        using Socket client = await server.ConnectAsync();
        var loop = (IoUringLoop)server.Loop;
        for (int phase = 1; phase <= 3; phase++)
        {
            await EchoAsync(client, 20, times: 50);
            Assert.Equal((phase - 1, phase - 1), loop.ChangeOvers);
            await EchoAsync(client, 50_000, times: 50);
            Assert.Equal((phase, phase - 1), loop.ChangeOvers);
            await EchoAsync(client, 20, times: 50);
            Assert.Equal((phase, phase), loop.ChangeOvers);
        }
    }

    [Fact]
    public async Task A_large_message_now_and_then_changes_nothing()
    {
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.IoUring, () => new TestHandler());
        using Socket client = await server.ConnectAsync();
        for (int i = 0; i < 10; i++)
        {
            await EchoAsync(client, 10_000, times: 1);
            await EchoAsync(client, 20, times: 10);
        }

        Assert.Equal((0, 0), ((IoUringLoop)server.Loop).ChangeOvers);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_byte_changes_its_place_however_sizes_and_pauses_follow_each_other(int seed)
    {
        const int Clients = 8;
        var onLoop = new Random(seed);
        await using TestServer server = await TestServer.StartAsync(
            EventLoopKind.IoUring,
            () =>
                new TestHandler
                {
                    Receive = (socket, data) =>
                    {
                        socket.Send(data);
                        if (onLoop.Next(8) != 0)
                        {
                            return;
                        }

                        socket.PauseReceiving();
                        socket.SetTimer(TimeSpan.FromMilliseconds(1));
                    },
                    Timer = static socket => socket.ResumeReceiving(),
                },
            options =>
            {
                options.ReceiveBufferBytes = 32 * 1024;
                options.TimerTick = TimeSpan.FromMilliseconds(1);
            }
        );
        await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(index =>
                    Task.Run(async () =>
                    {
                        using Socket client = await server.ConnectAsync();
                        var random = new Random((seed * 1000) + index);
                        for (int i = 0; i < 60; i++)
                        {
                            await EchoAsync(
                                client,
                                random.Next(4) == 0 ? random.Next(1, 300) : random.Next(1, 200_000),
                                times: random.Next(1, 4)
                            );
                        }
                    })
                )
        );
        Assert.True(((IoUringLoop)server.Loop).ChangeOvers.Polled > 0, $"seed {seed}");
        await server.UntilAsync(() => server.Group.SocketCount == 0);
        Assert.Equal(0, server.Loop.HandlerFaults);
    }

    [Fact]
    public async Task The_peers_end_comes_behind_all_that_was_polled()
    {
        int received = 0;
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new TestHandler
        {
            Receive = (_, data) => received += data.Length,
            PeerEnd = socket =>
            {
                ended.TrySetResult(received);
                socket.Close();
            },
        };
        await using TestServer server = await TestServer.StartAsync(
            EventLoopKind.IoUring,
            () => handler,
            options => options.ReceiveBufferBytes = 16 * 1024
        );
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Data.Pattern(3_000_000));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(3_000_000, await ended.Task.WaitAsync(TestServer.Patience));
        Assert.Empty(await client.ReceiveToEndAsync());
        Assert.Equal(SocketError.Success, await handler.Closed);
        await server.UntilAsync(() => server.Group.SocketCount == 0);
        Assert.Equal((1, 0), ((IoUringLoop)server.Loop).ChangeOvers);
    }

    [Fact]
    public async Task An_interrupted_call_is_repeated_and_a_failing_one_ends_the_socket()
    {
        bool fails = false;
        var calls = new FaultyCalls
        {
            BeforeReceive = number =>
                Volatile.Read(ref fails) ? -Errno.ConnectionReset
                : number % 2 == 0 ? -Errno.Interrupted
                : 0,
        };
        var handler = new TestHandler();
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.IoUring, () => handler, calls: calls);
        using Socket client = await server.ConnectAsync();
        await EchoAsync(client, 100_000, times: 20);
        Assert.Equal((1, 0), ((IoUringLoop)server.Loop).ChangeOvers);
        Volatile.Write(ref fails, true);
        await client.SendAllAsync(new byte[1]);
        Assert.Equal(SocketError.ConnectionReset, await handler.Closed);
        Assert.Equal(1, handler.ClosedCalls);
    }

    private static async Task EchoAsync(Socket client, int bytes, int times)
    {
        byte[] sent = Data.Pattern(bytes, bytes);
        for (int i = 0; i < times; i++)
        {
            Task sending = client.SendAllAsync(sent);
            Assert.Equal(sent, await client.ReceiveExactlyAsync(bytes));
            await sending;
        }
    }
}
