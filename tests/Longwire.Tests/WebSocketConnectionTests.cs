using System.Collections.Concurrent;

namespace Longwire.Tests;

/// <summary>Two connections, one of each role, joined in memory.</summary>
public sealed class WebSocketConnectionTests
{
    private const int Limit = 600_000;

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task Messages_of_one_byte_to_sixteen_mebibytes_come_back_from_an_echo(Joint joint)
    {
        var options = new WebSocketConnectionOptions { MaxMessageBytes = 16 << 20 };
        var pair = new Pair(joint, options, options);
        Task echoing = Echo(pair.Server);
        foreach (int size in (int[])[1, 125, 126, 127, 1000, 65535, 65536, 65537, 1 << 20, 16 << 20])
        {
            byte[] payload = new byte[size];
            new Random(size).NextBytes(payload);
            await pair.Client.SendAsync(payload, MessageType.Binary);
            WebSocketMessage echo = await pair.Client.ReadAsync();
            Assert.Equal(MessageType.Binary, echo.Type);
            Assert.True(echo.Payload.Span.SequenceEqual(payload));
        }

        await pair.Client.CloseAsync((CloseStatus)4000, "enough");
        await echoing;
        await pair.Over;
        Assert.Equal(((CloseStatus)4000, "enough"), (pair.Server.CloseStatus, pair.Server.CloseReason));
        Assert.Equal((CloseStatus)4000, pair.Client.CloseStatus);
        Assert.Null(pair.Server.Error);
        Assert.Null(pair.Client.Error);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task What_many_threads_send_arrives_once_whole_and_in_each_senders_order(Joint joint)
    {
        const int Senders = 8;
        const int Each = 1500;
        foreach (WebSocketRole role in Enum.GetValues<WebSocketRole>())
        {
            var options = new WebSocketConnectionOptions { SendQueueBytes = 20_000, ReceiveQueueBytes = 10_000 };
            var pair = new Pair(joint, options, options);
            (WebSocketConnection from, WebSocketConnection to) =
                role == WebSocketRole.Server ? (pair.Server, pair.Client) : (pair.Client, pair.Server);
            Task sending = Task.WhenAll(
                Enumerable
                    .Range(0, Senders)
                    .Select(sender =>
                        Task.Run(async () =>
                        {
                            for (int number = 0; number < Each; number++)
                            {
                                byte[] payload = Payload(sender, number);
                                if (number % 3 != 0 || !from.TrySend(payload, MessageType.Binary))
                                {
                                    await from.SendAsync(payload, MessageType.Binary);
                                }
                            }
                        })
                    )
            );
            int[] next = new int[Senders];
            for (int received = 0; received < Senders * Each; received++)
            {
                WebSocketMessage message = await to.ReadAsync();
                int sender = message.Payload.Span[0];
                Assert.True(message.Payload.Span.SequenceEqual(Payload(sender, next[sender]++)));
            }

            await sending;
            await from.CloseAsync();
            await pair.Over;
            Assert.All(next, count => Assert.Equal(Each, count));
        }

        static byte[] Payload(int sender, int number)
        {
            byte[] payload = new byte[8 + (number * 37 % 400)];
            Array.Fill(payload, (byte)number);
            payload[0] = (byte)sender;
            BitConverter.TryWriteBytes(payload.AsSpan(1), number);
            return payload;
        }
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task Both_sides_closing_at_once_end_in_good_order(Joint joint)
    {
        for (int round = 0; round < 30; round++)
        {
            var server = new RecordingHandler();
            var client = new RecordingHandler();
            var pair = new Pair(joint, serverHandler: server, clientHandler: client);
            using var start = new Barrier(3);
            Task[] closings = [Close(pair.Server, 4000), Close(pair.Client, 4001), Close(round % 2 == 0 ? pair.Server : pair.Client, 4002)];
            await Task.WhenAll(closings);
            await pair.Over;
            Assert.Equal((WebSocketPhase.Closed, WebSocketPhase.Closed), (pair.Server.State, pair.Client.State));
            Assert.Single(server.Calls, call => call.StartsWith("closed 400", StringComparison.Ordinal));
            Assert.Single(client.Calls, call => call.StartsWith("closed 400", StringComparison.Ordinal));
            Task Close(WebSocketConnection connection, int status) =>
                Task
                    .Factory.StartNew(
                        () =>
                        {
                            start.SignalAndWait();
                            return connection.CloseAsync((CloseStatus)status);
                        },
                        TaskCreationOptions.LongRunning
                    )
                    .Unwrap();
        }
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task Aborting_closing_and_sending_from_many_threads_at_once_ends_once_and_throws_nothing_else(Joint joint)
    {
        for (int seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            var server = new RecordingHandler { WhenMessage = (connection, _) => connection.TrySend("echo"u8, MessageType.Text) };
            var client = new RecordingHandler();
            var pair = new Pair(joint, serverHandler: server, clientHandler: client);
            var unexpected = new ConcurrentQueue<Exception>();
            int delay = random.Next(2000);
            bool abort = random.Next(2) == 0;
            WebSocketConnection ender = random.Next(2) == 0 ? pair.Server : pair.Client;
            Task[] work =
            [
                .. new[] { pair.Server, pair.Client, pair.Client }.Select(connection =>
                    Task.Run(async () =>
                    {
                        try
                        {
                            while (true)
                            {
                                await connection.SendAsync("some text"u8.ToArray(), MessageType.Text);
                                await connection.PingAsync();
                            }
                        }
                        catch (WebSocketClosedException) { }
                        catch (Exception exception)
                        {
                            unexpected.Enqueue(exception);
                        }
                    })
                ),
                Task.Run(() =>
                {
                    Thread.SpinWait(delay * 10);
                    if (abort)
                    {
                        ender.Abort();
                    }

                    return ender.CloseAsync();
                }),
            ];
            await Task.WhenAll(work);
            await pair.Over;
            Assert.True(unexpected.IsEmpty, $"seed {seed}: {unexpected.FirstOrDefault()}");
            Assert.Single(server.Calls, call => call.StartsWith("closed", StringComparison.Ordinal));
            Assert.Single(client.Calls, call => call.StartsWith("closed", StringComparison.Ordinal));
            Assert.StartsWith("closed", server.Calls[^1], StringComparison.Ordinal);
            Assert.StartsWith("closed", client.Calls[^1], StringComparison.Ordinal);
            Assert.Null(pair.Server.HandlerError);
        }
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task A_peer_that_never_reads_holds_senders_back_and_its_abort_lets_them_go(Joint joint)
    {
        var time = new ManualTimeProvider();
        var pair = new Pair(
            joint,
            new WebSocketConnectionOptions { SendQueueBytes = 100_000, TimeProvider = time },
            new WebSocketConnectionOptions { ReceiveQueueBytes = 1000 }
        );
        byte[] payload = new byte[1000];
        int taken = 0;
        while (pair.Server.TrySend(payload, MessageType.Binary))
        {
            Assert.InRange(++taken, 1, 2000);
        }

        Assert.InRange(pair.Server.PendingSendBytes, 80_000, 100_000);
        ValueTask waiting = pair.Server.SendAsync(payload, MessageType.Binary);
        Assert.False(waiting.IsCompleted);
        Task<TimeSpan> ping = pair.Server.PingAsync();
        Task closing = pair.Server.CloseAsync();
        await Assert.ThrowsAsync<WebSocketClosedException>(() => waiting.AsTask());
        // In memory progress shows by whole flushes, of which the largest has a minute.
        time.Advance(TimeSpan.FromSeconds(65));
        await closing;
        Assert.Equal(ConnectionAbortCause.TooSlow, pair.Server.AbortCause);
        await Assert.ThrowsAsync<WebSocketClosedException>(() => ping);
        Assert.Equal(CloseStatus.Abnormal, pair.Server.CloseStatus);
        pair.Client.Abort();
        await pair.Over;
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task Back_pressure_reaches_the_sender_and_a_slow_reader_gets_everything(Joint joint)
    {
        var options = new WebSocketConnectionOptions { SendQueueBytes = 5000, ReceiveQueueBytes = 2000 };
        var pair = new Pair(joint, options, options);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < 3000; i++)
            {
                await pair.Client.SendAsync(BitConverter.GetBytes(i), MessageType.Binary);
            }

            await pair.Client.CloseAsync();
        });
        int next = 0;
        await foreach (WebSocketMessage message in pair.Server.ReadAllAsync())
        {
            Assert.Equal(next++, BitConverter.ToInt32(message.Payload.Span));
            if (next % 500 == 0)
            {
                await Task.Yield();
            }
        }

        Assert.Equal(3000, next);
        await sending;
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task Reads_and_queued_sends_that_are_cancelled_at_random_lose_and_double_nothing(Joint joint)
    {
        var options = new WebSocketConnectionOptions { SendQueueBytes = 200, ReceiveQueueBytes = 200 };
        var pair = new Pair(joint, options, options);
        var sent = new List<int>();
        Task sending = Task.Run(async () =>
        {
            var random = new Random(1);
            for (int i = 0; i < 2000; i++)
            {
                using var cancellation = new CancellationTokenSource();
                ValueTask send = pair.Client.SendAsync(BitConverter.GetBytes(i), MessageType.Binary, cancellation.Token);
                if (random.Next(2) == 0)
                {
                    await cancellation.CancelAsync();
                }

                try
                {
                    await send;
                    sent.Add(i);
                }
                catch (OperationCanceledException) { }
            }

            await pair.Client.CloseAsync();
        });
        var received = new List<int>();
        var random = new Random(2);
        while (true)
        {
            using var cancellation = new CancellationTokenSource();
            ValueTask<WebSocketMessage> read = pair.Server.ReadAsync(cancellation.Token);
            if (random.Next(2) == 0)
            {
                await cancellation.CancelAsync();
            }

            try
            {
                received.Add(BitConverter.ToInt32((await read).Payload.Span));
            }
            catch (OperationCanceledException) { }
            catch (WebSocketClosedException)
            {
                break;
            }
        }

        await sending;
        Assert.Equal(sent, received);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task Handlers_that_answer_each_other_go_on_until_one_closes(Joint joint)
    {
        int left = 20_000;
        var handler = new RecordingHandler
        {
            WhenMessage = (connection, _) =>
            {
                if (Interlocked.Decrement(ref left) > 0)
                {
                    connection.TrySend("ball"u8, MessageType.Text);
                }
                else
                {
                    connection.TryClose((CloseStatus)4000, "tired");
                }
            },
        };
        var other = new RecordingHandler { WhenMessage = handler.WhenMessage };
        var pair = new Pair(joint, serverHandler: handler, clientHandler: other);
        pair.Client.TrySend("ball"u8, MessageType.Text);
        await pair.Over;
        Assert.Equal((CloseStatus)4000, pair.Server.CloseStatus);
        Assert.Equal((CloseStatus)4000, pair.Client.CloseStatus);
    }

    [Fact]
    public async Task The_completion_is_one_task_that_never_faults()
    {
        var pair = new Pair(Joint.Pipes);
        Task before = pair.Server.Completion;
        Assert.Same(before, pair.Server.Completion);
        pair.Client.Abort();
        await pair.Over;
        Assert.True(before.IsCompletedSuccessfully);
        Assert.True(pair.Server.Completion.IsCompletedSuccessfully);
        Assert.Equal((CloseStatus.Abnormal, CloseStatus.Abnormal), (pair.Server.CloseStatus, pair.Client.CloseStatus));
    }

    [Fact]
    public void A_connection_knows_its_role_subprotocol_and_options()
    {
        var options = new WebSocketConnectionOptions { PingInterval = TimeSpan.FromSeconds(1), TimeProvider = new ManualTimeProvider() };
        var connection = new WebSocketConnection(new ManualTransport(), WebSocketRole.Client, options, subprotocol: "chat");
        Assert.Equal((WebSocketRole.Client, "chat", WebSocketPhase.Open), (connection.Role, connection.Subprotocol, connection.State));
        Assert.Same(options, connection.Options);
        Assert.Throws<ArgumentNullException>(() => new WebSocketConnection(null!, WebSocketRole.Client));
        Assert.Throws<ArgumentNullException>(() => WebSocketConnection.FromPipe(null!, WebSocketRole.Client));
        Assert.Throws<ArgumentNullException>(() => WebSocketConnection.FromStream(null!, WebSocketRole.Client));
    }

    private static Task Echo(WebSocketConnection connection) =>
        Task.Run(async () =>
        {
            await foreach (WebSocketMessage message in connection.ReadAllAsync())
            {
                await connection.SendAsync(message.Payload, message.Type);
            }
        });
}
