namespace Longwire.Conformance;

/// <summary>Many messages one after the other: each is sent when the one before has come back.</summary>
internal static class Conversation
{
    public static async Task HoldAsync(CaseRun run, int count, Func<int, byte[]> next, byte kind, Func<byte[], Task> send)
    {
        PeerEventKind wanted = kind == WireFrame.Text ? PeerEventKind.Text : PeerEventKind.Binary;
        byte[] expected = [];
        string? fault = null;
        int received = 0;
        using SemaphoreSlim answered = new(0);
        run.Peer.OnMessage = message =>
        {
            if (message.Kind != wanted || !message.Payload.AsSpan().SequenceEqual(expected))
            {
                fault ??= $"Message {received + 1} of {count} came back as {message}, sent was {new PeerEvent(wanted, expected)}.";
            }

            received++;
            answered.Release();
        };

        for (int index = 0; index < count && fault is null; index++)
        {
            expected = next(index);
            await send(expected);
            while (!await answered.WaitAsync(TimeSpan.FromMilliseconds(500), run.Limit))
            {
                if (!run.Peer.IsOpen || run.Peer.Violation is not null)
                {
                    fault ??= $"The connection ended after {received} of {count} messages.";
                    break;
                }
            }
        }

        run.ExpectOk();
        run.DecideBehaviour(fault is null ? Verdict.Ok : Verdict.Failed, fault ?? $"{count} messages came back.");
        run.Peer.OnMessage = _ => run.DecideBehaviour(Verdict.Failed, "More messages came back than were sent.");
    }
}
