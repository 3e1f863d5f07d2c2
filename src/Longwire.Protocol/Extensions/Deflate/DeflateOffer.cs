using System.Diagnostics.CodeAnalysis;

namespace Longwire.Protocol;

/// <summary>
/// The parameters of one permessage-deflate element, in an offer or in a response, checked one by one. Everything that RFC 7692 §7.1
/// does not allow makes the whole element unreadable; what the two sides then do about it differs.
/// </summary>
internal readonly record struct DeflateOffer
{
    public const string ExtensionName = "permessage-deflate";
    public const string ServerNoContextTakeoverName = "server_no_context_takeover";
    public const string ClientNoContextTakeoverName = "client_no_context_takeover";
    public const string ServerMaxWindowBitsName = "server_max_window_bits";
    public const string ClientMaxWindowBitsName = "client_max_window_bits";

    public bool ServerNoContextTakeover { get; private init; }

    public bool ClientNoContextTakeover { get; private init; }

    /// <summary>Null when the parameter is absent.</summary>
    public int? ServerMaxWindowBits { get; private init; }

    /// <summary>Whether <c>client_max_window_bits</c> is there, with or without a value.</summary>
    public bool HasClientMaxWindowBits { get; private init; }

    /// <summary>Null when the parameter is absent or, in an offer, has no value.</summary>
    public int? ClientMaxWindowBits { get; private init; }

    /// <param name="extension">The element.</param>
    /// <param name="offer">Its parameters.</param>
    /// <param name="error">Which rule it breaks; it never quotes the peer's text.</param>
    public static bool TryRead(ExtensionOffer extension, out DeflateOffer offer, [NotNullWhen(false)] out string? error)
    {
        offer = default;
        foreach (ExtensionParameter parameter in extension.Parameters)
        {
            error = null;
            if (parameter.Is(ServerNoContextTakeoverName))
            {
                error = CheckFlag(parameter, offer.ServerNoContextTakeover, ServerNoContextTakeoverName);
                offer = offer with { ServerNoContextTakeover = true };
            }
            else if (parameter.Is(ClientNoContextTakeoverName))
            {
                error = CheckFlag(parameter, offer.ClientNoContextTakeover, ClientNoContextTakeoverName);
                offer = offer with { ClientNoContextTakeover = true };
            }
            else if (parameter.Is(ServerMaxWindowBitsName))
            {
                error = CheckBits(
                    parameter,
                    offer.ServerMaxWindowBits is not null,
                    optional: false,
                    ServerMaxWindowBitsName,
                    out int? bits
                );
                offer = offer with { ServerMaxWindowBits = bits };
            }
            else if (parameter.Is(ClientMaxWindowBitsName))
            {
                error = CheckBits(parameter, offer.HasClientMaxWindowBits, optional: true, ClientMaxWindowBitsName, out int? bits);
                offer = offer with { HasClientMaxWindowBits = true, ClientMaxWindowBits = bits };
            }
            else
            {
                error = $"{ExtensionName} has an unknown parameter.";
            }

            if (error is not null)
            {
                return false;
            }
        }

        error = null;
        return true;
    }

    private static string? CheckFlag(ExtensionParameter parameter, bool seen, string name)
    {
        if (seen)
        {
            return $"{name} is there twice.";
        }

        return parameter.Value is null ? null : $"{name} has a value.";
    }

    private static string? CheckBits(ExtensionParameter parameter, bool seen, bool optional, string name, out int? bits)
    {
        bits = null;
        if (seen)
        {
            return $"{name} is there twice.";
        }

        if (parameter.Value is null)
        {
            return optional ? null : $"{name} has no value.";
        }

        bits = ParseBits(parameter.Value);
        return bits is null ? $"{name} is not a number from 8 to 15." : null;
    }

    // RFC 7692 §7.1.2: "a decimal integer value without leading zeroes between 8 to 15, inclusive". A sign or a space is not possible.
    private static int? ParseBits(string value) =>
        value switch
        {
            [>= '8' and <= '9'] => value[0] - '0',
            ['1', >= '0' and <= '5'] => 10 + value[1] - '0',
            _ => null,
        };
}
