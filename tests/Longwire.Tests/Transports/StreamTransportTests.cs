using System.IO.Pipelines;

namespace Longwire.Tests;

public sealed class StreamTransportTests
{
    private const int Limit = 600_000;

    private static WebSocketConnection Start(StreamTransport transport, WebSocketHandler? handler = null)
    {
        var connection = new WebSocketConnection(transport, WebSocketRole.Server, handler: handler ?? new RecordingHandler());
        connection.Start();
        return connection;
    }

    [Fact(Timeout = Limit)]
    public async Task At_the_end_the_stream_is_disposed_or_left_to_its_owner()
    {
        foreach (bool leaveOpen in (bool[])[false, true])
        {
            (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create();
            var stream = new DuplexStream(one);
            WebSocketConnection connection = Start(new StreamTransport(stream, leaveOpen: leaveOpen));
            await other.Output.WriteAsync(Wire.To(WebSocketRole.Server, 8, Wire.ClosePayload(4000)));
            await connection.Completion;
            Assert.Equal((CloseStatus)4000, connection.CloseStatus);
            Assert.Null(connection.Error);
            if (leaveOpen)
            {
                Assert.False(stream.IsDisposed);
                await one.Output.CompleteAsync();
            }

            ReadResult result = await other.Input.ReadAtLeastAsync(100);
            Assert.True(result.IsCompleted);
            Assert.Equal(4, result.Buffer.Length);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task An_abort_ends_a_stream_that_ignores_tokens()
    {
        (IDuplexPipe one, _) = DuplexPipe.Create(pauseThreshold: 10);
        WebSocketConnection connection = Start(new StreamTransport(new CancellableByDisposing(one)));
        connection.TrySend(new byte[100], MessageType.Binary);
        connection.TrySend(new byte[100], MessageType.Binary);
        connection.Abort();
        await connection.Completion;
        Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus);
        Assert.Null(connection.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task A_stream_that_throws_is_1006_and_the_error_is_kept()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create();
        WebSocketConnection connection = Start(new StreamTransport(new DuplexStream(one)));
        await other.Output.CompleteAsync(new IOException("reset by peer"));
        await connection.Completion;
        Assert.Equal("reset by peer", Assert.IsType<IOException>(connection.Error).Message);
        Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus);
    }

    [Fact(Timeout = Limit)]
    public async Task A_write_that_fails_does_not_reach_the_sender()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create();
        WebSocketConnection connection = Start(new StreamTransport(new DuplexStream(one)));
        await other.Input.CompleteAsync(new IOException("broken pipe"));
        connection.TrySend("x"u8, MessageType.Text);
        Assert.False(connection.TrySend("x"u8, MessageType.Text));
        await other.Output.CompleteAsync();
        await connection.Completion;
        Assert.Equal("broken pipe", Assert.IsType<IOException>(connection.Error).Message);
    }

    [Fact(Timeout = Limit)]
    public async Task An_abort_action_that_throws_does_not_reach_anyone()
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create();
        WebSocketConnection connection = Start(
            new StreamTransport(new DuplexStream(one), () => throw new InvalidOperationException("gone already"))
        );
        connection.Abort();
        await other.Output.CompleteAsync();
        await connection.Completion;
        Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus);
    }

    [Fact]
    public void An_idle_stream_is_read_without_a_buffer()
    {
        // The stream itself asserts that nobody waits with a buffer in hand.
        var stream = new FedStream();
        var handler = new RecordingHandler();
        WebSocketConnection connection = Start(new StreamTransport(stream), handler);
        for (int i = 0; i < 3; i++)
        {
            stream.Feed(Wire.To(WebSocketRole.Server, 2, new byte[20_000]));
        }

        Assert.Equal(4, handler.Calls.Length);
        connection.Abort();
    }

    /// <summary>Ignores tokens; only disposing it ends its reads and writes, with an exception, as with old sockets.</summary>
    private sealed class CancellableByDisposing(IDuplexPipe pipe) : Stream
    {
        private readonly CancellationTokenSource _disposed = new();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                await pipe.Input.ReadAsync(_disposed.Token);
            }
            catch (OperationCanceledException)
            {
                throw new ObjectDisposedException("stream");
            }

            return 0;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                await pipe.Output.WriteAsync(buffer, _disposed.Token);
            }
            catch (OperationCanceledException)
            {
                throw new ObjectDisposedException("stream");
            }
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing) => _disposed.Cancel();
    }
}
