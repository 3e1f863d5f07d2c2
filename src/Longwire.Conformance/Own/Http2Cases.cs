namespace Longwire.Conformance;

/// <summary>20.11: the opening handshake over HTTP/2, and many WebSockets on one connection (RFC 8441).</summary>
internal static class Http2Cases
{
    public static IEnumerable<ConformanceCase> All()
    {
        yield return Case(
            "20.11.1",
            "The plainest extended CONNECT.",
            "200, without the headers of HTTP/1.1's upgrade; then an echo.",
            async run =>
            {
                using Http2Connection connection = new(run.Target!, run.Options);
                (HttpHead answer, Stream? stream) = await connection.OpenAsync([new("Sec-WebSocket-Version", "13")], run.Limit);
                run.Log.Block("←", answer.ToString());
                string[] foreign = ["Upgrade", "Connection", "Sec-WebSocket-Accept", ExtensionHeader.HeaderName, "Sec-WebSocket-Protocol"];
                if (stream is null)
                {
                    run.Decide(Verdict.Failed, $"The server refused: {answer.FirstLine}.", CloseVerdict.Failed);
                }
                else if (foreign.FirstOrDefault(name => answer.Find(name) is not null) is { } header)
                {
                    run.Decide(Verdict.Failed, $"The answer has the header {header}.");
                }
                else if (run.Attach(stream, null, answer) is { } peer)
                {
                    await EchoAsync(run, peer);
                }
            }
        );
        yield return Refused("20.11.2", "No version.", []);
        yield return Refused("20.11.3", "Version 8.", [new("Sec-WebSocket-Version", "8")]);
        yield return Case(
            "20.11.10",
            "90 WebSockets on one connection.",
            "Each echoes.",
            async run =>
            {
                using Http2Connection connection = new(run.Target!, run.Options);
                List<Peer> peers = [];
                for (int index = 0; index < 90; index++)
                {
                    (HttpHead answer, Stream? stream) = await connection.OpenAsync([new("Sec-WebSocket-Version", "13")], run.Limit);
                    if (stream is null)
                    {
                        run.Decide(Verdict.Failed, $"The server refused WebSocket {index + 1}: {answer.FirstLine}.", CloseVerdict.Failed);
                        return;
                    }

                    Peer peer = new(stream, suiteIsClient: true, null, [], run.Log);
                    peer.Start();
                    peers.Add(peer);
                }

                int echoed = 0;
                foreach (Peer peer in peers)
                {
                    await peer.SendAsync(WireFrame.OfText("Hello"));
                }

                foreach (Peer peer in peers)
                {
                    if (
                        await peer.Pulse.WaitAsync(() => peer.EventCount > 0, run.Options.Patience, run.Limit)
                        && peer.Events[0] == PeerEvent.Text("Hello")
                    )
                    {
                        echoed++;
                    }

                    await peer.DisposeAsync();
                }

                run.Decide(echoed == peers.Count ? Verdict.Ok : Verdict.Failed, $"{echoed} of {peers.Count} echoed.");
            }
        );
    }

    private static ConformanceCase Refused(string id, string description, KeyValuePair<string, string>[] headers) =>
        Case(
            id,
            description,
            "No WebSocket: 400 or 426.",
            async run =>
            {
                using Http2Connection connection = new(run.Target!, run.Options);
                (HttpHead answer, Stream? stream) = await connection.OpenAsync(headers, run.Limit);
                run.Log.Block("←", answer.ToString());
                if (stream is not null)
                {
                    await stream.DisposeAsync();
                }

                run.Decide(
                    stream is not null ? Verdict.Failed
                        : answer.Status is 400 or 426 ? Verdict.Ok
                        : Verdict.NonStrict,
                    answer.FirstLine
                );
            }
        );

    private static async Task EchoAsync(CaseRun run, Peer peer)
    {
        run.ExpectOk(PeerEvent.Text("Hello"));
        await peer.SendAsync(WireFrame.OfText("Hello"));
    }

    private static ConformanceCase Case(string id, string description, string expectation, Func<CaseRun, Task> script) =>
        new(id, description, expectation, script)
        {
            Subjects = Subjects.Http2Server,
            OwnHandshake = true,
            Section = "RFC 8441 §5",
        };
}
