using System.Diagnostics;

namespace Longwire.Conformance;

/// <summary>21.5: a reader that is slow, but takes what comes, is alive: neither a closing nor a keep-alive may cut it off.</summary>
internal static class SlowReaderCases
{
    private const int Messages = 96;
    private const int MessageBytes = 64 * 1024;
    private const int OneMessageBytes = 16 * 1024 * 1024;

    public static IEnumerable<ConformanceCase> All()
    {
        yield return Case(
            "21.5.1",
            "6 MiB of messages and a Close; the echo is read at a quarter of the rate of 21.5.3's, four times as long.",
            "All come back, then the Close.",
            run => ClosesAsync(run, ends: false)
        );
        yield return Case(
            "21.5.2",
            "The same, with the end of the output behind the Close.",
            "All come back, then the Close.",
            run => ClosesAsync(run, ends: true)
        );
        yield return Case(
            "21.5.3",
            "A message of 16 MiB, of whose echo 1/60 is read a second.",
            "It comes back. A peer whose pings wait behind it, and that gives up on their pongs, is not strict.",
            PingsWaitAsync
        );
    }

    private static async Task ClosesAsync(CaseRun run, bool ends)
    {
        run.Peer.Habits = SuiteHabits.IgnoresPongs;
        run.Peer.ReadSlowly((int)(Messages * MessageBytes / (run.Options.SlowReading / 4).TotalSeconds));
        WireFrame[] frames = [.. Ends.Binaries(Messages, MessageBytes), WireFrame.OfClose(1000)];
        run.ExpectOk(Ends.EchoOf(frames));
        run.Close = CloseExpectation.Normal with { OrderlyEnd = true };
        await (ends ? run.Peer.SendAndEndAsync(frames) : run.Peer.SendAsync(frames));
        await run.WaitForEndAsync(run.Options.SlowReading);
    }

    private static async Task PingsWaitAsync(CaseRun run)
    {
        run.Peer.Habits = SuiteHabits.IgnoresPongs;
        run.Peer.ReadSlowly((int)(OneMessageBytes / run.Options.SlowReading.TotalSeconds));
        byte[] message = EchoCases.Filled(OneMessageBytes, 0xFE);
        long started = Stopwatch.GetTimestamp();
        await run.Peer.SendAsync(WireFrame.OfBinary(message));
        await run.WaitAsync(() => !run.Peer.IsOpen || run.Peer.EventCount > 0, run.Options.SlowReading * 2);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (run.Peer is { IsOpen: false, EventCount: 0 })
        {
            run.Decide(
                Verdict.NonStrict,
                $"The peer ended the connection after {seconds:F0} s, when {run.Peer.ReceivedPayloadBytes} octets had been read."
            );
            await run.Peer.DropAsync();
            return;
        }

        run.ExpectOk(PeerEvent.Binary(message));
    }

    private static ConformanceCase Case(string id, string description, string expectation, Func<CaseRun, Task> script) =>
        new(id, description, expectation, script)
        {
            Section = "RFC 6455 §7.1.1, §5.5.2",
            EndsStream = true,
            TimeLimit = TimeSpan.FromMinutes(4),
        };
}
