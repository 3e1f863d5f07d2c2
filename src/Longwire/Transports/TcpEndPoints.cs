using System.Net;
using System.Net.Sockets;

namespace Longwire;

/// <summary>Asks a socket for its ends, which one that is closed doesn't know any more.</summary>
internal static class TcpEndPoints
{
    public static EndPoint? Remote(Socket? socket) => Ask(socket, static socket => socket.RemoteEndPoint);

    public static EndPoint? Local(Socket? socket) => Ask(socket, static socket => socket.LocalEndPoint);

    private static EndPoint? Ask(Socket? socket, Func<Socket, EndPoint?> property)
    {
        try
        {
            return socket is null ? null : property(socket);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
