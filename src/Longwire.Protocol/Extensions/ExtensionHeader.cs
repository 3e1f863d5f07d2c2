using System.Diagnostics.CodeAnalysis;

namespace Longwire.Protocol;

/// <summary>
/// Reads the <c>Sec-WebSocket-Extensions</c> header (RFC 6455 §9.1). Strict, in one pass over the text, without regular expressions
/// and without any table keyed by the peer's strings: time and memory are linear in the header whatever it says.
/// </summary>
/// <remarks>
/// <code>
/// Sec-WebSocket-Extensions = 1#extension
/// extension       = extension-token *( ";" extension-param )
/// extension-param = token [ "=" ( token | quoted-string ) ]    ; a quoted string must be a token once unquoted
/// </code>
/// Space and tab may stand between the parts, as in RFC 2616, whose rules RFC 6455 uses. Empty list elements are ignored, and so is a
/// header that has no others (RFC 9110 §5.6.1.2).
/// </remarks>
public static class ExtensionHeader
{
    /// <summary>The header's name.</summary>
    public const string Name = "Sec-WebSocket-Extensions";

    /// <summary>
    /// The most extensions that all lines together may hold: 16. Browsers send one, the longest lists of tests have seven.
    /// </summary>
    public const int MaxOffers = 16;

    /// <summary>The most parameters that one extension may have: 16. permessage-deflate has four.</summary>
    public const int MaxParameters = 16;

    /// <summary>Reads a header that stands on one line.</summary>
    /// <param name="line">The header's value.</param>
    /// <param name="offers">The extensions in order; empty when the result is <see langword="false"/>.</param>
    /// <param name="error">
    /// The fault, as a sentence fit for a response: the grammar broken, or <see cref="MaxOffers"/> or <see cref="MaxParameters"/>
    /// passed.
    /// It never holds text of the header.
    /// </param>
    /// <returns><see langword="false"/> when the header is malformed or over a limit: a server answers 400, a client fails the
    /// connection.</returns>
    public static bool TryParse(string? line, out IReadOnlyList<ExtensionOffer> offers, [NotNullWhen(false)] out string? error) =>
        TryParse(new ReadOnlySpan<string?>(in line), out offers, out error);

    /// <summary>Reads a header that may stand on several lines, which count as one list (RFC 6455 §9.1).</summary>
    /// <param name="lines">The values of all lines, in order.</param>
    /// <param name="offers">The extensions in order; empty when the result is <see langword="false"/>.</param>
    /// <param name="error">The fault, as a sentence fit for a response. It never holds text of the header.</param>
    /// <returns><see langword="false"/> when the header is malformed or over a limit: a server answers 400, a client fails the
    /// connection.</returns>
    public static bool TryParse(
        ReadOnlySpan<string?> lines,
        out IReadOnlyList<ExtensionOffer> offers,
        [NotNullWhen(false)] out string? error
    )
    {
        offers = [];
        var found = new List<ExtensionOffer>(1);
        foreach (string? line in lines)
        {
            var reader = new ExtensionReader(line);
            if (!TryParseList(ref reader, found, out error))
            {
                return false;
            }
        }

        offers = found;
        error = null;
        return true;
    }

    private static bool TryParseList(ref ExtensionReader reader, List<ExtensionOffer> found, [NotNullWhen(false)] out string? error)
    {
        error = null;
        while (true)
        {
            reader.SkipSpace();
            if (reader.AtEnd)
            {
                return true;
            }

            if (reader.TryTake(','))
            {
                continue;
            }

            if (found.Count == MaxOffers)
            {
                error = $"Sec-WebSocket-Extensions has more than {MaxOffers} extensions.";
                return false;
            }

            if (!TryParseExtension(ref reader, out ExtensionOffer? offer, out error))
            {
                return false;
            }

            found.Add(offer);
            if (!reader.AtEnd && !reader.TryTake(','))
            {
                error = "Sec-WebSocket-Extensions is malformed: a comma or a semicolon was expected.";
                return false;
            }
        }
    }

    // Leaves the reader behind the extension and the space that follows it.
    private static bool TryParseExtension(
        ref ExtensionReader reader,
        [NotNullWhen(true)] out ExtensionOffer? offer,
        [NotNullWhen(false)] out string? error
    )
    {
        offer = null;
        if (!reader.TryReadToken(out string? name))
        {
            error = "Sec-WebSocket-Extensions is malformed: an extension's name is not a token.";
            return false;
        }

        List<ExtensionParameter>? parameters = null;
        while (true)
        {
            reader.SkipSpace();
            if (!reader.TryTake(';'))
            {
                break;
            }

            if (parameters?.Count == MaxParameters)
            {
                error = $"Sec-WebSocket-Extensions has an extension with more than {MaxParameters} parameters.";
                return false;
            }

            if (!TryParseParameter(ref reader, out ExtensionParameter parameter, out error))
            {
                return false;
            }

            (parameters ??= new List<ExtensionParameter>(4)).Add(parameter);
        }

        offer = new ExtensionOffer(name, parameters?.ToArray() ?? []);
        error = null;
        return true;
    }

    private static bool TryParseParameter(
        ref ExtensionReader reader,
        out ExtensionParameter parameter,
        [NotNullWhen(false)] out string? error
    )
    {
        parameter = default;
        reader.SkipSpace();
        if (!reader.TryReadToken(out string? name))
        {
            error = "Sec-WebSocket-Extensions is malformed: a parameter's name is not a token.";
            return false;
        }

        string? value = null;
        reader.SkipSpace();
        if (reader.TryTake('='))
        {
            reader.SkipSpace();
            if (!(reader.TryTake('"') ? reader.TryReadQuotedToken(out value) : reader.TryReadToken(out value)))
            {
                error = "Sec-WebSocket-Extensions is malformed: a parameter's value is not a token.";
                return false;
            }
        }

        parameter = new ExtensionParameter(name, value);
        error = null;
        return true;
    }
}
