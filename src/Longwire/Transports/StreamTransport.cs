using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Longwire;

/// <summary>Carries a connection over any duplex stream: a client's socket, TLS, an upgraded HTTP stream.</summary>
internal sealed class StreamTransport : WebSocketTransport
{
    // The caller of Start must get control back, also when the peer never pauses.
    private const int MaxReadsInStart = 16;

    private const int SmallReadBytes = 8 << 10;
    private const int LargeReadBytes = 64 << 10;

    private readonly Socket? _socket;
    private Stream _stream;
    private readonly Action? _abort;
    private readonly bool _leaveOpen;
    private readonly OutputBuffer _output = new();
    private readonly ResumeSignal _resume = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Action _onFlushed;
    private ValueTask _flush;
    private volatile bool _closed;
    private bool _starting;

    /// <summary>Makes a transport.</summary>
    /// <param name="stream">The stream; reads and writes may overlap.</param>
    /// <param name="abort">Ends what is below the stream at once; null when disposing the stream does.</param>
    /// <param name="leaveOpen">
    /// Whether the stream is left for its owner to dispose, after <see cref="WebSocketConnection.Completion"/>.
    /// </param>
    /// <param name="socket">
    /// The TCP socket below the stream, to be asked how far the peer has come with what was sent; null where there is none, or where others
    /// share it. A <see cref="NetworkStream"/> need not be told its own.
    /// </param>
    public StreamTransport(Stream stream, Action? abort = null, bool leaveOpen = false, Socket? socket = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _abort = abort;
        _leaveOpen = leaveOpen;
        _socket = socket ?? (stream as NetworkStream)?.Socket;
        _onFlushed = OnFlushed;
    }

    /// <summary>
    /// Makes a transport whose stream comes later, in <see cref="Attach"/>: for a server, which opens its connection before it answers the
    /// opening handshake.
    /// </summary>
    /// <param name="abort">Ends what will be below the stream at once.</param>
    public StreamTransport(Action abort)
        : this(Stream.Null, abort, leaveOpen: true) { }

    /// <summary>Gives the transport its stream, before the connection is started.</summary>
    /// <param name="stream">The stream.</param>
    public void Attach(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
    }

    /// <inheritdoc/>
    protected internal override IBufferWriter<byte> Output => _output;

    /// <inheritdoc/>
    protected internal override EndPoint? RemoteEndPoint => TcpEndPoints.Remote(_socket);

    /// <inheritdoc/>
    protected internal override EndPoint? LocalEndPoint => TcpEndPoints.Local(_socket);

    /// <inheritdoc/>
    protected internal override void Start()
    {
        _starting = true;
        _ = ReceiveAsync();
        _starting = false;
    }

    /// <inheritdoc/>
    protected internal override bool TryFlush()
    {
        ValueTask writing;
        bool written = false;
        try
        {
            writing = _stream.WriteAsync(_output.Written, _closing.Token);
            if (writing.IsCompletedSuccessfully)
            {
                writing.GetAwaiter().GetResult();
                written = true;
                writing = new ValueTask(_stream.FlushAsync(_closing.Token));
                if (writing.IsCompletedSuccessfully)
                {
                    _output.Release();
                    return true;
                }
            }
        }
        catch (Exception exception)
        {
            Connection.SendingEnded(exception);
            _output.Release();
            return true;
        }

        _flush = FinishAsync(writing, written);
        if (!_flush.IsCompleted)
        {
            _flush.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onFlushed);
            return false;
        }

        _flush.GetAwaiter().GetResult();
        _output.Release();
        return true;
    }

    /// <inheritdoc/>
    protected internal override void ResumeReceiving() => _resume.Set();

    /// <inheritdoc/>
    protected internal override bool TryGetPeerProgress(out long taken, out long waiting) =>
        TcpProgress.TryGet(_socket, out taken, out waiting);

    /// <inheritdoc/>
    protected internal override void Close(bool abort)
    {
        _closed = true;
        // On a thread of its own: the reading side's continuation would run inside of this call.
        ThreadPool.UnsafeQueueUserWorkItem(
            static call => call.Transport.End(call.Abort),
            (Transport: this, Abort: abort),
            preferLocal: false
        );
        _resume.Set();
    }

    // A token ends reading; a stream that ignores it is ended with all that is below.
    private void End(bool abort)
    {
        try
        {
            if (abort && _abort is not null)
            {
                _abort();
            }

            _closing.Cancel();
            if (abort && _abort is null && !_leaveOpen)
            {
                _stream.Dispose();
            }
        }
        catch (Exception)
        {
            // The connection ends here whatever the stream says to that.
        }
    }

    // It never throws: a peer that is gone is noticed by the reading side too, which ends the connection.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishAsync(ValueTask writing, bool written)
    {
        try
        {
            await writing.ConfigureAwait(false);
            if (!written)
            {
                await _stream.FlushAsync(_closing.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            Connection.SendingEnded(exception);
        }
    }

    private void OnFlushed()
    {
        _flush.GetAwaiter().GetResult();
        _output.Release();
        Connection.Flushed();
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            Connection.Opened();
            await ReceiveUntilEndAsync().ConfigureAwait(false);
            if (!_closed)
            {
                // The peer's direction has ended; this side's goes on until the connection closes.
                Connection.ReceivingEnded();
            }

            while (!_closed)
            {
                await _resume.WaitAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            error = _closed ? null : exception;
        }

        Connection.SendingEnded();
        End(abort: false);
        Connection.Ended(error);
        if (!_leaveOpen)
        {
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task ReceiveUntilEndAsync()
    {
        int size = SmallReadBytes;
        int reads = 0;
        while (!_closed)
        {
            // A read of nothing waits for data without a buffer, so an idle connection owns none.
            await _stream.ReadAsync(Memory<byte>.Empty, _closing.Token).ConfigureAwait(false);
            if (_starting && ++reads == MaxReadsInStart)
            {
                await Task.Yield();
            }

            byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                int length = await _stream.ReadAsync(buffer, _closing.Token).ConfigureAwait(false);
                if (length == 0)
                {
                    return;
                }

                size = length == buffer.Length ? LargeReadBytes : SmallReadBytes;
                await FeedAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private ValueTask FeedAsync(Memory<byte> input)
    {
        if (Connection.Receive(input.Span, out int consumed))
        {
            return default;
        }

        return FeedRestAsync(input[consumed..]);
    }

    private async ValueTask FeedRestAsync(Memory<byte> input)
    {
        bool goOn = false;
        while (!goOn)
        {
            await _resume.WaitAsync().ConfigureAwait(false);
            if (_closed)
            {
                return;
            }

            goOn = Connection.Receive(input.Span, out int consumed);
            input = input[consumed..];
        }
    }

    private async Task DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The connection is over; a stream may fail to say goodbye to a peer that is gone.
        }
    }
}
