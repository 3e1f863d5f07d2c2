using System.Net;
using System.Net.Sockets;

namespace Longwire.Transport.Linux.Tests;

/// <summary>A port of loopback at which nobody listens. It is bound, so that no other program gets it meanwhile.</summary>
internal sealed class UnusedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public UnusedPort(IPAddress? address = null) => _socket.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));

    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public int Port => EndPoint.Port;

    public void Dispose() => _socket.Dispose();
}
