namespace Longwire.Transport.Linux;

internal sealed partial class LoopSocket
{
    /// <summary>
    /// Closes in good order: what was sent leaves first, then FIN; then what still arrives is discarded until the peer has closed too, so
    /// that a reset can't destroy what is still on its way, no longer than <see cref="EventLoopOptions.LingerTimeout"/>.
    /// </summary>
    public void Close()
    {
        if (IsClosed)
        {
            return;
        }

        EndSending();
        if ((Flags & SocketFlags.Closed) != 0)
        {
            return;
        }

        if ((Flags & SocketFlags.SendFailed) != 0)
        {
            _loop.BeginClose(this, Errno.ConnectionReset);
            return;
        }

        if ((Flags & (SocketFlags.FinSent | SocketFlags.PeerEnded)) == (SocketFlags.FinSent | SocketFlags.PeerEnded))
        {
            _loop.BeginClose(this, 0);
            return;
        }

        Flags |= SocketFlags.Closing;
        _loop.SetTimer(Slot, _loop.LingerTimeout);
        if ((Flags & SocketFlags.Paused) != 0)
        {
            Flags &= ~SocketFlags.Paused;
            _loop.Resume(this);
        }
    }

    /// <summary>Sends FIN after all that was sent before, and goes on receiving (half-close).</summary>
    public void EndSending()
    {
        if ((Flags & CannotSend) != 0)
        {
            return;
        }

        if (Cork != 0)
        {
            _loop.FlushCork(this);
        }

        if ((Flags & (SocketFlags.Closed | SocketFlags.SendFailed)) != 0)
        {
            return;
        }

        Flags |= SocketFlags.SendEnded;
        if (_pending is null)
        {
            SendFin();
        }
    }

    /// <summary>Ends the connection at once with a reset (RST): what was not sent yet is dropped.</summary>
    public void Abort()
    {
        if ((Flags & SocketFlags.Closed) != 0)
        {
            return;
        }

        Flags |= SocketFlags.Reset;
        _loop.BeginClose(this, Errno.Canceled);
    }

    /// <summary>From any thread: has the loop call <see cref="Abort"/>.</summary>
    public void AbortFromAnyThread() => _loop.Post(new ActionWorkItem(static socket => ((LoopSocket)socket!).Abort(), this));

    /// <summary>The linger timer has come: the peer had its time.</summary>
    internal void OnLingerEnded()
    {
        // Something that still could not be sent makes it a failure, and the peer is to know.
        if (_pending is not null)
        {
            Flags |= SocketFlags.Reset;
        }

        _loop.BeginClose(this, _pending is null ? 0 : Errno.TimedOut);
    }

    internal void ReleasePending()
    {
        _pending?.Release();
        _pending = null;
    }

    private void SendFin()
    {
        if ((Flags & SocketFlags.FinSent) != 0)
        {
            return;
        }

        Flags |= SocketFlags.FinSent;
        _ = LibC.shutdown(_descriptor, Constants.ShutdownSend);
        if ((Flags & SocketFlags.Closing) == 0)
        {
            return;
        }

        if ((Flags & SocketFlags.PeerEnded) != 0)
        {
            _loop.BeginClose(this, 0);
        }
        else
        {
            _loop.SetTimer(Slot, _loop.LingerTimeout);
        }
    }
}
