using System.Net.Security;
using System.Net.Sockets;

namespace Longwire.Conformance;

/// <summary>TLS over a socket that a script may still reset, and whose output it may end while a read waits.</summary>
internal sealed class TlsStream : SslStream
{
    private readonly Wire _wire;

    public TlsStream(NetworkStream inner)
        : this(new Wire(inner)) { }

    private TlsStream(Wire wire)
        : base(wire, leaveInnerStreamOpen: false) => _wire = wire;

    public Socket Socket => _wire.Socket;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _wire.EnterReadAsync(cancellationToken);
        try
        {
            return await base.ReadAsync(buffer, cancellationToken);
        }
        finally
        {
            _wire.LeaveRead();
        }
    }

    /// <summary>Sends close_notify. The peer's bytes can still be read.</summary>
    public override async Task ShutdownAsync()
    {
        await _wire.Gate.WaitAsync();
        try
        {
            await base.ShutdownAsync();
        }
        finally
        {
            _wire.Gate.Release();
        }
    }

    /// <summary>
    /// The bytes below. OpenSSL's state is not for two threads, and <see cref="SslStream"/> lets a shutdown run beside a read that is
    /// decrypting ("bad record mac"): the gate is open only while a read waits for bytes.
    /// </summary>
    private sealed class Wire(NetworkStream inner) : Stream
    {
        private bool _reads;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public Socket Socket => inner.Socket;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public async Task EnterReadAsync(CancellationToken cancellationToken)
        {
            await Gate.WaitAsync(cancellationToken);
            _reads = true;
        }

        public void LeaveRead()
        {
            _reads = false;
            Gate.Release();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_reads)
            {
                // The handshake's own reads.
                return await inner.ReadAsync(buffer, cancellationToken);
            }

            Gate.Release();
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken);
            }
            finally
            {
                await Gate.WaitAsync(CancellationToken.None);
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
