using System.Diagnostics;
using System.Globalization;

namespace Longwire.Conformance;

/// <summary>The steps that the cases about ways to end share.</summary>
internal static class Ends
{
    public static WireFrame[] Texts(int count) =>
        [.. Enumerable.Range(1, count).Select(i => WireFrame.OfText(string.Create(CultureInfo.InvariantCulture, $"text {i}")))];

    /// <summary>Messages that differ from each other.</summary>
    public static WireFrame[] Binaries(int count, int size) =>
        [.. Enumerable.Range(1, count).Select(i => WireFrame.OfBinary(EchoCases.Filled(size, (byte)i)))];

    /// <summary>The bytes that an echo sends back for frames that are whole messages.</summary>
    public static PeerEvent[] EchoOf(IEnumerable<WireFrame> frames) =>
        [
            .. frames
                .Where(f => f is { Fin: true, Opcode: WireFrame.Text or WireFrame.Binary })
                .Select(f => f.Opcode == WireFrame.Text ? PeerEvent.Text(f.Payload.ToArray()) : PeerEvent.Binary(f.Payload.ToArray())),
        ];

    /// <summary>
    /// Waits until the peer has ended, and judges an end that had no Close frame of the suite's: RFC 6455 leaves open what a peer still
    /// sends then, and whether it is a Close. To send back what had come whole is right, less of it is not strict.
    /// </summary>
    public static async Task JudgeEndWithoutCloseAsync(CaseRun run, PeerEvent[] echo)
    {
        long started = Stopwatch.GetTimestamp();
        bool ended = await run.WaitAsync(() => run.Peer.HasEnded, run.Options.GiveUpWait);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        IReadOnlyList<PeerEvent> events = run.Peer.Events;
        bool inOrder = events.Count <= echo.Length && events.SequenceEqual(echo.Take(events.Count));
        (Verdict verdict, string detail) =
            run.Peer.Violation is { } violation ? (Verdict.Failed, violation)
            : !inOrder ? (Verdict.Failed, $"Expected {CaseJudge.Describe(echo)}, got {CaseJudge.Describe(events)}.")
            : events.Count < echo.Length ? (Verdict.NonStrict, $"{events.Count} of {echo.Length} messages came back.")
            : !ended ? (Verdict.NonStrict, $"The peer still held TCP open {seconds:F0} s after the end of the suite's output.")
            : run.Peer.Ending == PeerEnding.ByReset
                ? (Verdict.NonStrict, "All came back, but the peer reset the connection rather than to end it in order.")
            : (Verdict.Ok, "As expected.");
        run.Decide(verdict, detail);
        await run.Peer.DropAsync();
    }
}
