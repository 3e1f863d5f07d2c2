using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Longwire;

/// <summary>Carries a connection over a duplex pipe, as a server's raw transport offers it after an upgrade.</summary>
internal sealed class PipeTransport : WebSocketTransport
{
    // The caller of Start must get control back, also when the peer never pauses.
    private const int MaxReadsInStart = 16;

    private readonly IDuplexPipe _pipe;
    private readonly Action? _abort;
    private readonly bool _leaveOpen;
    private readonly Socket? _socket;
    private readonly Action _onFlushed;
    private readonly ResumeSignal _resume = new();
    private ValueTask<FlushResult> _flush;
    private volatile bool _closing;
    private bool _starting;

    /// <summary>Makes a transport.</summary>
    /// <param name="pipe">
    /// The pipe. Its reader's memory must be writable, as a <see cref="Pipe"/>'s is: frames are unmasked in place.
    /// </param>
    /// <param name="abort">Ends what is below the pipe at once; null when completing the pipe does.</param>
    /// <param name="leaveOpen">
    /// Whether the pipe is left for its owner to complete, after <see cref="WebSocketConnection.Completion"/>.
    /// </param>
    /// <param name="socket">
    /// The TCP socket below the pipe, to be asked how far the peer has come with what was sent; null where there is none.
    /// </param>
    public PipeTransport(IDuplexPipe pipe, Action? abort = null, bool leaveOpen = false, Socket? socket = null)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        _pipe = pipe;
        _abort = abort;
        _leaveOpen = leaveOpen;
        _socket = socket;
        _onFlushed = OnFlushed;
    }

    /// <inheritdoc/>
    protected internal override IBufferWriter<byte> Output => _pipe.Output;

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
        try
        {
            ValueTask<FlushResult> flush = _pipe.Output.FlushAsync();
            if (flush.IsCompleted)
            {
                Look(flush.GetAwaiter().GetResult());
                return true;
            }

            _flush = flush;
        }
        catch (Exception exception)
        {
            Connection.SendingEnded(exception);
            return true;
        }

        _flush.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onFlushed);
        return false;
    }

    /// <inheritdoc/>
    protected internal override void ResumeReceiving() => _resume.Set();

    /// <inheritdoc/>
    protected internal override bool TryGetPeerProgress(out long taken, out long waiting) =>
        TcpProgress.TryGet(_socket, out taken, out waiting);

    /// <inheritdoc/>
    protected internal override void Close(bool abort)
    {
        _closing = true;
        try
        {
            if (abort)
            {
                _abort?.Invoke();
                _pipe.Output.CancelPendingFlush();
            }

            _pipe.Input.CancelPendingRead();
        }
        catch (Exception)
        {
            // The connection below is gone already; the reading side finds its end by itself.
        }

        _resume.Set();
    }

    private void OnFlushed()
    {
        try
        {
            Look(_flush.GetAwaiter().GetResult());
        }
        catch (Exception exception)
        {
            Connection.SendingEnded(exception);
        }

        Connection.Flushed();
    }

    // Nobody reads the other end any more: what were written now would stay in the pipe for good.
    private void Look(FlushResult result)
    {
        if (result.IsCompleted)
        {
            Connection.SendingEnded();
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        PipeReader input = _pipe.Input;
        int reads = 0;
        try
        {
            Connection.Opened();
            while (!_closing)
            {
                if (_starting && ++reads == MaxReadsInStart)
                {
                    await Task.Yield();
                }

                ReadResult result = await input.ReadAsync().ConfigureAwait(false);
                if (result.IsCanceled && _closing)
                {
                    input.AdvanceTo(result.Buffer.End);
                    break;
                }

                ReadOnlySequence<byte> buffer = result.Buffer;
                bool goOn = Feed(ref buffer);
                input.AdvanceTo(buffer.Start, goOn ? buffer.End : buffer.Start);
                if (!goOn)
                {
                    await _resume.WaitAsync().ConfigureAwait(false);
                }
                else if (result.IsCompleted)
                {
                    // The peer's direction has ended; this side's goes on until the connection closes.
                    Connection.ReceivingEnded();
                    break;
                }
            }

            while (!_closing)
            {
                await _resume.WaitAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            error = _closing ? null : exception;
        }

        Connection.SendingEnded();
        EndFlush();
        Connection.Ended(error);
        if (!_leaveOpen)
        {
            await CompleteAsync().ConfigureAwait(false);
        }
    }

    private bool Feed(ref ReadOnlySequence<byte> buffer)
    {
        long fed = 0;
        bool goOn = true;
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            if (segment.IsEmpty)
            {
                continue;
            }

            // The pipe's reader owns these bytes until it advances, and its memory is an array's.
            goOn = Connection.Receive(MemoryMarshal.AsMemory(segment).Span, out int consumed);
            fed += consumed;
            if (!goOn)
            {
                break;
            }
        }

        buffer = buffer.Slice(fed);
        return goOn;
    }

    // The connection begins no further flush, so one that is under way or just begins is the last.
    private void EndFlush()
    {
        try
        {
            _pipe.Output.CancelPendingFlush();
        }
        catch (Exception)
        {
            // The pipe is gone already, and its flush with it.
        }
    }

    private async Task CompleteAsync()
    {
        // The connection is over; a pipe over a stream may fail to flush to a peer that is gone.
        try
        {
            await _pipe.Input.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception) { }

        await Connection.Completion.ConfigureAwait(false);
        try
        {
            await _pipe.Output.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception) { }
    }
}
