namespace Longwire.Conformance;

/// <summary>20.4: a client's request, and answers to it that are wrong in one part each.</summary>
internal static class ClientHandshakeCases
{
    private const string Extensions = ExtensionHeader.HeaderName;

    public static IEnumerable<ConformanceCase> All() => [.. Requests(), .. Lines(), .. Negotiations(), .. Shapes()];

    private static IEnumerable<ConformanceCase> Requests()
    {
        yield return Client(
            "20.4.1",
            "The client's request.",
            "GET, HTTP/1.1, Host, Upgrade, Connection, Version 13, a key of 16 octets.",
            async run =>
            {
                string? fault = FaultIn(run.Call!.Request);
                await run.AcceptAsync(null);
                run.ExpectOk(PeerEvent.Text("Hello"));
                await run.Peer.SendAsync(WireFrame.OfText("Hello"));
                if (fault is not null)
                {
                    run.DecideBehaviour(Verdict.Failed, fault);
                }
            },
            "RFC 6455 §4.1"
        );
        yield return Client(
            "20.4.2",
            "The client's key.",
            "A new one for each connection.",
            async run =>
            {
                await run.AcceptAsync(null);
                run.ExpectOk(PeerEvent.Text("Hello"));
                await run.Peer.SendAsync(WireFrame.OfText("Hello"));
                if (run.Call!.KeyWasUsed)
                {
                    run.DecideBehaviour(Verdict.Failed, "The client used this key before.");
                }
            },
            "RFC 6455 §4.1"
        );
    }

    private static IEnumerable<ConformanceCase> Lines()
    {
        const string Accept = "Sec-WebSocket-Accept";
        yield return Rejects(
            "20.4.10",
            "200 instead of 101.",
            (a, _) => a.With("Content-Length", "0") with { FirstLine = "HTTP/1.1 200 OK" }
        );
        yield return Rejects(
            "20.4.11",
            "403 with a body.",
            (_, _) => new("HTTP/1.1 403 Forbidden", [new("Content-Length", "6")]) { Body = "no way" }
        );
        yield return Rejects("20.4.12", "No 'Upgrade'.", (a, _) => a.Without("Upgrade"));
        yield return Rejects("20.4.13", "'Upgrade: notwebsocket'.", (a, _) => a.With("Upgrade", "notwebsocket"));
        yield return Rejects("20.4.14", "No 'Connection'.", (a, _) => a.Without("Connection"));
        yield return Rejects("20.4.15", "'Connection: notupgrade'.", (a, _) => a.With("Connection", "notupgrade"));
        yield return Rejects("20.4.16", "No 'Sec-WebSocket-Accept'.", (a, _) => a.Without(Accept));
        yield return Rejects(
            "20.4.17",
            "'Sec-WebSocket-Accept' for another key.",
            (a, _) => a.With(Accept, HandshakeRequest.AcceptFor(HandshakeRequest.NewKey()))
        );
        yield return Rejects(
            "20.4.18",
            "'Sec-WebSocket-Accept' in upper case.",
            (a, r) => a.With(Accept, HandshakeRequest.AcceptFor(r.Find("Sec-WebSocket-Key") ?? "").ToUpperInvariant())
        );
        yield return Rejects(
            "20.4.19",
            "The key itself as 'Sec-WebSocket-Accept'.",
            (a, r) => a.With(Accept, r.Find("Sec-WebSocket-Key") ?? "")
        );
        yield return Client(
            "20.4.21",
            "503 with a body that never ends.",
            "The client gives up in time.",
            async run =>
            {
                Peer peer = await run.AcceptAsync(
                    null,
                    new HandshakeAnswer("HTTP/1.1 503 Service Unavailable", []) { Body = "wait for it" }
                );
                bool ended = await run.WaitAsync(() => peer.HasEnded, run.Options.GiveUpWait);
                run.Decide(
                    ended ? Verdict.Ok : Verdict.NonStrict,
                    ended ? "The client ended TCP." : $"The client still waited after {run.Options.GiveUpWait.TotalSeconds} s."
                );
                await peer.DropAsync();
            },
            "slow answers"
        );
        yield return Opens(
            "20.4.20",
            "Odd case: 'UPGRADE: WebSocket', 'connection: keep-alive, upgrade'.",
            (a, _) => a.Without("Upgrade").Without("Connection").With("UPGRADE", "WebSocket").With("connection", "keep-alive, upgrade")
        );
    }

    private static IEnumerable<ConformanceCase> Negotiations()
    {
        yield return Rejects(
            "20.4.30",
            "A subprotocol that the client did not offer.",
            (a, _) => a.With("Sec-WebSocket-Protocol", "x-not-offered")
        );
        string[] answers =
        [
            "x-not-offered",
            "permessage-deflate; x_unknown_parameter",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=abc",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=16",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate, permessage-deflate",
            "permessage-deflate; server_max_window_bits=4294967305",
            "permessage-deflate; __proto__=1",
        ];
        for (int index = 0; index < answers.Length; index++)
        {
            string answer = answers[index];
            yield return Rejects(
                $"20.4.{31 + index}",
                $"An illegal agreement: '{answer}'.",
                (a, _) => a.With(Extensions, answer),
                answer.StartsWith("x-", StringComparison.Ordinal) ? "RFC 6455 §4.1" : "RFC 7692 §7.1"
            );
        }
    }

    private static IEnumerable<ConformanceCase> Shapes()
    {
        yield return Client(
            "20.4.50",
            "A text right behind the answer, in the same write.",
            "The text comes back.",
            async run =>
            {
                System.Buffers.ArrayBufferWriter<byte> frame = new();
                FrameEncoder.Write(frame, WireFrame.OfText("early"), maskByDefault: false);
                run.ExpectOk(PeerEvent.Text("early"));
                await run.AcceptAsync(null, behind: frame.WrittenMemory);
            },
            "RFC 6455 §4.1"
        );
        yield return Client(
            "20.4.51",
            "A good answer, octet by octet.",
            "The client opens and echoes.",
            async run =>
            {
                run.ExpectOk(PeerEvent.Text("Hello"));
                await run.AcceptAsync(null, chopSize: 1);
                await run.Peer.SendAsync(WireFrame.OfText("Hello"));
            },
            "RFC 9112 §2.2"
        );
        yield return Rejects(
            "20.4.52",
            "A header of 1 MiB.",
            (a, _) => a.With("X-Large", new string('a', 1 << 20)),
            "limits",
            strictOnly: true
        );
        yield return Rejects("20.4.53", "HTTP/1.0.", (a, _) => a with { FirstLine = "HTTP/1.0 101 Switching Protocols" }, strictOnly: true);
        yield return Rejects(
            "20.4.54",
            "A line without a colon among the headers.",
            (a, _) => a with { FirstLine = a.FirstLine + "\r\nno colon here" },
            strictOnly: true
        );
    }

    private static string? FaultIn(HttpHead request)
    {
        if (
            !request.FirstLine.StartsWith("GET /", StringComparison.Ordinal)
            || !request.FirstLine.EndsWith(" HTTP/1.1", StringComparison.Ordinal)
        )
        {
            return $"The client's first line is '{request.FirstLine}'.";
        }

        if (request.Count("Host") != 1)
        {
            return "The request needs one Host.";
        }

        if (!request.HasToken("Upgrade", "websocket") || !request.HasToken("Connection", "Upgrade"))
        {
            return "The request has no 'Upgrade: websocket' with 'Connection: Upgrade'.";
        }

        if (request.Count("Sec-WebSocket-Version") != 1 || request.Find("Sec-WebSocket-Version") != "13")
        {
            return "The request has no 'Sec-WebSocket-Version: 13'.";
        }

        Span<byte> key = stackalloc byte[18];
        return
            request.Count("Sec-WebSocket-Key") == 1
            && Convert.TryFromBase64String(request.Find("Sec-WebSocket-Key")!, key, out int length)
            && length == 16
            ? null
            : "The request's key is not base64 of 16 octets.";
    }

    private static ConformanceCase Opens(string id, string description, Func<HandshakeAnswer, HttpHead, HandshakeAnswer> change) =>
        Client(
            id,
            description,
            "The client opens and echoes.",
            async run =>
            {
                await run.AcceptAsync(null, change(HandshakeAnswer.For(run.Call!.Request), run.Call.Request));
                run.ExpectOk(PeerEvent.Text("Hello"));
                await run.Peer.SendAsync(WireFrame.OfText("Hello"));
            },
            "RFC 6455 §4.1"
        );

    // Behind the bad answer come a text and a ping: a client that opened all the same answers them.
    private static ConformanceCase Rejects(
        string id,
        string description,
        Func<HandshakeAnswer, HttpHead, HandshakeAnswer> change,
        string section = "RFC 6455 §4.1",
        bool strictOnly = false
    ) =>
        Client(
            id,
            description,
            "The client does not open the connection, and ends TCP.",
            async run =>
            {
                HandshakeAnswer answer = change(HandshakeAnswer.For(run.Call!.Request), run.Call.Request);
                Peer peer = await run.AcceptAsync(null, answer);
                await peer.SendAsync(WireFrame.OfText("Hello"), WireFrame.OfPing("Hello"));
                await run.WaitAsync(() => !peer.IsOpen || peer.EventCount > 0 || peer.Violation is not null);
                if (peer.EventCount > 0)
                {
                    run.Decide(
                        strictOnly ? Verdict.NonStrict : Verdict.Failed,
                        $"The client took the answer: {CaseJudge.Describe(peer.Events)} came back."
                    );
                }
                else if (peer.CloseReceived)
                {
                    run.Decide(Verdict.NonStrict, $"The client sent a Close frame ({peer.CloseCode}) on a connection that was never open.");
                }
                else if (peer.HasEnded)
                {
                    run.Decide(Verdict.Ok, "The client ended TCP.");
                }
                else
                {
                    run.Decide(Verdict.NonStrict, "The client did not end TCP.");
                }

                await peer.DropAsync();
            },
            section
        );

    private static ConformanceCase Client(string id, string description, string expectation, Func<CaseRun, Task> script, string section) =>
        new(id, description, expectation, script)
        {
            Subjects = Subjects.Client,
            OwnHandshake = true,
            Section = section,
        };
}
