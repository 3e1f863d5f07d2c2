using System.Net.Sockets;
using Longwire.Transport.Linux;

namespace Longwire.LoopEcho;

/// <summary>Sends back what it receives: one handler for all sockets, without any state.</summary>
internal sealed class EchoHandler : LoopSocketHandler
{
    protected override void OnReceive(LoopSocket socket, Span<byte> data) => socket.Send(data);

    protected override void OnClosed(LoopSocket socket, SocketError error)
    {
    }
}
