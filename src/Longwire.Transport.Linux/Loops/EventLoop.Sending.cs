namespace Longwire.Transport.Linux;

internal abstract unsafe partial class EventLoop
{
    // After a reset no more can come than the kernel's buffer held; a Unix socket's peer may have closed only the one direction.
    private const int MaxRestBytes = 16 * 1024 * 1024;

    private readonly CorkTable _corks = new();
    private readonly List<(LoopSocket Socket, int Error)> _closing = [];
    private readonly List<(LoopSocket Socket, int Error, bool IsTold)> _failed = [];

    internal CorkTable Corks => _corks;

    internal ref CorkTable.Entry CorkOf(LoopSocket socket)
    {
        if (socket.Cork == 0)
        {
            if (_corks.IsFull)
            {
                SendCrowd();
            }

            socket.Cork = _corks.Add(socket) + 1;
        }

        return ref _corks[socket.Cork - 1];
    }

    // A handler writes to a crowd: what there is for the first of it leaves before the turn's end.
    private void SendCrowd()
    {
        for (int i = _corks.Count - 1; i >= 0; i--)
        {
            LoopSocket socket = _corks[i].Socket!;
            if (!_corks[i].IsReserved)
            {
                FlushCork(socket);
                socket.Cork = 0;
                _corks.Remove(i);
            }
        }
    }

    /// <summary>Sends at once what this turn has for the socket so far.</summary>
    internal void FlushCork(LoopSocket socket)
    {
        ref CorkTable.Entry cork = ref _corks[socket.Cork - 1];
        int length = cork.Length;
        cork.Length = 0;
        if (length == 0)
        {
            return;
        }

        int sent = TrySend(socket, cork.Block, length);
        if (sent < length && (socket.Flags & (SocketFlags.Closed | SocketFlags.SendFailed)) == 0)
        {
            socket.KeepUnsent(new ReadOnlySpan<byte>(cork.Block + sent, length - sent));
        }
    }

    /// <summary>One call to send; an error closes the socket, a full buffer is 0 bytes.</summary>
    internal int TrySend(LoopSocket socket, byte* data, int length)
    {
        while (true)
        {
            int sent = Calls.Send(socket.FileDescriptor, data, length);
            if (sent >= 0)
            {
                return sent;
            }

            if (sent != -Errno.Interrupted)
            {
                return SendFailed(socket, -sent);
            }
        }
    }

    internal int TrySend(LoopSocket socket, IoVector* vectors, int count)
    {
        while (true)
        {
            int sent = Calls.Send(socket.FileDescriptor, vectors, count);
            if (sent >= 0)
            {
                return sent;
            }

            if (sent != -Errno.Interrupted)
            {
                return SendFailed(socket, -sent);
            }
        }
    }

    private protected int SendFailed(LoopSocket socket, int error)
    {
        if (error is Errno.Again or Errno.NoBuffers)
        {
            return 0;
        }
        FailSending(socket, error);
        return 0;
    }

    // A reset leaves in the kernel what came before it, and that is still the handler's; unless it wants no more of it.
    private protected void FailSending(LoopSocket socket, int error)
    {
        if (error is not (Errno.ConnectionReset or Errno.BrokenPipe or Errno.TimedOut) || (socket.Flags & SocketFlags.Closing) != 0)
        {
            BeginClose(socket, error);
        }
        else if ((socket.Flags & (SocketFlags.Closed | SocketFlags.SendFailed)) == 0)
        {
            socket.Flags |= SocketFlags.SendFailed;
            DropUnsent(socket);
            _failed.Add((socket, error, IsTold: false));
        }
    }

    /// <summary>Delivers what a socket still has whose sending has failed, now that receiving is resumed.</summary>
    internal void ReceiveLast(LoopSocket socket) => _failed.Add((socket, Errno.ConnectionReset, IsTold: true));

    private void DropUnsent(LoopSocket socket)
    {
        if (socket.Cork != 0)
        {
            _corks[socket.Cork - 1].Length = 0;
        }

        socket.ReleasePending();
    }

    // Not within the send that has failed: the handler that sends must not be called to receive meanwhile.
    private void FinishFailed()
    {
        if (_failed.Count == 0)
        {
            return;
        }

        for (int i = _failed.Count - 1; i >= 0; i--)
        {
            (LoopSocket socket, int error, bool isTold) = _failed[i];
            if (!isTold)
            {
                _failed[i] = (socket, error, IsTold: true);
                Delivery.SendingEnded(socket, Errno.ToSocketError(error));
            }

            if ((socket.Flags & (SocketFlags.Closed | SocketFlags.Paused)) == 0)
            {
                if (!ReceiveRest(socket))
                {
                    continue;
                }

                if ((socket.Flags & SocketFlags.Paused) == 0)
                {
                    BeginClose(socket, error);
                }
                else
                {
                    // It has paused at what came before: it says whether it comes back for the rest.
                    Delivery.SendingEnded(socket, Errno.ToSocketError(error));
                }
            }

            // One that is paused comes back when it is resumed.
            _failed.RemoveAt(i);
        }
    }

    private protected void ReceiveRest(LoopSocket socket, byte* buffer, int bufferBytes)
    {
        const SocketFlags NoMore = SocketFlags.Closed | SocketFlags.Closing | SocketFlags.Paused;
        int rest = MaxRestBytes;
        while (rest > 0 && (socket.Flags & NoMore) == 0)
        {
            int received = Calls.Receive(socket.FileDescriptor, buffer, bufferBytes);
            if (received > 0)
            {
                Delivery.Received(socket, new Span<byte>(buffer, received));
            }
            else if (received != -Errno.Interrupted)
            {
                return;
            }

            rest -= received;
        }
    }

    /// <summary>The socket is over: at the turn's end the handler is told and the descriptor closed.</summary>
    internal void BeginClose(LoopSocket socket, int error)
    {
        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            return;
        }

        socket.Flags |= SocketFlags.Closed;
        DropUnsent(socket);
        _closing.Add((socket, error));
    }

    private void FinishClosing()
    {
        // A handler that is told of one closing may close others: the list may grow while it is walked.
        for (int i = 0; i < _closing.Count; i++)
        {
            (LoopSocket socket, int error) = _closing[i];
            if (socket.Slot >= 0)
            {
                _timers.Clear(socket.Slot);
            }

            if ((socket.Flags & SocketFlags.Reset) != 0)
            {
                Descriptor.ResetOnClose(socket.FileDescriptor);
            }

            Delivery.Closed(socket, Errno.ToSocketError(error));
            socket.Flags |= SocketFlags.Gone;
            // Events of this turn that name the slot have all been seen, so it may be given away.
            if (Release(socket))
            {
                Forget(socket);
            }
        }

        _closing.Clear();
    }

    private protected void Forget(LoopSocket socket)
    {
        Sockets.Remove(socket.Slot);
        CountSocket(-1);
    }
}
