using System.Text;
using Longwire.Protocol;

namespace Longwire.Transport.Linux;

/// <summary>The request of the opening handshake, as bytes.</summary>
internal static class HandshakeRequest
{
    /// <summary>
    /// Writes the request.
    /// <code>
    /// GET target HTTP/1.1 CRLF  Host, Connection, Upgrade, Sec-WebSocket-Version, Sec-WebSocket-Key, ... CRLF CRLF      RFC 6455 §4.1
    /// </code>
    /// </summary>
    /// <exception cref="ArgumentException">A header or subprotocol would break the request.</exception>
    public static byte[] Create(Uri uri, string key, ExtensionOffer? offer, LoopWebSocketClientOptions options)
    {
        var text = new StringBuilder(256);
        text.Append("GET ")
            .Append(uri.PathAndQuery)
            .Append(" HTTP/1.1\r\nHost: ")
            .Append(ClientHandshake.HostOf(uri))
            .Append("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: ")
            .Append(ServerHandshake.Version)
            .Append("\r\nSec-WebSocket-Key: ")
            .Append(key)
            .Append("\r\n");
        if (options.Subprotocols.Count != 0)
        {
            Require(ClientHandshake.CheckOffer(options.Subprotocols), nameof(options));
            text.Append("Sec-WebSocket-Protocol: ").AppendJoin(", ", options.Subprotocols).Append("\r\n");
        }

        if (offer is not null)
        {
            text.Append(ExtensionHeader.Name).Append(": ").Append(offer).Append("\r\n");
        }

        bool authorized = false;
        foreach ((string name, string value) in options.Headers)
        {
            Require(ClientHandshake.CheckHeader(name, value, mayNameHost: false), nameof(options));
            authorized |= name.Equals("Authorization", StringComparison.OrdinalIgnoreCase);
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (!authorized && ClientHandshake.BasicAuthorization(uri) is { } authorization)
        {
            text.Append("Authorization: ").Append(authorization).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }

    private static void Require(string? wrong, string parameter)
    {
        if (wrong is not null)
        {
            throw new ArgumentException(wrong, parameter);
        }
    }
}
