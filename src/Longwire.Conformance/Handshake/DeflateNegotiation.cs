namespace Longwire.Conformance;

/// <summary>Checks a server's answer to an offer, and answers a client's (RFC 7692 §7.1).</summary>
internal static class DeflateNegotiation
{
    public const string ExtensionName = "permessage-deflate";

    private static readonly string[] _parameters =
    [
        "server_no_context_takeover",
        "client_no_context_takeover",
        "server_max_window_bits",
        "client_max_window_bits",
    ];

    /// <summary>Takes what the server has answered.</summary>
    /// <param name="offers">The value of the header that was offered, or null.</param>
    /// <param name="answer">The value of the header in the answer, or null.</param>
    /// <returns>The agreement (null: none), and what is wrong with the answer (null: nothing).</returns>
    public static (DeflateAgreement? Agreement, string? Fault) Take(string? offers, string? answer)
    {
        IReadOnlyList<ExtensionHeader> answered = ExtensionHeader.Parse(answer);
        if (answered.Count == 0)
        {
            return (null, null);
        }

        IReadOnlyList<ExtensionHeader> offered = ExtensionHeader.Parse(offers);
        if (answered.Count > 1 || answered[0].Name != ExtensionName || offered.All(o => o.Name != ExtensionName))
        {
            return (null, $"The server answered with the extension '{answer}', which was not offered.");
        }

        ExtensionHeader agreed = answered[0];
        if (FaultIn(agreed) is { } fault)
        {
            return (null, fault);
        }

        if (!offered.Any(offer => offer.Name == ExtensionName && IsLegal(offer) && Fits(offer, agreed)))
        {
            return (null, $"The server answered with '{answer}', which fits no legal offer.");
        }

        return (
            new()
            {
                SuiteNoContextTakeover = agreed.Has("client_no_context_takeover"),
                // zlib has no window of 8 bits; with 9 its distances stay below 251, since it keeps 262 octets of lookahead.
                SuiteWindowBits = Math.Max(9, agreed.BitsOf("client_max_window_bits")),
                PeerNoContextTakeover = agreed.Has("server_no_context_takeover"),
                PeerWindowBits = agreed.BitsOf("server_max_window_bits"),
            },
            null
        );
    }

    /// <summary>Answers a client's offers with the first of our terms that one of them allows.</summary>
    /// <returns>The agreement and the value of the header for the answer, or nulls.</returns>
    public static (DeflateAgreement? Agreement, string? Header) Answer(string? offers, DeflateTerms terms)
    {
        IReadOnlyList<ExtensionHeader> offered = [.. ExtensionHeader.Parse(offers).Where(o => o.Name == ExtensionName && IsLegal(o))];
        foreach (DeflateOffer term in terms.Offers)
        {
            foreach (ExtensionHeader offer in offered)
            {
                // Window bits may be asked of a client only if it said that it can; to forgo context takeover, always.
                if (term.WindowBits != 0 && !offer.Has("client_max_window_bits"))
                {
                    continue;
                }

                if (offer.BitsOf("server_max_window_bits") < 9)
                {
                    continue;
                }

                int suiteBits = offer.BitsOf("server_max_window_bits");
                // The hint in an offer is taken up (RFC 7692 §7.1.1.2): some clients refuse an answer without it.
                bool peerForgoes = term.NoContextTakeover || offer.Has("client_no_context_takeover");
                string header =
                    ExtensionName
                    + (offer.Has("server_no_context_takeover") ? "; server_no_context_takeover" : "")
                    + (peerForgoes ? "; client_no_context_takeover" : "")
                    + (offer.Has("server_max_window_bits") ? $"; server_max_window_bits={suiteBits}" : "")
                    + (term.WindowBits != 0 ? $"; client_max_window_bits={term.WindowBits}" : "");
                DeflateAgreement agreement = new()
                {
                    SuiteNoContextTakeover = offer.Has("server_no_context_takeover"),
                    SuiteWindowBits = suiteBits,
                    PeerNoContextTakeover = peerForgoes,
                    PeerWindowBits = term.WindowBits != 0 ? term.WindowBits : 15,
                };
                return (agreement, header);
            }
        }

        return (null, null);
    }

    private static bool IsLegal(ExtensionHeader offer) =>
        offer.Parameters.All(p => _parameters.Contains(p.Key))
        && offer.Parameters.DistinctBy(p => p.Key).Count() == offer.Parameters.Count
        && offer.Parameters.All(p =>
            p.Key.EndsWith("_bits", StringComparison.Ordinal)
                ? IsBits(p.Value) || (p.Value is null && p.Key == "client_max_window_bits")
                : p.Value is null
        );

    private static string? FaultIn(ExtensionHeader answer)
    {
        foreach ((string name, string? value) in answer.Parameters)
        {
            if (!_parameters.Contains(name))
            {
                return $"The server answered with the unknown parameter '{name}' (RFC 7692 §7.1).";
            }

            if (answer.Parameters.Count(p => p.Key == name) > 1)
            {
                return $"The server answered with '{name}' twice (RFC 7692 §7.1).";
            }

            if (name.EndsWith("_bits", StringComparison.Ordinal) ? !IsBits(value) : value is not null)
            {
                return $"The server answered with the illegal value '{name}={value}' (RFC 7692 §7.1).";
            }
        }

        return null;
    }

    private static bool Fits(ExtensionHeader offer, ExtensionHeader answer)
    {
        if (offer.Has("server_no_context_takeover") && !answer.Has("server_no_context_takeover"))
        {
            return false;
        }

        if (
            offer.Has("server_max_window_bits")
            && (!answer.Has("server_max_window_bits") || answer.BitsOf("server_max_window_bits") > offer.BitsOf("server_max_window_bits"))
        )
        {
            return false;
        }

        if (answer.Has("client_max_window_bits"))
        {
            return offer.Has("client_max_window_bits") && answer.BitsOf("client_max_window_bits") <= offer.BitsOf("client_max_window_bits");
        }

        return true;
    }

    // RFC 7692 §7.1.2.1: a decimal integer without leading zeros between 8 and 15.
    private static bool IsBits(string? value) => value is "8" or "9" or "10" or "11" or "12" or "13" or "14" or "15";
}
