using System.Buffers;

namespace Longwire.Protocol;

/// <summary>
/// Comma-separated lists of tokens in header fields (RFC 9110 §5.6.1), as <c>Upgrade</c>, <c>Connection</c> and
/// <c>Sec-WebSocket-Protocol</c> carry them.
/// </summary>
public static class HeaderTokens
{
    // tchar of RFC 9110 §5.6.2.
    private static readonly SearchValues<char> _tokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    );

    /// <summary>Whether a text is a token: one or more of RFC 9110's token characters.</summary>
    /// <param name="text">The text.</param>
    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(_tokenCharacters);

    /// <summary>Whether a list contains a token, letters' case ignored. Linear in the list's length.</summary>
    /// <param name="list">A header's value, several lines joined by commas.</param>
    /// <param name="token">The whole token: <c>websocket</c> is not found in <c>notwebsocket</c> or <c>websocket/13</c>.</param>
    public static bool Contains(ReadOnlySpan<char> list, ReadOnlySpan<char> token)
    {
        foreach (Range range in list.Split(','))
        {
            if (list[range].Trim(" \t").Equals(token, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
