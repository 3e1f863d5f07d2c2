using System.Net.Sockets;

namespace Longwire.Transport.Linux;

/// <summary>Every call into a handler goes through here: whatever it throws costs its own socket, never the loop.</summary>
internal static class Delivery
{
    public static void Received(LoopSocket socket, Span<byte> data)
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

    public static void PeerEnded(LoopSocket socket)
    {
        if ((socket.Flags & (SocketFlags.Closed | SocketFlags.PeerEnded)) != 0)
        {
            return;
        }

        socket.Flags |= SocketFlags.PeerEnded;
        if ((socket.Flags & SocketFlags.Closing) == 0)
        {
            Deliver(socket, static socket => socket.Handler.OnPeerEnded(socket));
        }
        else if ((socket.Flags & SocketFlags.FinSent) != 0)
        {
            socket.Loop.BeginClose(socket, 0);
        }
    }

    public static void SendingEnded(LoopSocket socket, SocketError error)
    {
        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            return;
        }

        try
        {
            socket.Handler.OnSendingEnded(socket, error);
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    public static void Writable(LoopSocket socket) => Deliver(socket, static socket => socket.Handler.OnWritable(socket));

    public static void Posted(LoopSocket socket) => Deliver(socket, static socket => socket.Handler.OnPosted(socket));

    public static void Attached(LoopSocket socket) => Deliver(socket, static socket => socket.Handler.OnAttached(socket));

    public static void Timer(LoopSocket socket) => Deliver(socket, static socket => socket.Handler.OnTimer(socket));

    public static void Stopping(LoopSocket socket) => Deliver(socket, static socket => socket.Handler.OnStopping(socket));

    /// <summary>The last call: the socket is closed already, so that an exception costs nothing.</summary>
    public static void Closed(LoopSocket socket, SocketError error)
    {
        try
        {
            socket.Handler.OnClosed(socket, error);
        }
        catch (Exception exception)
        {
            socket.Loop.NoteFault(exception);
        }
    }

    /// <summary>Makes a socket's new handler known to it, with what was received and not read under the one before.</summary>
    public static void HandOver(LoopSocket socket, Span<byte> unread)
    {
        Attached(socket);
        if (!unread.IsEmpty)
        {
            Received(socket, unread);
        }

        if ((socket.Flags & SocketFlags.PeerEnded) == 0)
        {
            return;
        }

        socket.Flags &= ~SocketFlags.PeerEnded;
        PeerEnded(socket);
    }

    private static void Deliver(LoopSocket socket, Action<LoopSocket> call)
    {
        try
        {
            call(socket);
        }
        catch (Exception exception)
        {
            Fault(socket, exception);
        }
    }

    private static void Fault(LoopSocket socket, Exception exception)
    {
        socket.Loop.NoteFault(exception);
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
            socket.Loop.LogFault(second);
            socket.Abort();
        }
    }
}
