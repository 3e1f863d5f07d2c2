using System.Net.Http.Headers;
using System.Text;
using Longwire.Protocol;

namespace Longwire.Client;

/// <summary>The request of the opening handshake (RFC 6455 §4.1, RFC 8441 §5).</summary>
internal static class HandshakeRequest
{
    // Headers that prove who the client is: they are meant for the host that was named, not for one that it points to.
    private static readonly string[] _credentialHeaders = ["Authorization", "Cookie", "Proxy-Authorization"];

    private static readonly string[] _ownHeaders =
    [
        "Connection",
        "Upgrade",
        "Content-Length",
        "Transfer-Encoding",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
    ];

    /// <summary>Refuses headers and subprotocols that would break the request, before anything is sent.</summary>
    public static void Check(WebSocketClientOptions options)
    {
        for (int i = 0; i < options.Subprotocols.Count; i++)
        {
            string name = options.Subprotocols[i];
            if (!HeaderTokens.IsToken(name) || options.Subprotocols.Take(i).Contains(name))
            {
                throw new ArgumentException(
                    "Subprotocols are different tokens: letters, digits and some punctuation, no spaces or commas.",
                    nameof(options)
                );
            }
        }

        if (options.Invoker is not null && (options is not { UseProxy: true, Proxy: null, Cookies: null, Credentials: null, Tls: null }))
        {
            throw new ArgumentException("Proxy, cookies, credentials and TLS are the invoker's own where there is one.", nameof(options));
        }

        foreach ((string name, string value) in options.Headers)
        {
            if (!HeaderTokens.IsToken(name))
            {
                throw new ArgumentException("A header's name is a token: letters, digits and some punctuation.", nameof(options));
            }

            // A line break in a value would begin a header, or a request, of somebody else's making.
            if (value.Any(static letter => letter is not '\t' and (< ' ' or > '~')))
            {
                throw new ArgumentException(
                    $"The value of the header '{name}' can't be sent: it is not ASCII on one line.",
                    nameof(options)
                );
            }

            if (_ownHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new ArgumentException(
                    $"The header '{name}' belongs to the handshake itself; subprotocols are an option of their own.",
                    nameof(options)
                );
            }
        }
    }

    /// <summary>
    /// Takes the user and password of an address as Basic authentication, unless the caller authenticates in another way.
    /// </summary>
    public static WebSocketClientOptions WithUser(WebSocketClientOptions options, Uri uri)
    {
        if (
            uri.UserInfo.Length == 0
            || options.Headers.Any(static header => header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
        )
        {
            return options;
        }

        string user = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(uri.UserInfo)));
        return options with { Headers = [.. options.Headers, KeyValuePair.Create("Authorization", "Basic " + user)] };
    }

    /// <summary>Makes a request.</summary>
    /// <param name="address">The server.</param>
    /// <param name="key">The <c>Sec-WebSocket-Key</c>; null for HTTP/2, which has none.</param>
    /// <param name="offer">The extension to offer; null for none.</param>
    /// <param name="options">Headers and subprotocols, checked.</param>
    /// <param name="withCredentials">Whether the server may see them.</param>
    public static HttpRequestMessage Create(
        Uri address,
        string? key,
        ExtensionOffer? offer,
        WebSocketClientOptions options,
        bool withCredentials
    )
    {
        var request = new HttpRequestMessage(key is null ? HttpMethod.Connect : HttpMethod.Get, address)
        {
            Version = options.HttpVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        HttpRequestHeaders headers = request.Headers;
        if (key is null)
        {
            headers.Protocol = "websocket";
        }
        else
        {
            headers.TryAddWithoutValidation("Connection", "Upgrade");
            headers.TryAddWithoutValidation("Upgrade", "websocket");
            headers.TryAddWithoutValidation("Sec-WebSocket-Key", key);
        }

        headers.TryAddWithoutValidation("Sec-WebSocket-Version", ServerHandshake.Version);
        if (options.Subprotocols.Count != 0)
        {
            headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", string.Join(", ", options.Subprotocols));
        }

        if (offer is not null)
        {
            headers.TryAddWithoutValidation(ExtensionHeader.Name, offer.ToString());
        }

        foreach ((string name, string value) in options.Headers)
        {
            if (
                (withCredentials || !_credentialHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
                && !headers.TryAddWithoutValidation(name, value)
            )
            {
                throw new ArgumentException($"The header '{name}' describes a body, and a handshake has none.", nameof(options));
            }
        }

        return request;
    }
}
