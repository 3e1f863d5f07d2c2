namespace Longwire.Tests;

/// <summary>A proxy in memory: a client, the two connections that are joined, and the server behind.</summary>
public sealed class WebSocketRelayTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Theory]
    [MemberData(nameof(Pair.Joints), MemberType = typeof(Pair))]
    public async Task Messages_of_every_size_pass_both_ways_whole_and_in_order(Joint joint)
    {
        var way = new Way(joint);
        foreach ((WebSocketConnection from, WebSocketConnection to) in new[] { (way.Client, way.Server), (way.Server, way.Client) })
        {
            Task sending = Task.Run(async () =>
            {
                foreach (int length in _lengths)
                {
                    await from.SendAsync(Bytes(length), MessageType.Binary);
                    await from.SendTextAsync($"€ {length}");
                }
            });
            foreach (int length in _lengths)
            {
                WebSocketMessage message = await to.ReadAsync().AsTask().WaitAsync(_patience);
                Assert.Equal(MessageType.Binary, message.Type);
                Assert.True(message.Payload.Span.SequenceEqual(Bytes(length)), $"{length} bytes");
                message = await to.ReadAsync().AsTask().WaitAsync(_patience);
                Assert.Equal((MessageType.Text, $"€ {length}"), (message.Type, message.Text));
            }

            await sending.WaitAsync(_patience);
        }

        await way.EndAsync();
    }

    [Fact]
    public async Task A_part_passes_before_its_message_has_ended()
    {
        var way = new Way(Joint.Pipes, streams: true);
        await using WebSocketWriteStream sending = await way.Client.OpenMessageAsync(MessageType.Binary);
        await sending.WriteAsync(Bytes(10));
        WebSocketReadStream received = await way.Server.ReadStreamAsync().AsTask().WaitAsync(_patience);
        byte[] buffer = new byte[10];
        await received.ReadExactlyAsync(buffer).AsTask().WaitAsync(_patience);
        Assert.Equal(Bytes(10), buffer);
        await sending.CompleteAsync(Bytes(3));
        await received.ReadExactlyAsync(buffer.AsMemory(0, 3)).AsTask().WaitAsync(_patience);
        Assert.Equal(0, await received.ReadAsync(buffer).AsTask().WaitAsync(_patience));
        await way.EndAsync();
    }

    [Theory]
    [InlineData(false, CloseStatus.NormalClosure, "")]
    [InlineData(true, CloseStatus.NormalClosure, "")]
    [InlineData(false, (CloseStatus)4321, "for a reason: €")]
    [InlineData(true, (CloseStatus)4321, "for a reason: €")]
    [InlineData(false, CloseStatus.NoStatus, "")]
    [InlineData(true, CloseStatus.NoStatus, "")]
    public async Task What_was_sent_before_a_Close_passes_and_then_its_status_and_reason(bool byServer, CloseStatus status, string reason)
    {
        var way = new Way(Joint.Pipes);
        (WebSocketConnection from, WebSocketConnection to) = byServer ? (way.Server, way.Client) : (way.Client, way.Server);
        for (int i = 0; i < 100; i++)
        {
            await from.SendTextAsync($"{i}");
        }

        Task closing = from.CloseAsync(status, reason);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal($"{i}", (await to.ReadAsync().AsTask().WaitAsync(_patience)).Text);
        }

        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() =>
            to.ReadAsync().AsTask().WaitAsync(_patience)
        );
        Assert.Equal((status, reason), (closed.Status, closed.Reason));
        await closing.WaitAsync(_patience);
        await way.Relaying.WaitAsync(_patience);
    }

    [Theory]
    [InlineData(true, CloseStatus.BadGateway)]
    [InlineData(false, CloseStatus.GoingAway)]
    public async Task Where_one_is_gone_without_a_Close_the_other_is_told_so(bool isServer, CloseStatus told)
    {
        var way = new Way(Joint.Pipes);
        (WebSocketConnection gone, WebSocketConnection other) = isServer ? (way.Server, way.Client) : (way.Client, way.Server);
        gone.Abort();
        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() =>
            other.ReadAsync().AsTask().WaitAsync(_patience)
        );
        Assert.Equal(told, closed.Status);
        await way.Relaying.WaitAsync(_patience);
    }

    [Fact]
    public async Task Half_a_message_never_passes_for_a_whole_one()
    {
        var way = new Way(Joint.Pipes, streams: true);
        WebSocketWriteStream sending = await way.Client.OpenMessageAsync(MessageType.Binary);
        await sending.WriteAsync(Bytes(10));
        WebSocketReadStream received = await way.Server.ReadStreamAsync().AsTask().WaitAsync(_patience);
        await received.ReadExactlyAsync(new byte[10]).AsTask().WaitAsync(_patience);
        way.Client.Abort();
        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() =>
            received.ReadAsync(new byte[1]).AsTask().WaitAsync(_patience)
        );
        Assert.Equal(CloseStatus.GoingAway, closed.Status);
        await way.Relaying.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_slow_reader_holds_its_sender_back()
    {
        var way = new Way(Joint.Pipes);
        const int Count = 1000;
        byte[] bytes = Bytes(60_000);
        int begun = 0;
        bool waits = false;
        Task sending = Task.Run(async () =>
        {
            while (begun < Count)
            {
                // Counted first: the reader may have the message before its send has returned.
                Volatile.Write(ref begun, begun + 1);
                ValueTask one = way.Client.SendAsync(bytes, MessageType.Binary);
                Volatile.Write(ref waits, !one.IsCompleted);
                await one;
                Volatile.Write(ref waits, false);
            }
        });
        // Between the two stand 64 KiB of a message, and for each connection a queue of 1 MiB, one of 64 KiB, and a pipe.
        const int MaxUnderWay = 4 * 1024 * 1024 / 60_000;
        for (int read = 0; read < Count; read++)
        {
            using var patience = new CancellationTokenSource(_patience);
            while (!sending.IsCompleted && !Volatile.Read(ref waits))
            {
                patience.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }

            Assert.InRange(Volatile.Read(ref begun) - read, 0, MaxUnderWay);
            Assert.Equal(60_000, (await way.Server.ReadAsync().AsTask().WaitAsync(_patience)).Payload.Length);
        }

        await sending.WaitAsync(_patience);
        await way.EndAsync();
    }

    [Fact]
    public async Task Cancelling_ends_the_relay_and_neither_connection()
    {
        using var cancel = new CancellationTokenSource();
        var way = new Way(Joint.Pipes, cancellationToken: cancel.Token);
        await way.Client.SendTextAsync("before");
        Assert.Equal("before", (await way.Server.ReadAsync().AsTask().WaitAsync(_patience)).Text);
        await cancel.CancelAsync();
        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            way.Relaying.WaitAsync(_patience)
        );
        Assert.Equal(cancel.Token, exception.CancellationToken);
        Assert.Equal((WebSocketPhase.Open, WebSocketPhase.Open), (way.Downstream.State, way.Upstream.State));
        await way.Client.SendTextAsync("after");
        Assert.Equal("after", (await way.Downstream.ReadAsync().AsTask().WaitAsync(_patience)).Text);
    }

    [Fact]
    public async Task A_token_that_stands_for_the_end_of_a_connection_cuts_nothing_off()
    {
        using var ended = new CancellationTokenSource();
        var way = new Way(Joint.Pipes, cancellationToken: ended.Token);
        await way.Client.SendTextAsync("last words");
        await way.Client.CloseAsync((CloseStatus)4000, "bye").WaitAsync(_patience);
        await way.Downstream.Completion.WaitAsync(_patience);
        await ended.CancelAsync();
        Assert.Equal("last words", (await way.Server.ReadAsync().AsTask().WaitAsync(_patience)).Text);
        WebSocketClosedException closed = await Assert.ThrowsAsync<WebSocketClosedException>(() =>
            way.Server.ReadAsync().AsTask().WaitAsync(_patience)
        );
        Assert.Equal(((CloseStatus)4000, "bye"), (closed.Status, closed.Reason));
        await way.Relaying.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_connection_with_a_handler_can_t_be_relayed_and_the_other_one_stays_open()
    {
        var handled = new Pair(Joint.Pipes, serverHandler: new RecordingHandler());
        var other = new Pair(Joint.Pipes);
        await Assert.ThrowsAsync<InvalidOperationException>(() => handled.Server.RelayAsync(other.Client).WaitAsync(_patience));
        await Assert.ThrowsAsync<InvalidOperationException>(() => other.Client.RelayAsync(handled.Server).WaitAsync(_patience));
        Assert.Equal(WebSocketPhase.Open, other.Client.State);
    }

    [Fact]
    public async Task A_connection_can_t_be_relayed_to_itself()
    {
        WebSocketConnection connection = new Pair(Joint.Pipes).Server;
        await Assert.ThrowsAsync<ArgumentException>(() => connection.RelayAsync(connection));
    }

    private static readonly int[] _lengths = [0, 1, 125, 126, 65_535, 65_536, 65_537, 131_072, 200_000, 1 << 20];

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private sealed class Way
    {
        public Way(Joint joint, bool streams = false, CancellationToken cancellationToken = default)
        {
            WebSocketConnectionOptions? options = streams
                ? WebSocketConnectionOptions.Default with
                {
                    MaxStreamedMessageBytes = 1 << 30,
                }
                : null;
            var front = new Pair(joint, server: options, client: options);
            var back = new Pair(joint, server: options, client: options);
            (Client, Downstream, Upstream, Server) = (front.Client, front.Server, back.Client, back.Server);
            Relaying = Downstream.RelayAsync(Upstream, cancellationToken);
        }

        public WebSocketConnection Client { get; }

        public WebSocketConnection Downstream { get; }

        public WebSocketConnection Upstream { get; }

        public WebSocketConnection Server { get; }

        public Task Relaying { get; }

        public async Task EndAsync()
        {
            await Client.CloseAsync().WaitAsync(_patience);
            await Relaying.WaitAsync(_patience);
            await Server.Completion.WaitAsync(_patience);
        }
    }
}
