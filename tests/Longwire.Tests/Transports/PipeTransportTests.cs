using System.Buffers;
using System.IO.Pipelines;

namespace Longwire.Tests;

public sealed class PipeTransportTests
{
    private const int Limit = 600_000;

    private static WebSocketConnection Start(
        PipeTransport transport,
        WebSocketHandler? handler = null,
        WebSocketConnectionOptions? options = null
    )
    {
        var connection = new WebSocketConnection(transport, WebSocketRole.Server, options, handler);
        connection.Start();
        return connection;
    }

    private static async Task<List<string>> PeerSees(PipeReader reader)
    {
        ReadResult result;
        do
        {
            result = await reader.ReadAsync();
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        } while (!result.IsCompleted);
        result = await reader.ReadAsync();
        return Transcript.Of(WebSocketRole.Client, [result.Buffer.ToArray()]);
    }

    [Fact(Timeout = Limit)]
    public async Task Bytes_that_lie_in_many_segments_empty_ones_among_them_are_all_received()
    {
        byte[] wire = Wire.Join(Enumerable.Range(0, 20).Select(i => Wire.To(WebSocketRole.Server, 1, Wire.Utf8($"message {i}"))));
        var handler = new RecordingHandler();
        WebSocketConnection connection = Start(
            new PipeTransport(new DuplexPipe(new SegmentReader(wire, new Random(1)), new Pipe().Writer)),
            handler
        );
        await connection.Completion;
        Assert.Equal(["open", .. Enumerable.Range(0, 20).Select(i => $"Text 'message {i}'"), "closed 1006"], handler.Calls);
    }

    [Fact(Timeout = Limit)]
    public async Task At_the_end_the_pipe_is_completed()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create();
        WebSocketConnection connection = Start(new PipeTransport(one), new RecordingHandler());
        await other.Output.WriteAsync(Wire.To(WebSocketRole.Server, 8, Wire.ClosePayload(1000)));
        Assert.Equal([Transcript.Close(1000)], await PeerSees(other.Input));
        await connection.Completion;
        Assert.True((await other.Output.FlushAsync()).IsCompleted);
    }

    [Fact(Timeout = Limit)]
    public async Task A_pipe_that_is_left_open_is_free_for_its_owner_once_the_connection_is_over()
    {
        // The peer takes nothing, so a flush is under way when the connection is aborted.
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create(pauseThreshold: 10);
        int aborted = 0;
        WebSocketConnection connection = Start(new PipeTransport(one, () => aborted++, leaveOpen: true), new RecordingHandler());
        Assert.True(connection.TrySend(new byte[100], MessageType.Binary));
        Assert.True(connection.TrySend(new byte[100], MessageType.Binary));
        connection.Abort();
        await connection.Completion;
        Assert.Equal(1, aborted);
        await one.Input.CompleteAsync();
        await one.Output.CompleteAsync();
        await other.Input.CompleteAsync();
    }

    [Fact(Timeout = Limit)]
    public async Task A_peer_that_no_longer_takes_anything_ends_sending_and_nothing_piles_up_in_the_pipe()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create();
        var handler = new RecordingHandler();
        WebSocketConnection connection = Start(new PipeTransport(one), handler);
        await other.Input.CompleteAsync();
        connection.TrySend(new byte[10], MessageType.Binary);
        Assert.False(connection.TrySend(new byte[10], MessageType.Binary));
        await other.Output.WriteAsync(
            Wire.Join(Wire.To(WebSocketRole.Server, 1, Wire.Utf8("last words")), Wire.To(WebSocketRole.Server, 8, Wire.ClosePayload(4000)))
        );
        await connection.Completion;
        Assert.Equal(["open", "Text 'last words'", "closed 4000"], handler.Calls);
    }

    [Fact(Timeout = Limit)]
    public async Task A_reader_that_throws_is_1006_and_the_error_is_kept()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create();
        WebSocketConnection connection = Start(new PipeTransport(one), new RecordingHandler());
        await other.Output.CompleteAsync(new IOException("reset by peer"));
        await connection.Completion;
        Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus);
        Assert.Equal("reset by peer", Assert.IsType<IOException>(connection.Error).Message);
    }

    [Fact(Timeout = Limit)]
    public async Task A_writer_that_throws_does_not_reach_the_sender()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create();
        WebSocketConnection connection = Start(new PipeTransport(one), new RecordingHandler());
        await other.Input.CompleteAsync(new IOException("broken pipe"));
        connection.TrySend("x"u8, MessageType.Text);
        Assert.False(connection.TrySend("x"u8, MessageType.Text));
        await other.Output.CompleteAsync();
        await connection.Completion;
        Assert.Equal("broken pipe", Assert.IsType<IOException>(connection.Error).Message);
    }

    [Fact(Timeout = Limit)]
    public async Task An_abort_action_that_throws_does_not_reach_the_caller()
    {
        (IDuplexPipe one, _) = DuplexPipe.Create();
        WebSocketConnection connection = Start(
            new PipeTransport(one, () => throw new InvalidOperationException("gone already")),
            new RecordingHandler()
        );
        connection.Abort();
        await one.Output.CompleteAsync();
        one.Input.CancelPendingRead();
        await connection.Completion;
        Assert.Null(connection.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task A_paused_reader_holds_the_peer_back_and_an_abort_gets_through()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create(pauseThreshold: 1000);
        WebSocketConnection connection = Start(new PipeTransport(one), options: new WebSocketConnectionOptions { ReceiveQueueBytes = 200 });
        byte[] message = Wire.To(WebSocketRole.Server, 2, new byte[100]);
        ValueTask<FlushResult> write;
        int written = 0;
        do
        {
            write = other.Output.WriteAsync(message);
            Assert.InRange(++written, 1, 1000);
        } while (write.IsCompleted || written < 20);
        Assert.False(write.IsCompleted);
        connection.Abort();
        await connection.Completion;
        await write;
    }

    [Fact(Timeout = Limit)]
    public async Task Starting_returns_also_when_the_peer_never_pauses()
    {
        var handler = new CountingHandler();
        WebSocketConnection connection = await Task.Run(() =>
            Start(new PipeTransport(new DuplexPipe(new EndlessReader(), new Pipe().Writer)), handler)
        );
        while (Volatile.Read(ref handler.Messages) < 1000)
        {
            await Task.Yield();
        }

        connection.Abort();
        await connection.Completion;
    }

    private sealed class CountingHandler : WebSocketHandler
    {
        public int Messages;

        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            Interlocked.Increment(ref Messages);
    }

    /// <summary>Always has another message.</summary>
    private sealed class EndlessReader : PipeReader
    {
        private readonly byte[] _message = Wire.To(WebSocketRole.Server, 2, []);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            new(new ReadResult(new ReadOnlySequence<byte>(_message), isCanceled: false, isCompleted: false));

        public override void AdvanceTo(SequencePosition consumed) { }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) { }

        public override void CancelPendingRead() { }

        public override void Complete(Exception? exception = null) { }

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();
    }

    /// <summary>Hands everything out at once, in segments of random size.</summary>
    private sealed class SegmentReader(byte[] bytes, Random random) : PipeReader
    {
        private ReadOnlySequence<byte> _buffer = Cut(bytes, random);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            new(new ReadResult(_buffer, isCanceled: false, isCompleted: true));

        public override void AdvanceTo(SequencePosition consumed) => _buffer = _buffer.Slice(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => AdvanceTo(consumed);

        public override void CancelPendingRead() { }

        public override void Complete(Exception? exception = null) { }

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

        private static ReadOnlySequence<byte> Cut(byte[] bytes, Random random)
        {
            var first = new Segment([]);
            Segment last = first;
            for (int at = 0; at < bytes.Length; )
            {
                int length = Math.Min(random.Next(12), bytes.Length - at);
                last = last.Append(bytes[at..(at + length)]);
                at += length;
            }

            last = last.Append([]);
            return new ReadOnlySequence<byte>(first, 0, last, 0);
        }

        private sealed class Segment : ReadOnlySequenceSegment<byte>
        {
            public Segment(byte[] bytes) => Memory = bytes;

            public Segment Append(byte[] bytes)
            {
                var next = new Segment(bytes) { RunningIndex = RunningIndex + Memory.Length };
                Next = next;
                return next;
            }
        }
    }
}
