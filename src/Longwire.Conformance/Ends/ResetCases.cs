namespace Longwire.Conformance;

/// <summary>
/// 21.6: a reset at each moment of a connection's life. There is nothing to answer; the peer has to live on, and serve or call as before.
/// </summary>
internal static class ResetCases
{
    public static IEnumerable<ConformanceCase> All()
    {
        yield return Case("21.6.1", "A reset behind the request, or instead of the answer to it.", BeforeTheAnswerAsync, own: true);
        yield return Case("21.6.2", "A reset as soon as the connection is open.", _ => Task.CompletedTask);
        yield return Case("21.6.3", "A reset within a frame's header.", run => SendAsync(run, WireFrame.OfText(new string('*', 300)), 3));
        yield return Case("21.6.4", "A reset within a payload.", run => SendAsync(run, WireFrame.OfText(new string('*', 300)), 100));
        yield return Case(
            "21.6.5",
            "A reset within a message, between its fragments.",
            run => run.Peer.SendAsync(WireFrame.OfText("unfinished", fin: false))
        );
        yield return Case(
            "21.6.6",
            "100 texts and a reset, before the echo is read.",
            async run =>
            {
                run.Peer.PauseReading();
                await run.Peer.SendAsync(Ends.Texts(100));
            }
        );
        yield return Case(
            "21.6.7",
            "A reset in the middle of the echo of 8 MiB.",
            async run =>
            {
                Task sending = run.Peer.SendAsync(WireFrame.OfBinary(EchoCases.Filled(8 << 20, 0xFE)));
                await run.WaitAsync(() => run.Peer.ReceivedPayloadBytes > 1 << 20 || !run.Peer.IsOpen);
                await run.Peer.ResetAsync();
                await sending;
            }
        );
        yield return Case("21.6.8", "A reset right behind the suite's Close.", run => run.Peer.SendAsync(WireFrame.OfClose(1000)));
        yield return Case(
            "21.6.9",
            "A fault, and a reset instead of an answer to the peer's Close.",
            async run =>
            {
                run.Peer.Habits = SuiteHabits.LeavesCloseUnanswered;
                await run.Peer.SendAsync(WireFrame.OfText("x", rsv: 2));
                await run.WaitForEndAsync();
            }
        );
    }

    private static async Task BeforeTheAnswerAsync(CaseRun run)
    {
        if (run.Call is { } call)
        {
            await StreamEnds.ResetAsync(call.Stream, run.Limit);
            return;
        }

        Stream stream = await run.ConnectAsync();
        await stream.WriteAsync(run.NewRequest().ToOctets(), run.Limit);
        await StreamEnds.ResetAsync(stream, run.Limit);
    }

    private static Task SendAsync(CaseRun run, WireFrame frame, int octets) =>
        run.Peer.SendOctetsAsync(run.Peer.Encode(frame).AsMemory(0, octets), $"{octets} octets of a frame");

    private static async Task JudgeAsync(CaseRun run)
    {
        if (run.Call is not { } call)
        {
            run.Decide(Verdict.Ok, "Others are served as before.");
            return;
        }

        bool again = await call.CallsAgainAsync(run.Options.GiveUpWait, run.Limit);
        run.Decide(
            again ? Verdict.Ok : Verdict.Failed,
            again ? "The client has called again." : $"The client did not call again within {run.Options.GiveUpWait.TotalSeconds:F0} s."
        );
    }

    private static ConformanceCase Case(string id, string description, Func<CaseRun, Task> script, bool own = false) =>
        new(
            id,
            description,
            "A server serves others as before, a client calls again.",
            async run =>
            {
                await script(run);
                if (!own)
                {
                    await run.Peer.ResetAsync();
                }

                await JudgeAsync(run);
            }
        )
        {
            Section = "RFC 6455 §7.1.7, §7.2",
            EndsStream = true,
            OwnHandshake = own,
            ProbeAfterwards = true,
            Subjects = own ? Subjects.Server | Subjects.Client : Subjects.All,
        };
}
