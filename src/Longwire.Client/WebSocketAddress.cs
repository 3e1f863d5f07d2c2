using System.Diagnostics.CodeAnalysis;
using Longwire.Connecting;

namespace Longwire.Client;

/// <summary>Addresses of WebSocket servers (RFC 6455 §3).</summary>
internal static class WebSocketAddress
{
    /// <summary>
    /// Takes an absolute <c>ws</c>, <c>wss</c>, <c>http</c> or <c>https</c> address as one of a WebSocket server, which has neither
    /// fragment nor user. The scope of an IPv6 address stays.
    /// </summary>
    public static bool TryFrom(Uri uri, [NotNullWhen(true)] out Uri? address)
    {
        address = null;
        string? scheme = !uri.IsAbsoluteUri
            ? null
            : uri.Scheme switch
            {
                "ws" or "http" => "ws",
                "wss" or "https" => "wss",
                _ => null,
            };
        if (scheme is null || uri.Host.Length == 0)
        {
            return false;
        }

        address = new UriBuilder(uri)
        {
            Scheme = scheme,
            Host = uri.HostNameType == UriHostNameType.IPv6 ? $"[{ScopedAddress.Unescape(uri.IdnHost)}]" : uri.Host,
            Port = uri.IsDefaultPort ? -1 : uri.Port,
            Fragment = "",
            UserName = "",
            Password = "",
        }.Uri;
        return true;
    }

    /// <summary>
    /// Whether credentials for one may be shown to the other: the same server, or the same host's with TLS at the usual port.
    /// </summary>
    public static bool HasSameTrust(Uri from, Uri to) =>
        from.IdnHost == to.IdnHost && (from.Port == to.Port ? from.Scheme == to.Scheme : from.IsDefaultPort && to.IsDefaultPort);
}
