namespace Longwire.Conformance;

/// <summary>20.2: subprotocols, extensions and the origin in a server's opening handshake.</summary>
internal static class NegotiationCases
{
    private const string Protocol = "Sec-WebSocket-Protocol";
    private const string Extensions = ExtensionHeader.HeaderName;

    public static IEnumerable<ConformanceCase> All() => [.. Subprotocols(), .. UnknownExtensions(), .. Offers(), .. Origins()];

    private static IEnumerable<ConformanceCase> Subprotocols()
    {
        yield return Upgrade.RefusedIfStrict(
            "20.2.1",
            "The same subprotocol offered twice.",
            r => r.With(Protocol, "chat, chat"),
            [400],
            "RFC 6455 §4.1"
        );
        yield return Upgrade.RefusedIfStrict(
            "20.2.2",
            "A subprotocol that is no token: 'a b'.",
            r => r.With(Protocol, "a b"),
            [400],
            "RFC 6455 §4.1"
        );
        yield return new(
            "20.2.3",
            "An empty list of subprotocols.",
            "As without the header: the connection opens without a subprotocol.",
            async run =>
            {
                (HttpHead? answer, _) = await run.AskAsync(run.NewRequest().With(Protocol, ""));
                if (answer is { Status: 101 } && string.IsNullOrEmpty(answer.Find(Protocol)))
                {
                    run.Decide(Verdict.Ok, "Opened without a subprotocol.");
                }
                else if (answer is null)
                {
                    run.Decide(Verdict.Failed, "The server did not answer.");
                }
                else
                {
                    run.Decide(Verdict.NonStrict, $"An empty list element is to be ignored, and the server answered: {answer.FirstLine}.");
                }
            }
        )
        {
            Section = "RFC 9110 §5.6.1.2",
            Subjects = Subjects.Server,
            OwnHandshake = true,
        };
        yield return new(
            "20.2.4",
            "Subprotocols that the server can't know.",
            "No subprotocol in the answer; a refusal is an endpoint's right.",
            async run =>
            {
                HandshakeRequest request = run.NewRequest().With(Protocol, "x-nobody-has-this, x-nor-this");
                (HttpHead? answer, _) = await run.AskAsync(request);
                string? chosen = answer?.Find(Protocol);
                if (answer is { Status: 101 } && chosen is not null)
                {
                    run.Decide(Verdict.NonStrict, $"The server agreed to '{chosen}', which it can't know.");
                }
                else if (answer is null)
                {
                    run.Decide(Verdict.Failed, "The server did not answer.");
                }
                else
                {
                    run.Decide(Verdict.Ok, answer.Status == 101 ? "Opened without a subprotocol." : $"Refused: {answer.FirstLine}.");
                }
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = "RFC 6455 §4.2.2",
        };
    }

    private static IEnumerable<ConformanceCase> UnknownExtensions()
    {
        string[] names = ["x-unknown", "__proto__", "constructor", "toString", "permessage-deflate2", "permessage-bzip2"];
        for (int index = 0; index < names.Length; index++)
        {
            yield return Upgrade.Accepted(
                $"20.2.{10 + index}",
                $"An unknown extension: '{names[index]}'.",
                With(names[index]),
                None,
                "RFC 6455 §9.1"
            );
        }

        yield return Upgrade.Accepted(
            "20.2.16",
            "An unknown extension with parameters that are object members elsewhere.",
            With("x-unknown; __proto__=1; constructor; hasOwnProperty=\"2\""),
            None,
            "RFC 6455 §9.1"
        );
        string[] malformed =
        [
            "permessage-deflate; =",
            "permessage-deflate;;",
            ";",
            "permessage deflate",
            "permessage-deflate; a=\"b",
            "permessage-deflate; client_max_window_bits=",
        ];
        for (int index = 0; index < malformed.Length; index++)
        {
            yield return Upgrade.RefusedIfStrict(
                $"20.2.{20 + index}",
                $"A malformed list of extensions: '{malformed[index]}'.",
                With(malformed[index]),
                [400],
                "RFC 6455 §9.1"
            );
        }
    }

    private static IEnumerable<ConformanceCase> Offers()
    {
        string[] illegal =
        [
            "x_unknown_parameter",
            "server_no_context_takeover=1",
            "client_no_context_takeover=true",
            "server_max_window_bits",
            "server_max_window_bits=7",
            "server_max_window_bits=16",
            "server_max_window_bits=010",
            "server_max_window_bits=abc",
            "server_max_window_bits=-9",
            "server_max_window_bits=4294967305",
            "client_max_window_bits=7",
            "client_max_window_bits=16",
            "client_max_window_bits=abc",
            "server_no_context_takeover; server_no_context_takeover",
            "server_max_window_bits=10; server_max_window_bits=11",
            "client_max_window_bits; client_max_window_bits=10",
        ];
        for (int index = 0; index < illegal.Length; index++)
        {
            yield return Declined($"20.2.{30 + index}", $"permessage-deflate; {illegal[index]}");
        }

        yield return Upgrade.AcceptedIfStrict(
            "20.2.50",
            "An illegal offer, then a legal one.",
            With("permessage-deflate; server_max_window_bits=7, permessage-deflate"),
            "RFC 7692 §5"
        );
        yield return Upgrade.Accepted(
            "20.2.51",
            "Ten legal offers.",
            With(string.Join(", ", Enumerable.Range(0, 10).Select(i => $"permessage-deflate; server_max_window_bits={15 - (i % 6)}"))),
            null,
            "RFC 7692 §5"
        );
        yield return Upgrade.Accepted(
            "20.2.52",
            "An offer without hints: 'client_max_window_bits' must not be answered.",
            With("permessage-deflate"),
            null,
            "RFC 7692 §7.1.2.2"
        );
        yield return Upgrade.Accepted(
            "20.2.53",
            "A quoted value: 'client_max_window_bits=\"12\"'.",
            With("permessage-deflate; client_max_window_bits=\"12\""),
            null,
            "RFC 6455 §9.1"
        );
        yield return Upgrade.Accepted(
            "20.2.54",
            "The window of 8 bits asked of the server: declined, or kept to.",
            With("permessage-deflate; server_max_window_bits=8"),
            null,
            "RFC 7692 §7.1.2.1"
        );
        yield return Upgrade.AcceptedIfStrict(
            "20.2.55",
            "Offers in two headers.",
            r => r.Plus(Extensions, "permessage-deflate; server_max_window_bits=7").Plus(Extensions, "permessage-deflate"),
            "RFC 6455 §9.1"
        );
    }

    private static IEnumerable<ConformanceCase> Origins()
    {
        yield return new(
            "20.2.60",
            "A foreign origin (cross-site hijacking).",
            "Informational: 403, unless the endpoint allows any origin.",
            async run =>
            {
                (HttpHead? answer, _) = await run.AskAsync(run.NewRequest().With("Origin", "https://evil.example"));
                if (answer is { Status: 101 })
                {
                    run.Decide(
                        Verdict.Informational,
                        "The server lets pages of any site in: right only for an endpoint that is open to all."
                    );
                }
                else
                {
                    Upgrade.Judge(run, answer, [403], Verdict.Failed, null);
                }
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = "RFC 6455 §10.2",
        };
    }

    private static ConformanceCase Declined(string id, string offer) =>
        new(
            id,
            $"An illegal offer: '{offer}'.",
            "Declined: the connection opens without the extension.",
            async run =>
            {
                HandshakeRequest request = run.NewRequest().With(Extensions, offer);
                (HttpHead? answer, Stream stream) = await run.AskAsync(request);
                if (answer is { Status: 101 } && HandshakeCheck.FaultIn(answer, request) is null && answer.Find(Extensions) is { } agreed)
                {
                    run.Decide(Verdict.Failed, $"The server agreed to an illegal offer: '{agreed}'.");
                }
                else if (answer is null || answer.Status != 101)
                {
                    run.Decide(
                        Verdict.NonStrict,
                        $"The server refused the upgrade ({answer?.FirstLine ?? "no answer"}) instead of declining the offer."
                    );
                }
                else if (run.Attach(stream, offer, answer) is { } peer)
                {
                    run.ExpectOk(PeerEvent.Text("Hello"));
                    await peer.SendAsync(WireFrame.OfText("Hello"));
                }
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = "RFC 7692 §7.1",
        };

    private static Func<HandshakeRequest, HandshakeRequest> With(string extensions) => request => request.With(Extensions, extensions);

    private static string? None(HttpHead answer) => answer.Find(Extensions) is { } agreed ? $"The server agreed to '{agreed}'." : null;
}
