using System.Text;
using System.Threading.Channels;

namespace Longwire.Client.Tests;

/// <summary>Messages that are sent, and that wait. The numbers are those of the scenarios in docs/protocol/client.md.</summary>
public sealed class OutboxTests
{
    [Fact]
    public async Task Scenario_16_what_is_sent_without_a_connection_arrives_in_order_behind_OnOpen()
    {
        await using var world = new ResilientWorld(static options =>
            options.OnOpen = static (socket, cancellationToken) => socket.SendAsync("hello", cancellationToken)
        );
        Assert.Equal(SendOutcome.Queued, await world.Socket.SendAsync("0"));
        await world.States.NextAsync(ClientState.Connecting);
        Assert.Equal(SendOutcome.Queued, await world.Socket.SendAsync("1"));
        WebSocketConnection server = await world.Network.AcceptAsync();
        await world.States.NextAsync(ClientState.Open);
        await ReadInOrderAsync(server, "hello", "0", "1");
        Assert.Equal(SendOutcome.Sent, await world.Socket.SendAsync("2"));
        await ReadInOrderAsync(server, "2");

        server.Abort();
        await world.States.NextAsync(ClientState.Reconnecting);
        Assert.Equal(SendOutcome.Queued, await world.Socket.SendAsync("3"));
        world.Time.Advance(TimeSpan.FromSeconds(1));
        server = await world.Network.AcceptAsync();
        await world.States.UntilAsync(ClientState.Open);
        await world.Socket.SendAsync("4");
        await ReadInOrderAsync(server, "hello", "3", "4");
        Assert.Equal(0, world.Socket.WaitingMessages);
    }

    [Fact]
    public async Task An_OnOpen_that_fails_makes_the_attempt_fail_and_the_outbox_waits()
    {
        bool fails = true;
        await using var world = new ResilientWorld(options =>
            options.OnOpen = (_, _) => fails ? throw new InvalidOperationException("Not yet.") : ValueTask.CompletedTask
        );
        await world.Socket.SendAsync("kept");
        WebSocketConnection first = await world.Network.AcceptAsync();
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        Assert.Equal("Not yet.", change.Reason!.ToString());
        await first.Completion.WaitAsync(Patience.Long);
        fails = false;
        world.Time.Advance(change.Delay);
        await ReadInOrderAsync(await world.Network.AcceptAsync(), "kept");
    }

    [Theory]
    [InlineData(3, 1_000)]
    [InlineData(1_000, 3 * (MessageOutbox.MessageCost + 1))]
    public async Task Scenario_17_a_full_outbox_fails_the_call(int messages, int bytes)
    {
        await using ResilientWorld world = Full(messages, bytes, OutboxFullMode.Fail);
        await FillAsync(world);
        OutboxFullException error = await Assert.ThrowsAsync<OutboxFullException>(() => world.Socket.SendAsync("d").AsTask());
        Assert.StartsWith("3 messages wait already.", error.Message, StringComparison.Ordinal);
        await ReadInOrderAsync(await world.Network.AcceptAsync(), "a", "b", "c");
    }

    [Theory]
    [InlineData(3, 1_000)]
    [InlineData(1_000, 3 * (MessageOutbox.MessageCost + 1))]
    public async Task Scenario_17_the_oldest_make_room_and_it_is_told(int messages, int bytes)
    {
        await using ResilientWorld world = Full(messages, bytes, OutboxFullMode.DropOldest);
        Channel<DiscardedMessages> discarded = Discarded(world);
        await FillAsync(world);
        Assert.Equal(SendOutcome.Queued, await world.Socket.SendAsync("d"));
        DiscardedMessages told = await discarded.Reader.ReadAsync().AsTask().WaitAsync(Patience.Long);
        Assert.Equal(DiscardCause.OutboxFull, told.Cause);
        Assert.Equal("a", Encoding.UTF8.GetString(Assert.Single(told.Messages).Span));
        Assert.Equal(3, world.Socket.WaitingMessages);
        await ReadInOrderAsync(await world.Network.AcceptAsync(), "b", "c", "d");
    }

    [Theory]
    [InlineData(3, 1_000)]
    [InlineData(1_000, 3 * (MessageOutbox.MessageCost + 1))]
    public async Task Scenario_17_the_caller_waits_for_room_in_its_turn(int messages, int bytes)
    {
        await using ResilientWorld world = Full(messages, bytes, OutboxFullMode.Wait);
        await FillAsync(world);
        Task<SendOutcome> first = world.Socket.SendAsync("d").AsTask();
        using var impatient = new CancellationTokenSource();
        Task<SendOutcome> second = world.Socket.SendAsync("never", impatient.Token).AsTask();
        Task<SendOutcome> third = world.Socket.SendAsync("e").AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(first.IsCompleted);
        Assert.Equal(3, world.Socket.WaitingMessages);
        await ReadInOrderAsync(await world.Network.AcceptAsync(), "a", "b", "c", "d", "e");
        Assert.Equal([SendOutcome.Queued, SendOutcome.Queued], await Task.WhenAll(first, third).WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task Scenario_17_a_caller_that_waits_hears_that_the_client_was_closed()
    {
        await using ResilientWorld world = Full(1, 1_000, OutboxFullMode.Wait);
        await world.Socket.SendAsync("a");
        Task waiting = world.Socket.SendAsync("b").AsTask();
        await world.Socket.CloseAsync();
        await Assert.ThrowsAsync<WebSocketClosedException>(() => waiting.WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task Scenario_17_a_message_larger_than_the_outbox_is_refused_only_when_it_would_have_to_wait()
    {
        await using ResilientWorld world = Full(10, 100, OutboxFullMode.Wait);
        await Assert.ThrowsAsync<OutboxFullException>(() => world.Socket.SendAsync(new string('x', 1_000)).AsTask());
        WebSocketConnection server = await world.OpenAsync();
        Assert.Equal(SendOutcome.Sent, await world.Socket.SendAsync(new string('x', 1_000)));
        await ReadInOrderAsync(server, new string('x', 1_000));
    }

    [Fact]
    public async Task Scenario_18_what_waits_never_reaches_another_destination()
    {
        var address = new Uri("ws://first.test/feed");
        await using var world = new ResilientWorld(options => options.Address = _ => Task.FromResult(address));
        Channel<DiscardedMessages> discarded = Discarded(world);
        WebSocketConnection first = await world.OpenAsync();
        first.Abort();
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        await world.Socket.SendAsync("for the first");
        address = new Uri("ws://second.test/feed");
        world.Time.Advance(change.Delay);
        WebSocketConnection second = await world.Network.AcceptAsync();
        await world.States.UntilAsync(ClientState.Open);
        DiscardedMessages told = await discarded.Reader.ReadAsync().AsTask().WaitAsync(Patience.Long);
        Assert.Equal(DiscardCause.OtherDestination, told.Cause);
        Assert.Equal("for the first", Encoding.UTF8.GetString(Assert.Single(told.Messages).Span));
        await world.Socket.SendAsync("for the second");
        await ReadInOrderAsync(second, "for the second");
    }

    [Fact]
    public async Task Scenario_19_another_query_is_the_same_destination()
    {
        int key = 0;
        await using var world = new ResilientWorld(options =>
            options.Address = _ => Task.FromResult(new Uri($"ws://server.test/feed?key={++key}"))
        );
        (await world.OpenAsync()).Abort();
        ClientStateChange change = await world.States.UntilAsync(ClientState.Reconnecting);
        await world.Socket.SendAsync("kept");
        world.Time.Advance(change.Delay);
        await ReadInOrderAsync(await world.Network.AcceptAsync(), "kept");
        Assert.Equal("?key=2", world.Network.Addresses[1].Query);
    }

    [Fact]
    public async Task Any_number_of_callers_send_at_once_and_each_one_s_messages_stay_in_order()
    {
        await using var world = new ResilientWorld();
        const int Callers = 8;
        const int Each = 200;
        Task sending = Task.WhenAll(
            Enumerable
                .Range(0, Callers)
                .Select(caller =>
                    Task.Run(async () =>
                    {
                        for (int number = 0; number < Each; number++)
                        {
                            await world.Socket.SendAsync($"{caller} {number}");
                        }
                    })
                )
        );
        WebSocketConnection server = await world.Network.AcceptAsync();
        int[] next = new int[Callers];
        for (int count = 0; count < Callers * Each; count++)
        {
            string[] words = (await ResilientWorld.ReadAsync(server)).Split(' ');
            Assert.Equal(next[int.Parse(words[0])]++, int.Parse(words[1]));
        }

        await sending.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Scenario_57_nothing_is_sent_twice_or_out_of_order_through_connections_that_break()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        const int Count = 1_000;
        string padding = new(' ', 2_000);
        // Little fits between the client and the server, so that little is lost with a connection.
        await using var world = new ResilientWorld(static options =>
            options.Socket = options.Socket with { Connection = options.Socket.Connection with { SendQueueBytes = 4_096 } }
        );
        world.Jitter = 0;
        List<int> came = [];
        bool isOver = false;
        var arriving = Task.Run(async () =>
        {
            while (!isOver)
            {
                WebSocketConnection server = await world.Network.AcceptAsync();
                int left = random.Next(200);
                await foreach (WebSocketMessage message in server.ReadAllAsync())
                {
                    came.Add(int.Parse(message.Text));
                    isOver = came[^1] == Count;
                    if (--left < 0 || isOver)
                    {
                        server.Abort();
                        break;
                    }
                }
            }
        });
        for (int number = 0; number < Count; number++)
        {
            await world.Socket.SendAsync($"{number}{padding}");
        }

        // A message handed to a connection that broke is lost, so the mark is sent until it has come.
        while (!arriving.IsCompleted)
        {
            await world.Socket.SendAsync($"{Count}");
            await Task.Yield();
        }

        await arriving;
        came.RemoveAll(static number => number == Count);
        Assert.True(came.SequenceEqual(came.Distinct().Order()), $"Seed {seed}: {string.Join(' ', came)}");
        // How much is lost with each connection is chance; that several broke, and something came, is not.
        Assert.True(came.Count > 20 && world.Network.Addresses.Length > 2, $"Seed {seed}: {came.Count} came.");
    }

    private static ResilientWorld Full(int messages, int bytes, OutboxFullMode mode) =>
        new(options =>
            options.Outbox = new OutboxOptions
            {
                MaxMessages = messages,
                MaxBytes = bytes,
                WhenFull = mode,
            }
        );

    private static async Task FillAsync(ResilientWorld world)
    {
        foreach (string message in (string[])["a", "b", "c"])
        {
            Assert.Equal(SendOutcome.Queued, await world.Socket.SendAsync(message));
        }
    }

    private static Channel<DiscardedMessages> Discarded(ResilientWorld world)
    {
        var channel = Channel.CreateUnbounded<DiscardedMessages>();
        world.Socket.Discarded += (_, discarded) => channel.Writer.TryWrite(discarded);
        return channel;
    }

    private static async Task ReadInOrderAsync(WebSocketConnection server, params string[] expected)
    {
        foreach (string message in expected)
        {
            Assert.Equal(message, await ResilientWorld.ReadAsync(server));
        }
    }
}
