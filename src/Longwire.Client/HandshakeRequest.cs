using System.Net.Http.Headers;
using Longwire.Protocol;

namespace Longwire.Client;

/// <summary>The request of the opening handshake (RFC 6455 §4.1, RFC 8441 §5).</summary>
internal static class HandshakeRequest
{
    // Headers that prove who the client is, or name the host: they are meant for the one that was named, not for one that it points to.
    private static readonly string[] _ownToTheHost = ["Authorization", "Cookie", "Host", "Proxy-Authorization"];

    /// <summary>Refuses headers and subprotocols that would break the request, before anything is sent.</summary>
    public static void Check(WebSocketClientOptions options)
    {
        string? wrong = ClientHandshake.CheckOffer(options.Subprotocols);
        foreach ((string name, string value) in options.Headers)
        {
            wrong ??= ClientHandshake.CheckHeader(name, value, mayNameHost: true);
        }

        if (options.Invoker is not null && options is not { UseProxy: true, Proxy: null, Cookies: null, Credentials: null, Tls: null })
        {
            wrong ??= "Proxy, cookies, credentials and TLS are the invoker's own where there is one.";
        }

        if (wrong is not null)
        {
            throw new ArgumentException(wrong, nameof(options));
        }
    }

    /// <summary>
    /// Takes the user and password of an address as Basic authentication, unless the caller authenticates in another way.
    /// </summary>
    public static WebSocketClientOptions WithUser(WebSocketClientOptions options, Uri uri)
    {
        return
            ClientHandshake.BasicAuthorization(uri) is not { } authorization
            || options.Headers.Any(static header => header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            ? options
            : options with
            {
                Headers = [.. options.Headers, KeyValuePair.Create("Authorization", authorization)],
            };
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
                (withCredentials || !_ownToTheHost.Contains(name, StringComparer.OrdinalIgnoreCase))
                && !headers.TryAddWithoutValidation(name, value)
            )
            {
                throw new ArgumentException($"The header '{name}' describes a body, and a handshake has none.", nameof(options));
            }
        }

        // An IPv6 address's scope means something on this machine only; the platform would send it along.
        if (headers.Host is null && address.HostNameType == UriHostNameType.IPv6)
        {
            headers.Host = ClientHandshake.HostOf(address);
        }

        return request;
    }
}
