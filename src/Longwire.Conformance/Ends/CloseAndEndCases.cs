namespace Longwire.Conformance;

/// <summary>
/// 21.1: messages, a Close frame and the end of the output in one go. Answers are still due, and so is the peer's Close: the end of one
/// direction is not the end of the other.
/// </summary>
internal static class CloseAndEndCases
{
    public static IEnumerable<ConformanceCase> All()
    {
        WireFrame close = WireFrame.OfClose(1000);
        yield return Case("21.1.1", "Close", "The Close is answered.", run => EndsAsync(run, [close]));
        yield return Case("21.1.2", "An empty Close", "The Close is answered.", run => EndsAsync(run, [new(WireFrame.Close, default)]));
        yield return Case(
            "21.1.3",
            "Text, Close",
            "The text comes back, then the Close.",
            run => EndsAsync(run, [Ends.Texts(1)[0], close])
        );
        yield return Case(
            "21.1.4",
            "100 texts, Close",
            "All come back, then the Close.",
            run => EndsAsync(run, [.. Ends.Texts(100), close])
        );
        yield return Case(
            "21.1.5",
            "A text of 1 MiB, Close",
            "It comes back, then the Close.",
            run => EndsAsync(run, [WireFrame.OfText(EchoCases.Filled(1 << 20, (byte)'*')), close])
        );
        yield return Case(
            "21.1.6",
            "100 messages of 16 KiB, of whose echo nothing is read for a while, Close",
            "All come back, then the Close.",
            async run =>
            {
                run.Peer.PauseReading();
                Task sending = EndsAsync(run, [.. Ends.Binaries(100, 16 * 1024), close]);
                await Task.Delay(run.Options.Pause, run.Limit);
                run.Peer.ResumeReading();
                await sending;
            }
        );
        yield return Case(
            "21.1.7",
            "The first fragment of a text, Close",
            "Nothing comes back but the Close.",
            run => EndsAsync(run, [WireFrame.OfText("unfinished", fin: false), close])
        );
        yield return Case("21.1.8", "100 compressed texts, Close", "All come back, then the Close.", CompressedAsync, deflate: true);
    }

    private static Task EndsAsync(CaseRun run, WireFrame[] frames)
    {
        run.ExpectOk(Ends.EchoOf(frames));
        run.Close = CloseExpectation.Normal with { OrderlyEnd = true };
        return run.Peer.SendAndEndAsync(frames);
    }

    private static async Task CompressedAsync(CaseRun run)
    {
        byte[][] texts = [.. Ends.Texts(100).Select(frame => frame.Payload.ToArray())];
        run.ExpectOk([.. texts.Select(PeerEvent.Text)]);
        run.Close = CloseExpectation.Normal with { OrderlyEnd = true };
        foreach (byte[] text in texts)
        {
            await run.Peer.SendMessageAsync(WireFrame.Text, text);
        }

        await run.Peer.SendAndEndAsync([WireFrame.OfClose(1000)]);
    }

    private static ConformanceCase Case(string id, string what, string expectation, Func<CaseRun, Task> script, bool deflate = false) =>
        new(id, $"{what} and the end of the output in one go.", $"{expectation} A reset at the end is not strict.", script)
        {
            Section = "RFC 6455 §5.5.1, §7.1.1",
            EndsStream = true,
            Deflate = deflate ? new(new DeflateOffer(false, 0)) : null,
            Subjects = deflate ? Subjects.Server | Subjects.Client : Subjects.All,
        };
}
