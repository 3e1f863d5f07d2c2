using System.Text;

namespace Longwire.Fuzzing;

/// <summary>
/// <c>Sec-WebSocket-Extensions</c> and the negotiation of permessage-deflate (RFC 6455 §9.1, RFC 7692 §5 and §7.1), as a server that reads
/// an offer and as a client that reads an answer, beside a reader made of splits.
/// </summary>
/// <remarks>
/// Legal outcomes: a header is refused with a sentence that holds nothing of it, or read as the naive reader reads it, and then what was
/// read, written again, reads the same. The server declines, or accepts the first offer that the RFC lets it honour, with an answer that is
/// legal for that offer and holds exactly what it then does. The client refuses, or agrees to what its own offer allows. Our client and our
/// server always agree, on the same. Never: an exception.
/// </remarks>
internal sealed class ExtensionsTarget : FuzzTarget
{
    private static readonly string[] _pieces =
    [
        "permessage-deflate",
        "PerMessage-Deflate",
        "x-webkit-deflate-frame",
        "server_no_context_takeover",
        "client_no_context_takeover",
        "server_max_window_bits",
        "client_max_window_bits",
        "Client_Max_Window_Bits",
        "; ",
        ";",
        ", ",
        ",",
        "=",
        "\"",
        "\\",
        " ",
        "\t",
        "8",
        "9",
        "10",
        "15",
        "16",
        "7",
        "0",
        "08",
        "+9",
        "-9",
        "\"15\"",
        "\"1\\5\"",
        "\"\"",
        "\"",
        "__proto__",
        "constructor",
        "é",
        "\r\n",
        "\0",
        "(",
        "x",
    ];

    public override string Name => "extensions";

    public override byte[] Generate(Random random)
    {
        var text = new StringBuilder();
        for (int offers = random.Next(1, random.Next(10) == 0 ? 20 : 4); offers > 0; offers--)
        {
            text.Append(random.Next(6) == 0 ? random.Pick(_pieces) : "permessage-deflate");
            for (int parameters = random.Next(random.Next(20) == 0 ? 20 : 4); parameters > 0; parameters--)
            {
                text.Append(random.Pick("; ", ";", " ;\t")).Append(_pieces[random.Next(3, 8)]);
                if (random.Next(2) == 0)
                {
                    text.Append(random.Pick("=", "=", " = ")).Append(random.Pick("8", "9", "10", "12", "15", "\"11\"", "16", "07"));
                }
            }

            text.Append(offers > 1 ? random.Pick(",", ", ", ",,") : "");
        }

        for (int noise = random.Next(3) == 0 ? random.Next(4) : 0; noise > 0; noise--)
        {
            text.Insert(random.Next(text.Length + 1), random.Pick(_pieces));
        }

        return [.. random.Bytes(4), .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    public override string Check(byte[] input)
    {
        var reader = new InputReader(input);
        DeflateOptions server = Options(reader.Byte(), reader.Byte());
        DeflateOptions client = Options(reader.Byte(), reader.Byte());
        string header = Encoding.UTF8.GetString(reader.Rest());

        CheckOwn(server, client);
        bool read = ExtensionHeader.TryParse(header, out IReadOnlyList<ExtensionOffer> offers, out string? error);
        List<(string Name, List<(string Name, string? Value)> Parameters)>? naive = NaiveExtensions.Read(header);
        Require(read == (naive is not null), $"The naive reader says otherwise: {error}");
        if (!read)
        {
            Require(offers.Count == 0 && error is { Length: > 0 }, "A refusal without a reason");
            return $"malformed {error}";
        }

        Require(
            offers
                .Select(offer => (offer.Name, offer.Parameters.Select(parameter => (parameter.Name, parameter.Value)).ToList()))
                .Zip(naive!)
                .All(pair => pair.First.Name == pair.Second.Name && pair.First.Item2.SequenceEqual(pair.Second.Parameters))
                && offers.Count == naive!.Count,
            "The naive reader reads something else"
        );
        string written = string.Join(", ", offers);
        Require(
            ExtensionHeader.TryParse(written, out IReadOnlyList<ExtensionOffer> again, out _) && string.Join(", ", again) == written,
            "It does not round-trip"
        );
        return $"{CheckServer(offers, naive!, server)} {CheckClient(offers, client)}";
    }

    private static DeflateOptions Options(byte flags, byte bits) =>
        new()
        {
            Enabled = true,
            ServerNoContextTakeover = (flags & 1) != 0,
            ClientNoContextTakeover = (flags & 2) != 0,
            ServerMaxWindowBits = 9 + ((bits & 7) % 7),
            ClientMaxWindowBits = 9 + (((bits >> 3) & 7) % 7),
        };

    private static string CheckServer(
        IReadOnlyList<ExtensionOffer> offers,
        List<(string Name, List<(string Name, string? Value)> Parameters)> naive,
        DeflateOptions options
    )
    {
        NaiveDeflateOffer? first = naive
            .Select(NaiveDeflateOffer.Read)
            .FirstOrDefault(offer => offer is not null && offer.ServerBits is null or >= 9);
        bool accepted = DeflateNegotiation.TryAccept(offers, options, out DeflateParameters? parameters, out string? response);
        Require(accepted == (first is not null), $"Accepted is {accepted}, and the naive reader says otherwise");
        if (!accepted)
        {
            return "declined";
        }

        Require(
            ExtensionHeader.TryParse(response, out IReadOnlyList<ExtensionOffer> answers, out _) && answers.Count == 1,
            "The answer is malformed"
        );
        NaiveDeflateOffer? answer = NaiveDeflateOffer.Read(NaiveExtensions.Read(response!)![0]);
        Require(answer is not null, "The answer is illegal");
        RequireLegal(answer!, first!);
        Require(
            answer!.ServerFresh == parameters!.ServerNoContextTakeover && answer.ClientFresh == parameters.ClientNoContextTakeover,
            "The answer says something else than is done"
        );
        Require(
            (answer.ServerBits ?? 15) == parameters.ServerMaxWindowBits && (answer.ClientBits ?? 15) == parameters.ClientMaxWindowBits,
            "The answer has other windows than are used"
        );
        Require(!options.ServerNoContextTakeover || parameters.ServerNoContextTakeover, "The options are not kept");
        Require(parameters.ServerMaxWindowBits <= options.ServerMaxWindowBits, "The server's window is over its options'");
        Require(
            first!.HasClientBits ? parameters.ClientMaxWindowBits <= options.ClientMaxWindowBits : answer.HasClientBits == false,
            "client_max_window_bits was not offered, or not used"
        );
        return $"accepted {parameters.ServerNoContextTakeover} {parameters.ClientNoContextTakeover} {parameters.ServerMaxWindowBits} {parameters.ClientMaxWindowBits}";
    }

    // RFC 7692 §7.1.1 and §7.1.2: what an answer owes to an offer.
    private static void RequireLegal(NaiveDeflateOffer answer, NaiveDeflateOffer offer)
    {
        Require(!offer.ServerFresh || answer.ServerFresh, "server_no_context_takeover was asked for");
        Require(offer.ServerBits is null || answer.ServerBits <= offer.ServerBits, "server_max_window_bits was asked for");
        Require(offer.HasClientBits || !answer.HasClientBits, "client_max_window_bits was not offered");
        Require(!answer.HasClientBits || answer.ClientBits is not null, "client_max_window_bits needs a value in an answer");
        Require(
            answer.ClientBits is null || offer.ClientBits is null || answer.ClientBits <= offer.ClientBits,
            "client_max_window_bits is over the offer"
        );
    }

    private static string CheckClient(IReadOnlyList<ExtensionOffer> answers, DeflateOptions options)
    {
        ExtensionOffer offer = DeflateNegotiation.CreateOffer(options)!;
        bool valid = DeflateNegotiation.TryValidate(answers, offer, out DeflateParameters? parameters, out string? error);
        NaiveDeflateOffer offered = NaiveDeflateOffer.Read(NaiveExtensions.Read(offer.ToString())![0])!;
        NaiveDeflateOffer? answer = answers.Count == 1 ? NaiveDeflateOffer.Read(NaiveExtensions.Read(answers[0].ToString())![0]) : null;
        // No element at all, as in an empty header, declines the offer.
        bool legal = answer is not null || answers.Count == 0;
        if (answer is not null)
        {
            try
            {
                RequireLegal(answer, offered);
            }
            catch (IllegalOutcomeException)
            {
                legal = false;
            }
        }

        Require(valid == legal, $"The client says {valid} ({error}), the naive reader otherwise");
        Require(valid || parameters is null, "A refusal agrees on something");
        DeflateNegotiation.TryValidate(answers, null, out _, out _);
        if (parameters is not null)
        {
            using var end = PerMessageDeflate.ForClient(parameters, options, DeflatePool.Shared);
            Require(
                parameters.ClientMaxWindowBits <= options.ClientMaxWindowBits
                    && parameters.ServerMaxWindowBits <= options.ServerMaxWindowBits,
                "A window over the options'"
            );
        }

        return valid ? "client agrees" : "client refuses";
    }

    private static void CheckOwn(DeflateOptions server, DeflateOptions client)
    {
        ExtensionOffer offer = DeflateNegotiation.CreateOffer(client)!;
        Require(ExtensionHeader.TryParse(offer.ToString(), out IReadOnlyList<ExtensionOffer> offers, out _), "Our own offer is malformed");
        Require(
            DeflateNegotiation.TryAccept(offers, server, out DeflateParameters? agreed, out string? response),
            "Our server declines our client"
        );
        Require(ExtensionHeader.TryParse(response, out IReadOnlyList<ExtensionOffer> answers, out _), "Our own answer is malformed");
        Require(
            DeflateNegotiation.TryValidate(answers, offer, out DeflateParameters? understood, out string? error),
            $"Our client refuses our server: {error}"
        );
        Require(agreed == understood, $"Our two sides differ: {agreed} | {understood}");
    }
}
