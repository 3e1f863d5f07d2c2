using System.Net;
using System.Net.Sockets;

namespace Longwire.Transport.Linux.Tests;

/// <summary>A listener with a full backlog: it leaves every further request to connect unanswered.</summary>
internal sealed class SilentListener : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public SilentListener(IPAddress? address = null)
    {
        _listener.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        _listener.Listen(0);
        // The kernel lets one more in than it was asked to.
        _filler.Connect(_listener.LocalEndPoint!);
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    public void Dispose()
    {
        _filler.Dispose();
        _listener.Dispose();
    }
}
