using System.Net.Sockets;

namespace Longwire.Transport.Linux;

/// <summary>Handles a socket that is not connected yet; the socket carries its <see cref="ConnectAttempt"/>.</summary>
internal sealed class ConnectingHandler : LoopSocketHandler
{
    public static readonly ConnectingHandler Instance = new();

    protected internal override void OnReceive(LoopSocket socket, Span<byte> data)
    {
        // Nothing is received before the socket has its own handler.
    }

    protected internal override void OnTimer(LoopSocket socket) => socket.Loop.BeginClose(socket, Errno.TimedOut);

    protected internal override void OnStopping(LoopSocket socket) => socket.Abort();

    protected internal override void OnClosed(LoopSocket socket, SocketError error) => ((ConnectAttempt)socket.State!).Fail(error);
}
