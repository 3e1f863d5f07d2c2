using System.Net.Sockets;

namespace Longwire.Transport.Linux;

/// <summary>
/// Passes what happens on a socket to its <see cref="LoopTransport"/>, which the socket carries: one handler for all sockets.
/// </summary>
internal sealed class WebSocketSocketHandler : LoopSocketHandler
{
    public static readonly WebSocketSocketHandler Instance = new();

    protected internal override void OnAttached(LoopSocket socket)
    {
        if (socket.State is not LoopTransport)
        {
            socket.State = new LoopTransport(socket);
        }

        // Until the connection is started nobody could take what arrives.
        socket.PauseReceiving();
    }

    protected internal override void OnReceive(LoopSocket socket, Span<byte> data) => Transport(socket).OnReceive(data);

    protected internal override void OnPeerEnded(LoopSocket socket) => Transport(socket).OnPeerEnded();

    protected internal override void OnSendingEnded(LoopSocket socket, SocketError error) => Transport(socket).OnSendingEnded(error);

    protected internal override void OnPosted(LoopSocket socket) => Transport(socket).OnPosted();

    protected internal override void OnWritable(LoopSocket socket) => Transport(socket).OnWritable();

    protected internal override void OnStopping(LoopSocket socket) => Transport(socket).OnStopping();

    protected internal override void OnClosed(LoopSocket socket, SocketError error) => Transport(socket).OnClosed(error);

    private static LoopTransport Transport(LoopSocket socket) => (LoopTransport)socket.State!;
}
