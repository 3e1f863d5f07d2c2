using System.Globalization;
using System.Net;
using System.Text;
using Longwire.Protocol;

namespace Longwire.Transport.Linux;

/// <summary>The head of the server's answer to an opening handshake.</summary>
internal sealed class HandshakeResponse
{
    /// <summary>The most bytes that a head may have.</summary>
    public const int MaxHeadBytes = 64 * 1024;

    private HandshakeResponse(HttpStatusCode status, string reason, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        Status = status;
        Reason = reason;
        Headers = headers;
    }

    public HttpStatusCode Status { get; }

    public string Reason { get; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>The value of a header, several lines joined by commas; null where there is none.</summary>
    public string? Header(string name)
    {
        string? value = null;
        foreach ((string header, string line) in Headers)
        {
            if (header.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                value = value is null ? line : $"{value},{line}";
            }
        }

        return value;
    }

    /// <summary>
    /// Reads a head that lies whole in the bytes.
    /// <code>
    /// HTTP/1.1 SP status SP reason CRLF  *( name ":" value CRLF )  CRLF      RFC 9112 §4
    /// </code>
    /// </summary>
    /// <param name="bytes">The bytes, up to and without the empty line.</param>
    /// <returns>Null where that is no answer of HTTP/1.1.</returns>
    public static HandshakeResponse? Parse(ReadOnlySpan<byte> bytes)
    {
        string[] lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        string[] first = lines[0].Split(' ', 3);
        if (first.Length < 2 || first[0] != "HTTP/1.1" || first[1].Length != 3)
        {
            return null;
        }

        if (!int.TryParse(first[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status) || status < 100)
        {
            return null;
        }

        var headers = new List<KeyValuePair<string, string>>(lines.Length - 1);
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !HeaderTokens.IsToken(line.AsSpan(0, colon)))
            {
                return null;
            }

            headers.Add(KeyValuePair.Create(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        return new HandshakeResponse((HttpStatusCode)status, first.Length > 2 ? first[2] : "", headers);
    }
}
