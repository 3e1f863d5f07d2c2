using System.Text;

namespace Longwire.Protocol;

/// <summary>The client's side of the opening handshake (RFC 6455 §4.1): is the server's answer one to this client's request?</summary>
public static class ClientHandshake
{
    // Headers that the handshake writes itself.
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

    /// <summary>Checks a response with status 101.</summary>
    /// <param name="key">The <c>Sec-WebSocket-Key</c> that this client sent.</param>
    /// <param name="upgrade">The response's <c>Upgrade</c>.</param>
    /// <param name="connection">The response's <c>Connection</c>.</param>
    /// <param name="accept">The response's <c>Sec-WebSocket-Accept</c>.</param>
    /// <returns>Null when the answer is right, else what is wrong with it.</returns>
    public static string? Check(string key, string? upgrade, string? connection, string? accept)
    {
        if (!HeaderTokens.Contains(upgrade, "websocket"))
        {
            return "The server's answer lacks the header 'Upgrade: websocket'.";
        }

        if (!HeaderTokens.Contains(connection, "upgrade"))
        {
            return "The server's answer lacks the header 'Connection: Upgrade'.";
        }

        if (accept is null || !accept.AsSpan().Trim(" \t").SequenceEqual(HandshakeKey.Accept(key)))
        {
            return "The header 'Sec-WebSocket-Accept' does not answer this client's key: is this a WebSocket server?";
        }

        return null;
    }

    /// <summary>Checks the subprotocol of a response.</summary>
    /// <param name="offered">This client's offer.</param>
    /// <param name="answered">The response's <c>Sec-WebSocket-Protocol</c>; null when it has none.</param>
    /// <returns>Null when the answer is right, else what is wrong with it.</returns>
    public static string? CheckSubprotocol(IReadOnlyCollection<string> offered, string? answered)
    {
        ArgumentNullException.ThrowIfNull(offered);
        return answered is null || offered.Contains(answered) ? null : "The server chose a subprotocol that this client did not offer.";
    }

    /// <summary>Checks all that a successful answer says, and reads what was agreed on.</summary>
    /// <param name="key">The <c>Sec-WebSocket-Key</c> that this client sent; null for HTTP/2, which has none and upgrades nothing.</param>
    /// <param name="isHttp10">Whether the answer is of HTTP/1.0.</param>
    /// <param name="header">Finds a header of the answer, several lines joined by commas; null where there is none.</param>
    /// <param name="offered">The subprotocols that this client offered.</param>
    /// <param name="offer">The extension that this client offered; null for none.</param>
    /// <param name="subprotocol">The subprotocol that the server chose; null for none.</param>
    /// <param name="deflate">The agreed parameters of permessage-deflate; null for none.</param>
    /// <returns>Null when the answer is right, else what is wrong with it.</returns>
    internal static string? CheckAnswer(
        string? key,
        bool isHttp10,
        Func<string, string?> header,
        IReadOnlyCollection<string> offered,
        ExtensionOffer? offer,
        out string? subprotocol,
        out DeflateParameters? deflate
    )
    {
        deflate = null;
        subprotocol = NullIfEmpty(header("Sec-WebSocket-Protocol"));
        string? wrong =
            key is null ? null
            : isHttp10 ? HandshakeFailureText.Http10
            : Check(key, header("Upgrade"), header("Connection"), header("Sec-WebSocket-Accept"));
        return wrong
            ?? CheckSubprotocol(offered, subprotocol)
            ?? CheckExtensions(NullIfEmpty(header(ExtensionHeader.Name)), offer, out deflate);
    }

    /// <summary>Finds what keeps a client from sending a list of subprotocols: null, or a sentence.</summary>
    internal static string? CheckOffer(IReadOnlyCollection<string> subprotocols)
    {
        foreach (string name in subprotocols)
        {
            if (!HeaderTokens.IsToken(name) || subprotocols.Count(other => other == name) > 1)
            {
                return "Subprotocols are different tokens: letters, digits and some punctuation, no spaces or commas.";
            }
        }

        return null;
    }

    /// <summary>Finds what keeps a client from sending a header of the caller's: null, or a sentence.</summary>
    internal static string? CheckHeader(string name, string value, bool mayNameHost)
    {
        if (!HeaderTokens.IsToken(name))
        {
            return "A header's name is a token: letters, digits and some punctuation.";
        }

        // A line break in a value would begin a header, or a request, of somebody else's making.
        if (value.Any(static letter => letter is not '\t' and (< ' ' or > '~')))
        {
            return $"The value of the header '{name}' can't be sent: it is not ASCII on one line.";
        }

        bool isOwn =
            _ownHeaders.Contains(name, StringComparer.OrdinalIgnoreCase)
            || (!mayNameHost && name.Equals("Host", StringComparison.OrdinalIgnoreCase));
        return isOwn ? $"The header '{name}' belongs to the handshake itself; subprotocols are an option of their own." : null;
    }

    /// <summary>
    /// The value of <c>Authorization</c> for the user and password of an address (RFC 7617 §2); null where it names none.
    /// </summary>
    internal static string? BasicAuthorization(Uri address) =>
        address.UserInfo.Length == 0
            ? null
            : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo)));

    /// <summary>The value of <c>Host</c> for an address: without the scope of an IPv6 address, which means something here only.</summary>
    internal static string HostOf(Uri address)
    {
        string host = address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost;
        return address.IsDefaultPort ? host : $"{host}:{address.Port}";
    }

    private static string? CheckExtensions(string? answer, ExtensionOffer? offer, out DeflateParameters? deflate)
    {
        deflate = null;
        IReadOnlyList<ExtensionOffer> extensions = [];
        if (answer is not null && !ExtensionHeader.TryParse(answer, out extensions, out string? malformed))
        {
            return malformed;
        }

        return DeflateNegotiation.TryValidate(extensions, offer, out deflate, out string? error) ? null : error;
    }

    // An empty header says nothing, and neither do empty elements of a list (RFC 9110 §5.6.1.2).
    private static string? NullIfEmpty(string? value) => value is null || value.AsSpan().Trim(" \t,").IsEmpty ? null : value;
}
