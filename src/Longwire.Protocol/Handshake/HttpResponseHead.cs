using System.Globalization;
using System.Text;

namespace Longwire.Protocol;

/// <summary>
/// The head of an HTTP/1 answer to an opening handshake. It is read as leniently as RFC 9112 allows and the platform's stack does, so that
/// every client of this library takes and refuses the same answers.
/// </summary>
/// <remarks>
/// <code>
/// HTTP/1.x SP status [ SP reason ] CRLF  *( name *WS ":" value CRLF *( 1*WS value CRLF ) )  CRLF      RFC 9112 §4 and §5
/// </code>
/// A line may end with LF alone (§2.2), a folded value is joined by a space (§5.2), and white space before a colon is dropped (§5.1).
/// </remarks>
internal sealed class HttpResponseHead
{
    /// <summary>The most bytes that the heads of one answer may have together, those of interim answers (status 1xx) included.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>How many bytes tell whether an answer may be one of HTTP/1.</summary>
    public const int BeginningLength = 5;

    private static ReadOnlySpan<byte> Beginning => "HTTP/"u8;

    private HttpResponseHead(bool isHttp10, int status, string reason, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        IsHttp10 = isHttp10;
        Status = status;
        Reason = reason;
        Headers = headers;
    }

    /// <summary>Whether the answer is of HTTP/1.0, which has no upgrade.</summary>
    public bool IsHttp10 { get; }

    public int Status { get; }

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

    /// <summary>Whether an answer that begins so may be one of HTTP/1. Few bytes, or none, may be the beginning of anything.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> received) =>
        Beginning.StartsWith(received[..Math.Min(received.Length, Beginning.Length)]);

    /// <summary>Whether an answer begins as a record of TLS does: an alert or a handshake, version 3.x (RFC 8446 §5.1).</summary>
    public static bool BeginsAsTls(ReadOnlySpan<byte> received) => received is [0x15 or 0x16, 3, ..] or [0x15 or 0x16];

    /// <summary>Looks for the end of a head.</summary>
    /// <param name="received">The bytes received so far, from the head's first byte.</param>
    /// <param name="searched">How many bytes of it an earlier call has searched in vain.</param>
    /// <returns>The length of the head with its empty line; -1 where it has not come whole.</returns>
    public static int FindEnd(ReadOnlySpan<byte> received, int searched = 0)
    {
        // The empty line is at most three bytes long with the end of the line before it: LF [CR] LF.
        int position = Math.Max(0, searched - 2);
        while (received[position..].IndexOf((byte)'\n') is var found and >= 0)
        {
            position += found + 1;
            switch (received[position..])
            {
                case [(byte)'\n', ..]:
                    return position + 1;
                case [(byte)'\r', (byte)'\n', ..]:
                    return position + 2;
            }
        }

        return -1;
    }

    /// <summary>Reads a head that has come whole.</summary>
    /// <param name="head">The bytes, as long as <see cref="FindEnd"/> says.</param>
    /// <returns>Null where this is no answer of HTTP/1.</returns>
    public static HttpResponseHead? Parse(ReadOnlySpan<byte> head)
    {
        string[] lines = Encoding.Latin1.GetString(head).TrimEnd('\r', '\n').Split('\n');
        string first = lines[0].TrimEnd('\r');
        if (
            first.Length < 12
            || !first.StartsWith("HTTP/1.", StringComparison.Ordinal)
            || !char.IsAsciiDigit(first[7])
            || first[8] != ' '
            || (first.Length > 12 && first[12] != ' ')
            || !int.TryParse(first.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status)
            || status < 100
        )
        {
            return null;
        }

        var headers = new List<KeyValuePair<string, string>>(lines.Length - 1);
        foreach (string line in lines.AsSpan(1))
        {
            if (!TryAdd(line.TrimEnd('\r'), headers))
            {
                return null;
            }
        }

        return new HttpResponseHead(first[7] == '0', status, first.Length > 13 ? first[13..] : "", headers);
    }

    private static bool TryAdd(string line, List<KeyValuePair<string, string>> headers)
    {
        if (line.AsSpan().IndexOfAny('\r', '\0') >= 0)
        {
            return false;
        }

        if (line is [' ' or '\t', ..])
        {
            if (headers.Count == 0)
            {
                return false;
            }

            (string name, string value) = headers[^1];
            headers[^1] = KeyValuePair.Create(name, $"{value} {line.Trim(' ', '\t')}".Trim(' '));
            return true;
        }

        int colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !HeaderTokens.IsToken(line.AsSpan(0, colon).TrimEnd(" \t")))
        {
            return false;
        }

        headers.Add(KeyValuePair.Create(line[..colon].TrimEnd(' ', '\t'), line[(colon + 1)..].Trim(' ', '\t')));
        return true;
    }
}
