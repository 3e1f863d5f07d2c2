using System.Buffers;
using System.IO.Pipelines;

namespace Longwire.Transport.Linux;

internal sealed partial class PipeSocketHandler
{
    private readonly Lock _detaching = new();
    private volatile LoopSocketHandler? _detachTo;
    private object? _detachState;
    private TaskCompletionSource<LoopSocket?>? _detachDone;
    private bool _detached;
    private bool _refused;

    /// <summary>From any thread: has the loop give the socket to another handler, after all that was flushed has been sent.</summary>
    public Task<LoopSocket?> DetachAsync(LoopSocketHandler handler, object? state)
    {
        lock (_detaching)
        {
            if (_detachTo is not null)
            {
                throw new InvalidOperationException("The connection was detached before.");
            }

            if (_refused)
            {
                return Task.FromResult<LoopSocket?>(null);
            }

            _detachDone = new TaskCompletionSource<LoopSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _detachState = state;
            _detachTo = handler;
        }

        // The sending side takes it from here: woken from its read, it has sent all that was there.
        _sending.Reader.CancelPendingRead();
        return _detachDone.Task;
    }

    // On the loop, so nothing is received meanwhile; and the request that asked for this waits, so nobody else reads the pipe.
    private void TakeOver()
    {
        LoopSocketHandler handler = _detachTo!;
        byte[]? rest = null;
        int restLength = 0;
        try
        {
            if (_receiving.Reader.TryRead(out ReadResult unread))
            {
                restLength = checked((int)unread.Buffer.Length);
                rest = ArrayPool<byte>.Shared.Rent(Math.Max(restLength, 1));
                unread.Buffer.CopyTo(rest);
                _receiving.Reader.AdvanceTo(unread.Buffer.End);
            }
        }
        catch (InvalidOperationException exception)
        {
            // Someone still reads: the connection stays where it is, but it can't go on like this.
            _socket.Abort();
            _detachDone!.SetException(new InvalidOperationException("The connection is being read and can't be detached.", exception));
            _sent.TrySetResult();
            return;
        }

        // The pipe was full; it is no more. The new handler may pause for reasons of its own.
        _socket.ResumeReceiving();
        _detached = true;
        _receivingEnded = true;
        _receiving.Writer.Complete();
        _sending.Reader.Complete();
        _socket.Handler = handler;
        _socket.State = _detachState;
        _context.OnDetached();
        _sent.TrySetResult();

        Delivery.HandOver(_socket, rest.AsSpan(0, restLength));
        if (rest is not null)
        {
            ArrayPool<byte>.Shared.Return(rest);
        }

        _detachDone!.SetResult(_socket);
    }

    private void RefuseDetach()
    {
        lock (_detaching)
        {
            _refused = true;
        }

        _detachDone?.TrySetResult(null);
    }
}
