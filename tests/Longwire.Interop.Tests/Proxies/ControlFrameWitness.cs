namespace Longwire.Interop.Tests;

/// <summary>Counts the control frames that come on a connection whose other side sends nothing else.</summary>
internal sealed class ControlFrameWitness(byte firstByte)
{
    /// <summary>A frame of Longwire's keep-alive: two bytes of header, eight of payload.</summary>
    private const int FrameBytes = 10;

    private readonly SemaphoreSlim _frames = new(0);

    /// <summary>Counts pings.</summary>
    public static ControlFrameWitness OfPings() => new(0x89);

    /// <summary>Counts pongs.</summary>
    public static ControlFrameWitness OfPongs() => new(0x8a);

    /// <summary>The stream, watched.</summary>
    public Stream Watch(Stream stream) => new WatchedStream(stream, this);

    /// <summary>Waits for the next frame.</summary>
    public async Task WaitAsync() => Assert.True(await _frames.WaitAsync(Patience.Short), "No further control frame came.");

    private void See(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == FrameBytes && bytes[0] == firstByte)
        {
            _frames.Release();
        }
    }

    private sealed class WatchedStream(Stream stream, ControlFrameWitness witness) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int length = await stream.ReadAsync(buffer, cancellationToken);
            witness.See(buffer.Span[..length]);
            return length;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            stream.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => stream.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => stream.Write(buffer, offset, count);

        public override void Flush() => stream.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
