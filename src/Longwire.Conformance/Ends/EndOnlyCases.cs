namespace Longwire.Conformance;

/// <summary>
/// 21.2: the end of the output without a Close frame. It ends one direction (RFC 9293 §3.6), over HTTP/2 by END_STREAM (RFC 8441 §5):
/// what had come whole has been received.
/// </summary>
internal static class EndOnlyCases
{
    private const string AllOf = "All come back, and the peer ends, too. Less is not strict: RFC 6455 leaves it open.";
    private const string Nothing = "Nothing comes back, and the peer ends, too.";

    public static IEnumerable<ConformanceCase> All()
    {
        yield return Case("21.2.1", "A text", AllOf, run => EndsAsync(run, Ends.Texts(1)));
        yield return Case("21.2.2", "100 texts", AllOf, run => EndsAsync(run, Ends.Texts(100)));
        yield return Case("21.2.3", "A message of 1 MiB", AllOf, run => EndsAsync(run, Ends.Binaries(1, 1 << 20)));
        yield return Case(
            "21.2.4",
            "100 messages of 16 KiB, of whose echo nothing is read for a while,",
            AllOf,
            async run =>
            {
                run.Peer.PauseReading();
                WireFrame[] frames = Ends.Binaries(100, 16 * 1024);
                Task sending = run.Peer.SendAndEndAsync(frames);
                await Task.Delay(run.Options.Pause, run.Limit);
                run.Peer.ResumeReading();
                await sending;
                await Ends.JudgeEndWithoutCloseAsync(run, Ends.EchoOf(frames));
            }
        );
        yield return Case(
            "21.2.5",
            "The first fragment of a text",
            Nothing,
            run => EndsAsync(run, [WireFrame.OfText("unfinished", fin: false)])
        );
        yield return Case(
            "21.2.6",
            "Half of a frame",
            Nothing,
            run => EndsAsync(run, [new(WireFrame.Text, EchoCases.Filled(50, (byte)'*')) { AnnouncedLength = 100 }], echo: [])
        );
        yield return Case("21.2.7", "Nothing", Nothing, run => EndsAsync(run, []));
    }

    private static async Task EndsAsync(CaseRun run, WireFrame[] frames, PeerEvent[]? echo = null)
    {
        await run.Peer.SendAndEndAsync(frames);
        await Ends.JudgeEndWithoutCloseAsync(run, echo ?? Ends.EchoOf(frames));
    }

    private static ConformanceCase Case(string id, string what, string expectation, Func<CaseRun, Task> script) =>
        new(id, $"{what} and the end of the output in one go, without a Close.", expectation, script)
        {
            Section = "RFC 6455 §7.1.5, RFC 8441 §5",
            EndsStream = true,
        };
}
