using System.Diagnostics;

namespace Longwire.Conformance;

/// <summary>20.7: statuses that came after the standard cases, and ends of a connection that are not by the book.</summary>
internal static class CloseRuleCases
{
    public static IEnumerable<ConformanceCase> All() => [.. Codes(), .. Order(), .. Ends()];

    private static IEnumerable<ConformanceCase> Codes()
    {
        int[] registered = [1012, 1013, 1014];
        for (int index = 0; index < registered.Length; index++)
        {
            int code = registered[index];
            yield return new(
                $"20.7.{1 + index}",
                $"Close with {code}, registered after RFC 6455.",
                $"Closed with {code}, or 1000; a refusal is not strict.",
                run => EchoOfCodeAsync(run, code, [1000], [1002])
            )
            {
                Section = "RFC 6455 §11.7",
            };
        }

        int[] plain = [1001, 1003, 1011, 3000, 4002];
        for (int index = 0; index < plain.Length; index++)
        {
            int code = plain[index];
            yield return new(
                $"20.7.{5 + index}",
                $"Close with {code} and a reason.",
                $"Closed with {code}: an endpoint typically echoes the status. 1000 is not strict.",
                run => EchoOfCodeAsync(run, code, [], [1000])
            )
            {
                Section = "RFC 6455 §5.5.1",
            };
        }

        int[] refused = [1, 1004, 1005, 1006, 1015, 1016, 1999, 2000];
        for (int index = 0; index < refused.Length; index++)
        {
            int code = refused[index];
            yield return new(
                $"20.7.{12 + index}",
                $"Close with {code}, which must not be on the wire.",
                "Closed with 1002, or TCP is ended.",
                async run =>
                {
                    run.ExpectOk();
                    run.Close = new()
                    {
                        BySuite = true,
                        Codes = [1002],
                        WrongCodeIsFatal = true,
                        RequireCode = true,
                    };
                    await run.Peer.SendAsync(WireFrame.OfClose(code));
                }
            )
            {
                Section = "RFC 6455 §7.4",
            };
        }

        yield return new(
            "20.7.20",
            "Close with a reason that ends within a character.",
            "Closed with 1007, or TCP is ended; 1002 is not strict.",
            async run =>
            {
                run.ExpectOk();
                run.Close = new()
                {
                    BySuite = true,
                    Codes = [1007],
                    Tolerated = [1002],
                    WrongCodeIsFatal = true,
                    RequireCode = true,
                };
                await run.Peer.SendAsync(WireFrame.OfClose(1000, [(byte)'a', 0xE2, 0x82]));
            }
        )
        {
            Section = "RFC 6455 §5.5.1",
        };
    }

    private static IEnumerable<ConformanceCase> Order()
    {
        yield return new(
            "20.7.30",
            "Close, then a mebibyte of text.",
            "Normal close; what comes after it is ignored.",
            async run =>
            {
                run.ExpectOk();
                await run.Peer.SendAsync(WireFrame.OfClose(1000), WireFrame.OfText(EchoCases.Filled(1 << 20, (byte)'*')));
            }
        )
        {
            Section = "RFC 6455 §5.5.1",
        };
        yield return new(
            "20.7.31",
            "30 pings and a Close in one write.",
            "Pongs in their order, of which the first may be left out; then a normal close, once.",
            async run =>
            {
                await run.Peer.SendAsync([.. Enumerable.Range(0, 30).Select(i => WireFrame.OfPing($"{i}")), WireFrame.OfClose(1000)]);
                await run.WaitForEndAsync();
                int last = -1;
                bool inOrder = true;
                foreach (PeerEvent happened in run.Peer.Events)
                {
                    bool number = int.TryParse(System.Text.Encoding.ASCII.GetString(happened.Payload), out int value);
                    inOrder &= happened.Kind == PeerEventKind.Pong && number && value > last && value < 30;
                    last = value;
                }

                run.DecideBehaviour(
                    inOrder ? Verdict.Ok : Verdict.Failed,
                    inOrder ? $"{run.Peer.EventCount} pongs." : CaseJudge.Describe(run.Peer.Events)
                );
            }
        )
        {
            Section = "RFC 6455 §5.5.3",
        };
        yield return new(
            "20.7.32",
            "A fault and a Close in one write.",
            "Failed with 1002, once, and nothing after it.",
            async run =>
            {
                run.ExpectOk();
                run.Close = CloseExpectation.ByPeer(1002);
                byte[] octets = run.Peer.Encode(WireFrame.OfText("x", rsv: 2), WireFrame.OfClose(1000));
                await run.Peer.SendOctetsAsync(octets, "text with RSV=2, close");
            }
        )
        {
            Section = "RFC 6455 §7.1.7",
        };
    }

    private static IEnumerable<ConformanceCase> Ends()
    {
        yield return new(
            "20.7.40",
            "TCP ended by us without a Close frame.",
            "The peer ends TCP, too.",
            async run =>
            {
                await run.Peer.SendAsync(WireFrame.OfText("Hello"));
                await run.WaitAsync(() => run.Peer.EventCount > 0);
                await run.Peer.EndOutputAsync();
                await GivesUpAsync(run, "after the end of our half of TCP");
            }
        )
        {
            Section = "RFC 6455 §7.1.1",
            Subjects = Subjects.Server | Subjects.Client,
        };
        yield return new(
            "20.7.41",
            "A fault, and no answer to the peer's Close.",
            "The peer ends TCP by itself, in time.",
            async run =>
            {
                run.Peer.Habits = SuiteHabits.LeavesCloseUnanswered;
                await run.Peer.SendAsync(WireFrame.OfText("x", rsv: 2));
                await GivesUpAsync(run, "after its Close");
            }
        )
        {
            Section = "RFC 6455 §7.1.7",
            Subjects = Subjects.Server | Subjects.Client,
        };
        yield return new(
            "20.7.42",
            "TCP reset in the middle of a frame.",
            "Others are served as before.",
            async run =>
            {
                byte[] octets = run.Peer.Encode(WireFrame.OfText("Hello"));
                await run.Peer.SendOctetsAsync(octets.AsMemory(0, octets.Length - 2), "all of a text but two octets");
                await run.Peer.DropAsync();
                run.Decide(Verdict.Ok, "The peer survived.");
            }
        )
        {
            Section = "RFC 6455 §7.1.7",
            ProbeAfterwards = true,
            Subjects = Subjects.Server | Subjects.Http2Server,
        };
    }

    private static async Task EchoOfCodeAsync(CaseRun run, int code, int[] alsoRight, int[] tolerated)
    {
        run.ExpectOk();
        run.Close = new()
        {
            BySuite = true,
            Codes = [code, .. alsoRight],
            Tolerated = tolerated,
            RequireClean = true,
            RequireCode = true,
            WrongCodeIsFatal = true,
        };
        await run.Peer.SendAsync(WireFrame.OfClose(code, "bye"u8));
    }

    private static async Task GivesUpAsync(CaseRun run, string when)
    {
        long started = Stopwatch.GetTimestamp();
        bool ended = await run.WaitAsync(() => run.Peer.HasEnded, run.Options.GiveUpWait);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        run.Decide(
            ended ? Verdict.Ok : Verdict.NonStrict,
            ended ? $"The peer ended TCP {seconds:F1} s {when}." : $"The peer still held TCP open {seconds:F0} s {when}."
        );
        await run.Peer.DropAsync();
    }
}
