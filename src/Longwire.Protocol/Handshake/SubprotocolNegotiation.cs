namespace Longwire.Protocol;

/// <summary>Subprotocols (RFC 6455 §1.9 and §4.2.2): the client offers a list, the server takes one or none.</summary>
public static class SubprotocolNegotiation
{
    /// <summary>The most entries that an offer may have; a longer one is malformed.</summary>
    public const int MaxOffers = 64;

    /// <summary>Reads the client's offer.</summary>
    /// <param name="header">The value of <c>Sec-WebSocket-Protocol</c>, several lines joined by commas; null when there is none.</param>
    /// <param name="offered">The entries in the client's order.</param>
    /// <returns>
    /// False when an entry is not a token or there twice (RFC 6455 §4.1). Empty elements, and so an empty header, are ignored
    /// (RFC 9110 §5.6.1.2).
    /// </returns>
    public static bool TryParse(string? header, out IReadOnlyList<string> offered)
    {
        offered = [];
        if (header is null)
        {
            return true;
        }

        var entries = new List<string>();
        ReadOnlySpan<char> list = header;
        foreach (Range range in list.Split(','))
        {
            ReadOnlySpan<char> entry = list[range].Trim(" \t");
            if (entry.IsEmpty)
            {
                continue;
            }

            if (!HeaderTokens.IsToken(entry) || entries.Count == MaxOffers)
            {
                return false;
            }

            string name = entry.ToString();
            if (entries.Contains(name))
            {
                return false;
            }

            entries.Add(name);
        }

        offered = entries;
        return true;
    }

    /// <summary>Chooses a subprotocol: the first of the server's that the client offers. Names are compared letter by letter.</summary>
    /// <param name="supported">The server's subprotocols, in its order of preference.</param>
    /// <param name="offered">The client's offer.</param>
    /// <returns>The subprotocol, or null when they have none in common.</returns>
    public static string? Choose(IReadOnlyList<string> supported, IReadOnlyList<string> offered)
    {
        ArgumentNullException.ThrowIfNull(supported);
        ArgumentNullException.ThrowIfNull(offered);
        foreach (string name in supported)
        {
            if (offered.Contains(name))
            {
                return name;
            }
        }

        return null;
    }
}
