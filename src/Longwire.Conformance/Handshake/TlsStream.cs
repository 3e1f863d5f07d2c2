using System.Net.Security;
using System.Net.Sockets;

namespace Longwire.Conformance;

/// <summary>TLS over a socket that a script may still reset.</summary>
internal sealed class TlsStream(NetworkStream inner) : SslStream(inner, leaveInnerStreamOpen: false)
{
    public Socket Socket => ((NetworkStream)InnerStream).Socket;
}
