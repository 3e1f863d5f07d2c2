using System.Diagnostics;
using System.Text;

namespace Longwire.Conformance;

/// <summary>20.3: requests that are too large, too many, too slow, or meant to break a parser.</summary>
internal static class HeaderAttackCases
{
    public static IEnumerable<ConformanceCase> All() => [.. Sizes(), .. Parsers(), .. Timing()];

    private static IEnumerable<ConformanceCase> Sizes()
    {
        yield return Limited("20.3.1", "A header of 64 KiB.", r => r.Plus("X-Large", new string('a', 64 * 1024)));
        yield return Limited("20.3.2", "1000 headers.", r => r with { Headers = [.. r.Headers, .. Many(1000)] });
        yield return Limited(
            "20.3.3",
            "1000 headers, and no 'Upgrade'.",
            r => r.Without("Upgrade") with { Headers = [.. r.Without("Upgrade").Headers, .. Many(1000)] }
        );
        yield return Limited(
            "20.3.4",
            "A target of 64 KiB.",
            r => r with { Target = r.Target + "?" + new string('a', 64 * 1024) },
            414,
            431
        );
    }

    private static IEnumerable<ConformanceCase> Parsers()
    {
        string spaces = new(' ', 12_000);
        yield return Quick("20.3.10", "12,000 blanks within a list of subprotocols.", r => r.With("Sec-WebSocket-Protocol", $"a{spaces}b"));
        yield return Quick(
            "20.3.11",
            "12,000 blanks within a list of extensions.",
            r => r.With(ExtensionHeader.HeaderName, $"permessage-deflate{spaces};{spaces}x")
        );
        yield return Quick(
            "20.3.12",
            "6,000 commas in a list of subprotocols.",
            r => r.With("Sec-WebSocket-Protocol", new string(',', 6000) + "a")
        );
        yield return Quick(
            "20.3.13",
            "5,000 semicolons in a list of extensions.",
            r => r.With(ExtensionHeader.HeaderName, "a" + new string(';', 5000))
        );
        yield return Quick(
            "20.3.14",
            "A quoted value with 5,000 backslashes.",
            r => r.With(ExtensionHeader.HeaderName, $"a; b=\"{new string('\\', 5000)}")
        );
        yield return Quick(
            "20.3.15",
            "500 offers of permessage-deflate.",
            r => r.With(ExtensionHeader.HeaderName, string.Join(",", Enumerable.Repeat("permessage-deflate", 500)))
        );

        yield return new(
            "20.3.20",
            "A subprotocol with a bare CR and a header behind it.",
            "Refused, and nothing of it in the answer.",
            async run =>
            {
                (HttpHead? answer, _) = await run.AskAsync(run.NewRequest().With("Sec-WebSocket-Protocol", "chat\rX-Injected: yes"));
                if (answer?.ToString().Contains("X-Injected", StringComparison.OrdinalIgnoreCase) ?? false)
                {
                    run.Decide(Verdict.Failed, "What the request smuggled in is in the answer.");
                }
                else
                {
                    Upgrade.Judge(run, answer, [400], Verdict.NonStrict, null);
                }
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            ProbeAfterwards = true,
            Section = "RFC 9112 §2.2",
        };
    }

    private static IEnumerable<ConformanceCase> Timing()
    {
        yield return new(
            "20.3.30",
            "A good request, octet by octet.",
            "The connection opens and echoes.",
            async run =>
            {
                HandshakeRequest request = run.NewRequest();
                Stream stream = await run.ConnectAsync();
                run.Log.Block("→", request.ToString());
                foreach (byte octet in request.ToOctets())
                {
                    await stream.WriteAsync(new[] { octet }, run.Limit);
                }

                HttpHead? answer = await HttpReader.ReadAsync(stream, run.Options.Patience, run.Limit);
                run.Log.Block("←", answer?.ToString() ?? "(no answer)");
                if (answer is null || HandshakeCheck.FaultIn(answer, request) is not null)
                {
                    run.Decide(
                        Verdict.Failed,
                        answer is null ? "The server did not answer." : HandshakeCheck.FaultIn(answer, request)!,
                        CloseVerdict.Failed
                    );
                    return;
                }

                if (run.Attach(stream, null, answer) is { } peer)
                {
                    run.ExpectOk(PeerEvent.Text("Hello"));
                    await peer.SendAsync(WireFrame.OfText("Hello"));
                }
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = "RFC 9112 §2.2",
        };

        yield return new(
            "20.3.31",
            "A request that never ends.",
            "Given up in time: 408, or TCP is ended.",
            async run =>
            {
                Stream stream = await run.ConnectAsync();
                string text = run.NewRequest().ToString();
                await stream.WriteAsync(Encoding.Latin1.GetBytes(text[..(text.Length / 2)]), run.Limit);
                run.Log.Note("half a request is sent, and nothing more");
                long started = Stopwatch.GetTimestamp();
                HttpHead? answer = await HttpReader.ReadAsync(stream, run.Options.GiveUpWait, run.Limit);
                TimeSpan waited = Stopwatch.GetElapsedTime(started);
                run.Log.Block("←", answer?.ToString() ?? $"(no answer after {waited.TotalSeconds:F1} s)");
                bool given = answer is not null || waited < run.Options.GiveUpWait - TimeSpan.FromMilliseconds(200);
                run.Decide(
                    given ? Verdict.Ok : Verdict.NonStrict,
                    given
                        ? $"Given up after {waited.TotalSeconds:F1} s."
                        : $"The server still waited after {waited.TotalSeconds:F0} s: slow clients can hold its connections."
                );
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = "slow headers",
        };

        yield return new(
            "20.3.32",
            "A text frame right behind the request, in the same write.",
            "The text comes back: octets behind the blank line belong to the WebSocket.",
            async run =>
            {
                HandshakeRequest request = run.NewRequest();
                System.Buffers.ArrayBufferWriter<byte> frame = new();
                FrameEncoder.Write(frame, WireFrame.OfText("early"), maskByDefault: true);
                if (await run.OpenAsync(request, frame.WrittenMemory) is not { } peer)
                {
                    return;
                }

                run.ExpectOk(PeerEvent.Text("early"));
                run.Expect(
                    Verdict.NonStrict,
                    "The early frame was lost. A client should wait for the answer, so that is conformant, if unkind."
                );
                await run.WaitAsync(() => !peer.IsOpen || peer.EventCount > 0);
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            Section = "RFC 6455 §4.1",
        };
    }

    private static ConformanceCase Limited(
        string id,
        string description,
        Func<HandshakeRequest, HandshakeRequest> change,
        params int[] right
    ) =>
        new(
            id,
            description,
            "Refused with 431, or TCP is ended; an upgrade is not strict. Others are served as before.",
            async run =>
            {
                (HttpHead? answer, _) = await run.AskAsync(change(run.NewRequest()));
                if (answer is null)
                {
                    run.Decide(Verdict.Ok, "TCP was ended.");
                }
                else
                {
                    Upgrade.Judge(run, answer, right.Length == 0 ? [431, 400] : [.. right, 400], Verdict.NonStrict, null);
                }
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            ProbeAfterwards = true,
            Section = "limits",
        };

    private static ConformanceCase Quick(string id, string description, Func<HandshakeRequest, HandshakeRequest> change) =>
        new(
            id,
            description,
            "Answered, either way, within a fifth of the patience, which is a second by default: parsing takes linear time. Others are served as before.",
            async run =>
            {
                long started = Stopwatch.GetTimestamp();
                (HttpHead? answer, _) = await run.AskAsync(change(run.NewRequest()));
                TimeSpan taken = Stopwatch.GetElapsedTime(started);
                bool quick = taken < run.Options.Patience / 5;
                run.Decide(
                    quick ? Verdict.Ok : Verdict.Failed,
                    $"{answer?.FirstLine ?? "No answer"} after {taken.TotalMilliseconds:F0} ms."
                );
            }
        )
        {
            Subjects = Subjects.Server,
            OwnHandshake = true,
            ProbeAfterwards = true,
            Load = CaseLoad.Heavy,
            Section = "quadratic parsing",
        };

    private static IEnumerable<KeyValuePair<string, string>> Many(int count) =>
        Enumerable.Range(0, count).Select(i => new KeyValuePair<string, string>($"X-Header-{i}", "value"));
}
