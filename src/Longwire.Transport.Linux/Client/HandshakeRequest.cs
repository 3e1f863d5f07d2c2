using System.Text;
using Longwire.Protocol;

namespace Longwire.Transport.Linux;

/// <summary>The request of the opening handshake, as bytes.</summary>
internal static class HandshakeRequest
{
    private static readonly string[] _ownHeaders =
    [
        "Host",
        "Connection",
        "Upgrade",
        "Content-Length",
        "Transfer-Encoding",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
    ];

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
            .Append(Host(uri))
            .Append("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: ")
            .Append(ServerHandshake.Version)
            .Append("\r\nSec-WebSocket-Key: ")
            .Append(key)
            .Append("\r\n");
        if (options.Subprotocols.Count != 0)
        {
            if (
                !options.Subprotocols.All(static name => HeaderTokens.IsToken(name))
                || options.Subprotocols.Distinct().Count() != options.Subprotocols.Count
            )
            {
                throw new ArgumentException(
                    "Subprotocols are different tokens: letters, digits and some punctuation, no spaces or commas.",
                    nameof(options)
                );
            }

            text.Append("Sec-WebSocket-Protocol: ").AppendJoin(", ", options.Subprotocols).Append("\r\n");
        }

        if (offer is not null)
        {
            text.Append(ExtensionHeader.Name).Append(": ").Append(offer).Append("\r\n");
        }

        bool authorized = false;
        foreach ((string name, string value) in options.Headers)
        {
            Check(name, value);
            authorized |= name.Equals("Authorization", StringComparison.OrdinalIgnoreCase);
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (uri.UserInfo.Length != 0 && !authorized)
        {
            text.Append("Authorization: Basic ")
                .Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(uri.UserInfo))))
                .Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }

    private static string Host(Uri uri)
    {
        string host = uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
        return uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
    }

    private static void Check(string name, string value)
    {
        if (!HeaderTokens.IsToken(name))
        {
            throw new ArgumentException("A header's name is a token: letters, digits and some punctuation.", nameof(name));
        }
        // A line break in a value would begin a header, or a request, of somebody else's making.
        if (value.Any(static letter => letter is not '\t' and (< ' ' or > '~')))
        {
            throw new ArgumentException($"The value of the header '{name}' can't be sent: it is not ASCII on one line.", nameof(value));
        }

        if (_ownHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"The header '{name}' belongs to the handshake itself; subprotocols are an option of their own.",
                nameof(name)
            );
        }
    }
}
