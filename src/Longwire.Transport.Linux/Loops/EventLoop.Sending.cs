namespace Longwire.Transport.Linux;

public abstract unsafe partial class EventLoop
{
    private readonly CorkTable _corks = new();
    private readonly List<(LoopSocket Socket, int Error)> _closing = [];

    private protected CorkTable Corks => _corks;

    internal ref CorkTable.Entry CorkOf(LoopSocket socket)
    {
        if (socket.Cork == 0) socket.Cork = _corks.Add(socket) + 1;
        return ref _corks[socket.Cork - 1];
    }

    /// <summary>Sends at once what this turn has for the socket so far.</summary>
    internal void FlushCork(LoopSocket socket)
    {
        ref CorkTable.Entry cork = ref _corks[socket.Cork - 1];
        int length = cork.Length;
        cork.Length = 0;
        if (length == 0) return;
        int sent = TrySend(socket, cork.Block, length);
        if (sent < length && (socket.Flags & SocketFlags.Closed) == 0) socket.KeepUnsent(new ReadOnlySpan<byte>(cork.Block + sent, length - sent));
    }

    /// <summary>One call to send; an error closes the socket, a full buffer is 0 bytes.</summary>
    internal int TrySend(LoopSocket socket, byte* data, int length)
    {
        while (true)
        {
            int sent = Calls.Send(socket.FileDescriptor, data, length);
            if (sent >= 0) return sent;
            if (sent != -Errno.Interrupted) return SendFailed(socket, -sent);
        }
    }

    internal int TrySend(LoopSocket socket, IoVector* vectors, int count)
    {
        while (true)
        {
            int sent = Calls.Send(socket.FileDescriptor, vectors, count);
            if (sent >= 0) return sent;
            if (sent != -Errno.Interrupted) return SendFailed(socket, -sent);
        }
    }

    private protected int SendFailed(LoopSocket socket, int error)
    {
        if (error != Errno.Again && error != Errno.NoBuffers) BeginClose(socket, error);
        return 0;
    }

    /// <summary>The socket is over: at the turn's end the handler is told and the descriptor closed.</summary>
    internal void BeginClose(LoopSocket socket, int error)
    {
        if ((socket.Flags & SocketFlags.Closed) != 0) return;
        socket.Flags |= SocketFlags.Closed;
        if (socket.Cork != 0) _corks[socket.Cork - 1].Length = 0;
        socket.ReleasePending();
        _closing.Add((socket, error));
    }

    private void FinishClosing()
    {
        // A handler that is told of one closing may close others: the list may grow while it is walked.
        for (int i = 0; i < _closing.Count; i++)
        {
            (LoopSocket socket, int error) = _closing[i];
            if (socket.Slot >= 0) _timers.Clear(socket.Slot);
            if ((socket.Flags & SocketFlags.Reset) != 0) Descriptor.ResetOnClose(socket.FileDescriptor);
            try
            {
                socket.Handler.OnClosed(socket, Errno.ToSocketError(error));
            }
            catch (Exception exception)
            {
                CountFault();
                Log.HandlerFailed(_logger, Index, exception);
            }

            socket.Flags |= SocketFlags.Gone;
            // Events of this turn that name the slot have all been seen, so it may be given away.
            if (Release(socket)) Forget(socket);
        }

        _closing.Clear();
    }

    private protected void Forget(LoopSocket socket)
    {
        Sockets.Remove(socket.Slot);
        CountSocket(-1);
    }
}
