using System.Buffers;
using System.IO.Pipelines;

namespace Longwire.Tests;

/// <summary>The allocations of a message of 1 KiB on a warm connection, and the memory of an idle connection.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 200;

    private static long AllocatedPerRound(Action round)
    {
        for (int i = 0; i < Rounds; i++)
        {
            round();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
        {
            round();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void Receiving_a_message_by_handler_allocates_nothing(WebSocketRole role)
    {
        var handler = new CountingHandler();
        var connection = new WebSocketConnection(new IdleTransport(), role, handler: handler);
        connection.Start();
        byte[] wire = Wire.To(role, 1, new byte[1024]);
        byte[] input = new byte[wire.Length];
        long allocated = AllocatedPerRound(() =>
        {
            wire.CopyTo(input, 0);
            Assert.True(connection.Receive(input, out int consumed) && consumed == input.Length);
        });
        Assert.Equal(2 * Rounds, handler.Messages);
        Assert.Equal(0, allocated);
        connection.Ended(null);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void Receiving_a_message_by_ReadAsync_allocates_nothing(WebSocketRole role)
    {
        var connection = new WebSocketConnection(new IdleTransport(), role);
        connection.Start();
        byte[] wire = Wire.To(role, 2, new byte[1024]);
        byte[] input = new byte[wire.Length];
        long read = 0;
        long allocated = AllocatedPerRound(() =>
        {
            wire.CopyTo(input, 0);
            connection.Receive(input, out _);
            ValueTask<WebSocketMessage> message = connection.ReadAsync();
            read += message.IsCompletedSuccessfully ? message.GetAwaiter().GetResult().Payload.Length : 0;
        });
        Assert.Equal(2 * Rounds * 1024, read);
        Assert.Equal(0, allocated);
        connection.Ended(null);
    }

    [Theory]
    [MemberData(nameof(Bench.Roles), MemberType = typeof(Bench))]
    public void Sending_a_message_allocates_nothing(WebSocketRole role)
    {
        var transport = new IdleTransport();
        var connection = new WebSocketConnection(transport, role, handler: new CountingHandler());
        connection.Start();
        byte[] payload = new byte[1024];
        var prepared = new PreparedMessage(payload, MessageType.Binary);
        long allocated = AllocatedPerRound(() =>
        {
            Assert.True(connection.TrySend(payload, MessageType.Binary));
            Assert.True(connection.SendAsync(payload, MessageType.Text).IsCompletedSuccessfully);
            Assert.True(connection.TrySend(prepared));
        });
        Assert.Equal(2 * Rounds * 3L * (1024 + (role == WebSocketRole.Client ? 8 : 4)), transport.Flushed);
        Assert.Equal(0, allocated);
        connection.Ended(null);
    }

    [Fact]
    public void Sending_a_message_through_a_busy_queue_allocates_nothing()
    {
        var transport = new IdleTransport { HoldsFlushes = true };
        var connection = new WebSocketConnection(transport, WebSocketRole.Server, handler: new CountingHandler());
        connection.Start();
        byte[] payload = new byte[1024];
        connection.TrySend(payload, MessageType.Binary);
        long allocated = AllocatedPerRound(() =>
        {
            connection.TrySend(payload, MessageType.Binary);
            connection.TrySend(payload, MessageType.Binary);
            connection.Flushed();
        });
        Assert.Equal(0, allocated);
        Assert.Equal(0, connection.PendingSendBytes);
        connection.Ended(null);
    }

    [Fact]
    public void A_message_there_and_back_over_pipes_allocates_nothing()
    {
        // Everything runs inside of the calls of this thread, so that its allocations are all there are.
        var count = new CountingHandler();
        var pair = new Pair(Joint.InlinePipes, serverHandler: new EchoHandler(), clientHandler: count);
        byte[] payload = new byte[1024];
        long allocated = AllocatedPerRound(() => Assert.True(pair.Client.TrySend(payload, MessageType.Binary)));
        Assert.Equal(2 * Rounds, count.Messages);
        Assert.Equal(0, allocated);
        pair.Server.Abort();
        pair.Client.Abort();
    }

    [Fact]
    public void A_message_there_and_back_over_a_stream_allocates_nothing()
    {
        var stream = new FedStream();
        WebSocketConnection server = WebSocketConnection.FromStream(stream, WebSocketRole.Server, handler: new EchoHandler());
        byte[] wire = Wire.To(WebSocketRole.Server, 2, new byte[1024]);
        long allocated = AllocatedPerRound(() => stream.Feed(wire));
        Assert.Equal(2 * Rounds * 1028, stream.Written);
        Assert.Equal(0, allocated);
        server.Abort();
    }

    [Theory]
    [InlineData(false, 400)]
    [InlineData(true, 640)]
    public void An_idle_connection_is_small(bool pull, int most)
    {
        const int Count = 10_000;
        var handler = new CountingHandler();
        var options = new WebSocketConnectionOptions { TimeProvider = new ManualTimeProvider() };
        IdleTransport[] transports = [.. Enumerable.Range(0, Count).Select(_ => new IdleTransport())];
        var connections = new WebSocketConnection[Count];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Count; i++)
        {
            connections[i] = new WebSocketConnection(transports[i], WebSocketRole.Server, options, pull ? null : handler);
            connections[i].Start();
        }

        long bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Count;
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes} bytes per idle connection ({(pull ? "read" : "handler")})");
        Assert.InRange(bytes, 1, most);
        GC.KeepAlive(connections);
    }

    [Theory]
    [InlineData(Joint.Pipes, 1100)]
    [InlineData(Joint.Streams, 2000)]
    public void An_idle_connection_with_its_transport_is_small(Joint joint, int most)
    {
        const int Count = 1000;
        var handler = new CountingHandler();
        var options = new WebSocketConnectionOptions { TimeProvider = new ManualTimeProvider() };
        IDuplexPipe[] pipes = [.. Enumerable.Range(0, Count).Select(_ => DuplexPipe.Create().One)];
        Stream[] streams = [.. pipes.Select(pipe => new DuplexStream(pipe))];
        var connections = new WebSocketConnection[Count];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Count; i++)
        {
            connections[i] =
                joint == Joint.Streams
                    ? WebSocketConnection.FromStream(streams[i], WebSocketRole.Server, options, handler)
                    : WebSocketConnection.FromPipe(pipes[i], WebSocketRole.Server, options, handler);
        }

        long bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / Count;
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes} bytes per idle connection over {joint}");
        Assert.InRange(bytes, 1, most);
        GC.KeepAlive(connections);
    }

    [Fact]
    public void After_a_burst_an_idle_connection_holds_no_queue()
    {
        var bench = new Bench();
        bench.Transport.HoldsFlushes = true;
        bench.Send("begun");
        WeakReference queued = Queue(bench);
        bench.Transport.ReleaseFlush();
        bench.Advance(31);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(queued.IsAlive);
        GC.KeepAlive(bench);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Queue(Bench bench)
        {
            var message = new PreparedMessage("queued"u8, MessageType.Text);
            bench.Connection.TrySend(message);
            return new WeakReference(message);
        }
    }

    private sealed class CountingHandler : WebSocketHandler
    {
        public int Messages { get; private set; }

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) => Messages++;
    }

    private sealed class EchoHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            connection.TrySend(payload, type);
    }

    /// <summary>A transport that carries nothing anywhere.</summary>
    private sealed class IdleTransport : WebSocketTransport, IBufferWriter<byte>
    {
        private static readonly byte[] _memory = new byte[256 << 10];
        private int _written;

        public bool HoldsFlushes { get; init; }

        public long Flushed { get; private set; }

        protected internal override IBufferWriter<byte> Output => this;

        public void Advance(int count) => _written += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _memory.AsMemory(_written);

        public Span<byte> GetSpan(int sizeHint = 0) => _memory.AsSpan(_written);

        protected internal override void Start() => Connection.Opened();

        protected internal override bool TryFlush()
        {
            Flushed += _written;
            _written = 0;
            return !HoldsFlushes;
        }

        protected internal override void ResumeReceiving() { }

        protected internal override void Close(bool abort) { }
    }
}
