namespace Longwire.Transport.Linux;

// Every call into a handler goes through here: whatever it throws costs its own socket, never the loop.
internal abstract partial class EventLoop
{
    private protected void DeliverReceived(LoopSocket socket, Span<byte> data)
    {
        // A socket that was closed by this side only waits for the peer's FIN.
        if ((socket.Flags & (SocketFlags.Closed | SocketFlags.Closing)) != 0)
        {
            return;
        }

        try
        {
            socket.Handler.OnReceive(socket, data);
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    private protected void DeliverPeerEnded(LoopSocket socket)
    {
        if ((socket.Flags & (SocketFlags.Closed | SocketFlags.PeerEnded)) != 0)
        {
            return;
        }

        socket.Flags |= SocketFlags.PeerEnded;
        if ((socket.Flags & SocketFlags.Closing) != 0)
        {
            if ((socket.Flags & SocketFlags.FinSent) != 0)
            {
                BeginClose(socket, 0);
            }

            return;
        }

        try
        {
            socket.Handler.OnPeerEnded(socket);
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    private void DeliverSendingEnded(LoopSocket socket, int error)
    {
        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            return;
        }

        try
        {
            socket.Handler.OnSendingEnded(socket, Errno.ToSocketError(error));
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    internal void DeliverWritable(LoopSocket socket)
    {
        try
        {
            socket.Handler.OnWritable(socket);
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    internal void DeliverPosted(LoopSocket socket)
    {
        try
        {
            socket.Handler.OnPosted(socket);
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    private void DeliverAttached(LoopSocket socket)
    {
        try
        {
            socket.Handler.OnAttached(socket);
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    /// <summary>Makes a socket's new handler known to it, with what was received and not read under the one before.</summary>
    internal void HandOver(LoopSocket socket, Span<byte> unread)
    {
        DeliverAttached(socket);
        if (!unread.IsEmpty)
        {
            DeliverReceived(socket, unread);
        }

        if ((socket.Flags & SocketFlags.PeerEnded) == 0)
        {
            return;
        }

        socket.Flags &= ~SocketFlags.PeerEnded;
        DeliverPeerEnded(socket);
    }

    private void DeliverTimer(LoopSocket socket)
    {
        try
        {
            socket.Handler.OnTimer(socket);
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    private void DeliverStopping(LoopSocket socket)
    {
        try
        {
            socket.Handler.OnStopping(socket);
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    private void Fault(LoopSocket socket, Exception exception)
    {
        CountFault();
        Log.HandlerFailed(_logger, Index, exception);
        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            return;
        }

        try
        {
            socket.Handler.OnFault(socket, exception);
        }
        catch (Exception second)
        {
            Log.HandlerFailed(_logger, Index, second);
            socket.Abort();
        }
    }

    private void CountFault() => Interlocked.Increment(ref _handlerFaults);
}
