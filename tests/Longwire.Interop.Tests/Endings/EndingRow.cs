using Longwire.Conformance;

namespace Longwire.Interop.Tests.Endings;

/// <summary>One way to end: what the application does, by the name of its endpoint, and what its peer does.</summary>
internal sealed record EndingRow(string Name, string Application, Func<Peer, Task> Peer)
{
    private const int Messages = 10;

    private static readonly WireFrame _close = WireFrame.OfClose(1000);

    /// <summary>All, by the names that stand in docs/ENDINGS.md.</summary>
    public static IReadOnlyDictionary<string, EndingRow> All { get; } =
        new EndingRow[]
        {
            new("Close", "answers", peer => peer.SendAsync(_close)),
            new("empty Close", "answers", peer => peer.SendAsync(new WireFrame(WireFrame.Close, default))),
            new("messages, Close", "answers", peer => peer.SendAsync([.. Texts(), _close])),
            new("messages, Close and FIN at once", "answers", peer => peer.SendAndEndAsync([.. Texts(), _close])),
            new("messages and FIN at once", "answers", peer => peer.SendAndEndAsync(Texts())),
            new(
                "messages, their answers, FIN",
                "answers",
                async peer =>
                {
                    await SendAndReadAnswersAsync(peer);
                    await peer.EndOutputAsync();
                }
            ),
            new("messages, half a message, Close", "answers", peer => peer.SendAsync([.. Texts(), Half(), _close])),
            new("messages, half a message and FIN at once", "answers", peer => peer.SendAndEndAsync([.. Texts(), Half()])),
            new("Close, messages", "answers", peer => peer.SendAsync([_close, .. Texts()])),
            new("Close 1000, Close 4001", "answers", peer => peer.SendAsync(_close, WireFrame.OfClose(4001))),
            new("messages, a frame against the rules", "answers", peer => peer.SendAsync([.. Texts(), WireFrame.OfText("x", rsv: 2)])),
            new(
                "messages and a reset at once",
                "answers",
                async peer =>
                {
                    peer.PauseReading();
                    await peer.SendAsync(Texts());
                    await peer.ResetAsync();
                }
            ),
            new(
                "messages, their answers, reset",
                "answers",
                async peer =>
                {
                    await SendAndReadAnswersAsync(peer);
                    await peer.ResetAsync();
                }
            ),
            new(
                "messages, Close, its answer, reset",
                "answers",
                async peer =>
                {
                    await peer.SendAsync([.. Texts(), _close]);
                    await UntilAsync(peer, () => peer.CloseReceived);
                    await peer.ResetAsync();
                }
            ),
            new("messages; it closes; the peer answers", "closes", SendAndReadAnswersAsync),
            new(
                "messages; it closes; the peer answers with 1001",
                "closes",
                async peer =>
                {
                    peer.Habits = SuiteHabits.LeavesCloseUnanswered;
                    await SendAndReadAnswersAsync(peer);
                    await UntilAsync(peer, () => peer.CloseReceived);
                    await peer.SendAsync(WireFrame.OfClose(1001));
                }
            ),
            new(
                "messages; it closes; the peer sends more and answers",
                "closes",
                async peer =>
                {
                    peer.Habits = SuiteHabits.LeavesCloseUnanswered;
                    await SendAndReadAnswersAsync(peer);
                    await UntilAsync(peer, () => peer.CloseReceived);
                    await peer.SendAsync([.. Texts(), WireFrame.OfClose(4000)]);
                }
            ),
            new(
                "messages; it closes; FIN without an answer",
                "closes",
                async peer =>
                {
                    peer.Habits = SuiteHabits.LeavesCloseUnanswered;
                    await SendAndReadAnswersAsync(peer);
                    await UntilAsync(peer, () => peer.CloseReceived);
                    await peer.EndOutputAsync();
                }
            ),
            new(
                "messages; it closes; reset without an answer",
                "closes",
                async peer =>
                {
                    peer.Habits = SuiteHabits.LeavesCloseUnanswered;
                    await SendAndReadAnswersAsync(peer);
                    await UntilAsync(peer, () => peer.CloseReceived);
                    await peer.ResetAsync();
                }
            ),
            new(
                "messages; it closes; nothing",
                "closes-hastily",
                async peer =>
                {
                    peer.Habits = SuiteHabits.LeavesCloseUnanswered;
                    await SendAndReadAnswersAsync(peer);
                }
            ),
            new("messages; it throws", "throws", SendAndReadAnswersAsync),
            new("messages; it aborts", "aborts", SendAndReadAnswersAsync),
            new(
                "it sends 64 × 64 KiB and closes; the peer reads at 8 MB/s",
                "sends",
                peer =>
                {
                    peer.ReadSlowly(8_000_000);
                    return peer.SendAsync(WireFrame.OfText("begin"));
                }
            ),
        }.ToDictionary(row => row.Name);

    public static async Task UntilAsync(Peer peer, Func<bool> condition) =>
        Assert.True(
            await peer.Pulse.WaitAsync(() => condition() || peer.HasEnded, Patience.Long, TestContext.Current.CancellationToken),
            $"Waited in vain:\n{string.Join('\n', peer.Log.Lines())}"
        );

    private static WireFrame[] Texts() => [.. Enumerable.Range(1, Messages).Select(i => WireFrame.OfText($"text {i}"))];

    private static WireFrame Half() => WireFrame.OfText("unfinished", fin: false);

    private static async Task SendAndReadAnswersAsync(Peer peer)
    {
        await peer.SendAsync(Texts());
        await UntilAsync(peer, () => peer.EventCount >= Messages);
    }
}
