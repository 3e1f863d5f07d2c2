using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Longwire.Transport.Linux;

/// <summary>
/// Pumps between a socket and the two pipes of a Kestrel connection. All of it runs on the loop: the pipes' continuations on this side
/// are scheduled there.
/// </summary>
internal sealed partial class PipeSocketHandler : LoopSocketHandler
{
    private readonly Pipe _receiving;
    private readonly Pipe _sending;
    private readonly LoopConnectionContext _context;
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WritableSignal _writable = new();
    private LoopSocket _socket = null!;
    private volatile Exception? _abortReason;
    private bool _receivingEnded;
    private bool _ended;

    public PipeSocketHandler(LoopConnectionContext context, PipeOptions receiving, PipeOptions sending)
    {
        _context = context;
        _receiving = new Pipe(receiving);
        _sending = new Pipe(sending);
        Application = new DuplexPipe(_receiving.Reader, _sending.Writer);
    }

    /// <summary>Kestrel's side.</summary>
    public IDuplexPipe Application { get; }

    /// <summary>Completes when all that Kestrel wrote was given to the kernel, or can't be any more, and the socket is closing.</summary>
    public Task Sent => _sent.Task;

    /// <summary>From any thread: ends the connection at once.</summary>
    public void Abort(Exception reason)
    {
        _abortReason ??= reason;
        _socket.AbortFromAnyThread();
    }

    protected internal override void OnAttached(LoopSocket socket)
    {
        _socket = socket;
        _context.OnAttached(socket);
        _ = SendAsync();
    }

    protected internal override void OnReceive(LoopSocket socket, Span<byte> data)
    {
        if (_receivingEnded)
        {
            return;
        }

        PipeWriter writer = _receiving.Writer;
        writer.Write(data);
        ValueTask<FlushResult> flush = writer.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            OnReceivedFlushed(flush.Result);
        }
        else
        {
            // HTTP does not keep up. The peer has to wait until it does.
            socket.PauseReceiving();
            _ = ResumeWhenFlushedAsync(flush);
        }
    }

    protected internal override void OnPeerEnded(LoopSocket socket) => EndReceiving(null);

    protected internal override void OnWritable(LoopSocket socket) => _writable.Set();

    protected internal override void OnStopping(LoopSocket socket) => socket.Abort();

    protected internal override void OnClosed(LoopSocket socket, SocketError error)
    {
        _ended = true;
        // Whichever of the two it waits for, it finds that the socket has ended.
        _sending.Reader.CancelPendingRead();
        _writable.Set();
        _context.OnClosed(error == SocketError.Success ? null : ToException(error));
    }

    /// <summary>For the context, once the loop is through with the socket.</summary>
    public void CompleteReceiving(Exception? error)
    {
        if (!_receivingEnded)
        {
            _receiving.Writer.Complete(error);
        }
    }

    private async Task ResumeWhenFlushedAsync(ValueTask<FlushResult> flush)
    {
        FlushResult result = await flush.ConfigureAwait(false);
        if (_detached)
        {
            return;
        }

        OnReceivedFlushed(result);
        _socket.ResumeReceiving();
    }

    private void OnReceivedFlushed(FlushResult result)
    {
        // Kestrel reads no more. Bytes that still arrive are dropped, and the kernel's end is left to whoever closes.
        if (result.IsCompleted || result.IsCanceled)
        {
            EndReceiving(null);
        }
    }

    private void EndReceiving(Exception? error)
    {
        if (_receivingEnded)
        {
            return;
        }

        _receivingEnded = true;
        _receiving.Writer.Complete(error);
    }

    private Exception ToException(SocketError error)
    {
        if (_abortReason is { } reason)
        {
            return reason;
        }

        var inner = new SocketException((int)error);
        return error is SocketError.ConnectionReset
            ? new ConnectionResetException(inner.Message, inner)
            : new ConnectionAbortedException(inner.Message, inner);
    }
}
