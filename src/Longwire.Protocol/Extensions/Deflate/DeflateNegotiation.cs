using System.Diagnostics.CodeAnalysis;

namespace Longwire.Protocol;

/// <summary>Agrees on permessage-deflate in the opening handshake (RFC 7692 §5 and §7.1), for both sides. Thread-safe.</summary>
public static class DeflateNegotiation
{
    /// <summary>The server's part: takes the first offer of several that it can honour exactly, and answers it.</summary>
    /// <remarks>
    /// An offer with an unknown, illegal or repeated parameter is declined (§7.1), and so is one with <c>server_max_window_bits=8</c>,
    /// since zlib can't compress with so small a window. A declined offer is never an error: the connection then has no compression.
    /// The client's wishes are always granted; the options may add to them, as the RFC lets a server do, except
    /// <c>client_max_window_bits</c>, which is only answered when offered (§7.1.2.2).
    /// </remarks>
    /// <param name="offers">The parsed header of the request.</param>
    /// <param name="options">This endpoint's wishes.</param>
    /// <param name="parameters">The agreed parameters.</param>
    /// <param name="response">The value of the response's <c>Sec-WebSocket-Extensions</c>. It holds nothing that the client wrote.</param>
    /// <param name="budget">When it has no room for the contexts of one more connection, neither side gets one. <see langword="null"/>:
    /// without limit.</param>
    /// <returns><see langword="false"/> when there is nothing to accept: send no such header.</returns>
    public static bool TryAccept(
        IReadOnlyList<ExtensionOffer> offers,
        DeflateOptions options,
        [NotNullWhen(true)] out DeflateParameters? parameters,
        [NotNullWhen(true)] out string? response,
        DeflateBudget? budget = null
    )
    {
        ArgumentNullException.ThrowIfNull(offers);
        ArgumentNullException.ThrowIfNull(options);
        parameters = null;
        response = null;
        if (!options.Enabled || !PerMessageDeflate.IsSupported)
        {
            return false;
        }

        foreach (ExtensionOffer extension in offers)
        {
            if (
                !extension.Is(DeflateOffer.ExtensionName)
                || !DeflateOffer.TryRead(extension, out DeflateOffer offer, out _)
                || offer.ServerMaxWindowBits < CompressorSettings.MinWindowBits
            )
            {
                continue;
            }

            parameters = Agree(offer, options, budget);
            response = Write(
                parameters.ServerNoContextTakeover,
                parameters.ClientNoContextTakeover,
                offer.ServerMaxWindowBits is not null || parameters.ServerMaxWindowBits < 15 ? parameters.ServerMaxWindowBits : null,
                parameters.ClientMaxWindowBits < 15 ? parameters.ClientMaxWindowBits : null
            );
            return true;
        }

        return false;
    }

    /// <summary>The client's part: what to offer, or <see langword="null"/> for nothing.</summary>
    /// <param name="options">This client's wishes. <c>client_max_window_bits</c> is always offered: we can honour any answer to
    /// it.</param>
    /// <param name="budget">When it has no room for the contexts of one more connection, the offer asks for none.</param>
    public static ExtensionOffer? CreateOffer(DeflateOptions options, DeflateBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.Enabled || !PerMessageDeflate.IsSupported)
        {
            return null;
        }

        var wanted = new DeflateParameters(
            options.ServerNoContextTakeover,
            options.ClientNoContextTakeover,
            options.ServerMaxWindowBits,
            options.ClientMaxWindowBits
        );
        int sender = new CompressorSettings(options.ClientMaxWindowBits, options.Level, options.MemoryLevel).MemoryBytes;
        wanted = Fit(wanted, server: false, sender, budget);

        var list = new List<ExtensionParameter>(4);
        if (wanted.ServerNoContextTakeover)
        {
            list.Add(new ExtensionParameter(DeflateOffer.ServerNoContextTakeoverName));
        }

        if (wanted.ClientNoContextTakeover)
        {
            list.Add(new ExtensionParameter(DeflateOffer.ClientNoContextTakeoverName));
        }

        if (wanted.ServerMaxWindowBits < 15)
        {
            list.Add(new ExtensionParameter(DeflateOffer.ServerMaxWindowBitsName, Number(wanted.ServerMaxWindowBits)));
        }

        list.Add(
            new ExtensionParameter(
                DeflateOffer.ClientMaxWindowBitsName,
                wanted.ClientMaxWindowBits < 15 ? Number(wanted.ClientMaxWindowBits) : null
            )
        );
        return new ExtensionOffer(DeflateOffer.ExtensionName, [.. list]);
    }

    /// <summary>
    /// The client's part, later: judges the server's answer. Since permessage-deflate is the only extension that we offer, this is the
    /// whole judgement of the response's <c>Sec-WebSocket-Extensions</c>.
    /// </summary>
    /// <param name="response">The parsed header of the response; empty when there was none.</param>
    /// <param name="offer">The offer, from <see cref="CreateOffer"/>; <see langword="null"/> for none.</param>
    /// <param name="parameters">The agreed parameters; <see langword="null"/> when the server declined, or when the result is
    /// <see langword="false"/>.</param>
    /// <param name="error">Which rule the answer breaks. It never quotes the server's text.</param>
    /// <returns><see langword="false"/> when the answer is not legal for this offer: the client fails the connection (§5.1).</returns>
    public static bool TryValidate(
        IReadOnlyList<ExtensionOffer> response,
        ExtensionOffer? offer,
        out DeflateParameters? parameters,
        [NotNullWhen(false)] out string? error
    )
    {
        ArgumentNullException.ThrowIfNull(response);
        parameters = null;
        error = null;
        if (response.Count == 0)
        {
            return true;
        }

        if (response.Count > 1 || offer is null || !response[0].Is(DeflateOffer.ExtensionName))
        {
            error = "The server accepted an extension that was not offered.";
            return false;
        }

        if (!DeflateOffer.TryRead(response[0], out DeflateOffer answer, out error))
        {
            return false;
        }

        if (!DeflateOffer.TryRead(offer, out DeflateOffer offered, out string? own))
        {
            throw new ArgumentException(own, nameof(offer));
        }

        error = FindConflict(answer, offered);
        if (error is not null)
        {
            return false;
        }

        parameters = new DeflateParameters(
            answer.ServerNoContextTakeover,
            answer.ClientNoContextTakeover || offered.ClientNoContextTakeover,
            answer.ServerMaxWindowBits ?? 15,
            answer.ClientMaxWindowBits ?? offered.ClientMaxWindowBits ?? 15
        );
        return true;
    }

    private static string? FindConflict(DeflateOffer answer, DeflateOffer offered)
    {
        if (answer.HasClientMaxWindowBits && answer.ClientMaxWindowBits is null)
        {
            return "client_max_window_bits has no value.";
        }

        if (answer.HasClientMaxWindowBits && !offered.HasClientMaxWindowBits)
        {
            return "client_max_window_bits was not offered.";
        }

        if (answer.ClientMaxWindowBits > (offered.ClientMaxWindowBits ?? 15))
        {
            return "client_max_window_bits is greater than offered.";
        }

        if (offered.ServerNoContextTakeover && !answer.ServerNoContextTakeover)
        {
            return "server_no_context_takeover was offered and is missing.";
        }

        if (offered.ServerMaxWindowBits is not null && answer.ServerMaxWindowBits is null)
        {
            return "server_max_window_bits was offered and is missing.";
        }

        if (answer.ServerMaxWindowBits > (offered.ServerMaxWindowBits ?? 15))
        {
            return "server_max_window_bits is greater than offered.";
        }

        return null;
    }

    private static DeflateParameters Agree(DeflateOffer offer, DeflateOptions options, DeflateBudget? budget)
    {
        var wanted = new DeflateParameters(
            offer.ServerNoContextTakeover || options.ServerNoContextTakeover,
            offer.ClientNoContextTakeover || options.ClientNoContextTakeover,
            Math.Min(offer.ServerMaxWindowBits ?? 15, options.ServerMaxWindowBits),
            offer.HasClientMaxWindowBits ? Math.Min(offer.ClientMaxWindowBits ?? 15, options.ClientMaxWindowBits) : 15
        );
        int sender = new CompressorSettings(wanted.ServerMaxWindowBits, options.Level, options.MemoryLevel).MemoryBytes;
        return Fit(wanted, server: true, sender, budget);
    }

    // Over the budget new connections keep no context in either direction; those that have one keep it.
    private static DeflateParameters Fit(DeflateParameters wanted, bool server, int compressorBytes, DeflateBudget? budget)
    {
        bool sendFresh = server ? wanted.ServerNoContextTakeover : wanted.ClientNoContextTakeover;
        bool receiveFresh = server ? wanted.ClientNoContextTakeover : wanted.ServerNoContextTakeover;
        long bytes = (sendFresh ? 0 : compressorBytes) + (receiveFresh ? 0 : MessageInflater.MemoryBytes);
        return budget is null || bytes == 0 || budget.HasRoomFor(bytes)
            ? wanted
            : wanted with
            {
                ServerNoContextTakeover = true,
                ClientNoContextTakeover = true,
            };
    }

    private static string Write(bool serverNoContextTakeover, bool clientNoContextTakeover, int? serverBits, int? clientBits) =>
        DeflateOffer.ExtensionName
        + (serverNoContextTakeover ? "; " + DeflateOffer.ServerNoContextTakeoverName : "")
        + (clientNoContextTakeover ? "; " + DeflateOffer.ClientNoContextTakeoverName : "")
        + (serverBits is { } server ? $"; {DeflateOffer.ServerMaxWindowBitsName}={Number(server)}" : "")
        + (clientBits is { } client ? $"; {DeflateOffer.ClientMaxWindowBitsName}={Number(client)}" : "");

    private static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
