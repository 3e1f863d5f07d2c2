using System.Diagnostics;
using System.Text;

namespace Longwire.Conformance;

/// <summary>20.9: peers that send without an end, that never read, or that send in drops.</summary>
internal static class FloodCases
{
    public static IEnumerable<ConformanceCase> All()
    {
        yield return Alone(
            "20.9.1",
            "100,000 pings of 125 octets, read only afterwards.",
            "The newest ping is answered, and a message after it; older pongs may be left out.",
            PingFloodAsync
        );
        yield return Alone(
            "20.9.2",
            "64 MiB of messages, and nothing of the echo is read.",
            "The peer stops reading when its bounded queue is full; to take it all is not strict. Afterwards all or nothing comes back.",
            NeverReadsAsync
        );
        yield return Alone(
            "20.9.3",
            "A text of 64 KiB in drops of one octet.",
            "The text comes back, in linear time.",
            async run =>
            {
                byte[] payload = EchoCases.Filled(65536, (byte)'*');
                run.ExpectOk(PeerEvent.Text(payload));
                await run.Peer.SendAsync([WireFrame.OfText(payload)], Chops.Octets);
                await run.WaitAsync(() => !run.Peer.IsOpen || run.Peer.EventCount > 0, TimeSpan.FromSeconds(20));
            }
        );
        yield return Alone(
            "20.9.4",
            "50 connections that stop in the middle of a frame's header.",
            "Others are served as before.",
            run => StopInAsync(run, 3)
        );
        yield return Alone(
            "20.9.5",
            "50 connections that stop in the middle of a payload.",
            "Others are served as before.",
            run => StopInAsync(run, 40)
        );
        yield return Alone(
            "20.9.6",
            "100,000 pongs that nobody asked for.",
            "Nothing; the connection works as before.",
            async run =>
            {
                run.ExpectOk(PeerEvent.Text("Hello"));
                byte[] octets = run.Peer.Encode([.. Enumerable.Repeat(WireFrame.OfPong("unasked"), 1000)]);
                for (int index = 0; index < 100 && run.Peer.IsOpen; index++)
                {
                    await run.Peer.SendOctetsAsync(octets, "1000 pongs");
                }

                await run.Peer.SendAsync(WireFrame.OfText("Hello"));
            }
        );
        yield return Alone(
            "20.9.7",
            "100,000 empty messages.",
            "Each comes back.",
            async run =>
            {
                byte[] octets = run.Peer.Encode([.. Enumerable.Repeat(WireFrame.OfText(""), 1000)]);
                int count = 0;
                run.Peer.OnMessage = message => count += message.Payload.Length == 0 ? 1 : int.MinValue / 2;
                for (int index = 0; index < 100 && run.Peer.IsOpen; index++)
                {
                    await run.Peer.SendOctetsAsync(octets, "1000 empty texts");
                }

                await run.WaitAsync(() => count is >= 100_000 or < 0 || !run.Peer.IsOpen, TimeSpan.FromSeconds(30));
                run.DecideBehaviour(count == 100_000 ? Verdict.Ok : Verdict.Failed, $"{count} came back.");
            }
        );
    }

    private static async Task PingFloodAsync(CaseRun run)
    {
        run.Peer.PauseReading();
        const int Total = 100_000;
        string filler = new('.', 119);
        for (int sent = 0; sent < Total && run.Peer.IsOpen; sent += 1000)
        {
            Task sending = run.Peer.SendOctetsAsync(
                run.Peer.Encode([.. Enumerable.Range(sent, 1000).Select(i => WireFrame.OfPing($"{i:D6}{filler}"))]),
                "1000 pings"
            );
            if (await Task.WhenAny(sending, Task.Delay(run.Options.Pause, run.Limit)) != sending)
            {
                // The peer has stopped to read until we do: that is its right, and the flood is over when we do.
                run.Log.Note("the peer no longer reads; the suite reads again");
                run.Peer.ResumeReading();
            }

            await sending;
        }

        run.Peer.ResumeReading();
        await run.Peer.SendAsync(WireFrame.OfText("Hello"));
        await run.WaitAsync(() => !run.Peer.IsOpen || run.Peer.Events.Any(e => e.Kind == PeerEventKind.Text), TimeSpan.FromSeconds(20));
        if (!run.Peer.IsOpen)
        {
            run.Decide(
                Verdict.NonStrict,
                $"The peer ended the connection after {run.Peer.EventCount} pongs: its policy, but pings are no fault of their sender."
            );
            return;
        }

        int last = -1;
        bool inOrder = true;
        bool echoed = false;
        int pongs = 0;
        foreach (PeerEvent happened in run.Peer.Events)
        {
            if (happened.Kind != PeerEventKind.Pong)
            {
                echoed = happened == PeerEvent.Text("Hello");
                continue;
            }

            pongs++;
            inOrder &=
                int.TryParse(Encoding.ASCII.GetString(happened.Payload, 0, Math.Min(6, happened.Payload.Length)), out int number)
                && number > last;
            last = inOrder ? number : last;
        }

        string seen = $"{pongs} pongs, the last for ping {last + 1} of {Total}.";
        run.DecideBehaviour(
            inOrder && echoed && last == Total - 1 ? Verdict.Ok : Verdict.Failed,
            $"{seen}{(inOrder ? "" : " Not in order.")}{(echoed ? "" : " The message after them did not come back.")}"
        );
    }

    private static async Task NeverReadsAsync(CaseRun run)
    {
        run.Peer.PauseReading();
        run.Peer.DiscardMessages = true;
        byte[] message = run.Peer.Encode(WireFrame.OfBinary(EchoCases.Filled(65536, 0xFE)));
        const int Total = 1024;
        int sent = 0;
        bool stopped = false;
        for (; sent < Total && run.Peer.IsOpen; sent++)
        {
            Task sending = run.Peer.SendOctetsAsync(message, "a message of 64 KiB");
            if (await Task.WhenAny(sending, Task.Delay(run.Options.Pause, run.Limit)) != sending)
            {
                stopped = true;
                run.Peer.ResumeReading();
                await sending;
                sent++;
                break;
            }
        }

        run.Peer.ResumeReading();
        await run.WaitAsync(() => !run.Peer.IsOpen || run.Peer.EventCount >= sent, TimeSpan.FromSeconds(20));
        string seen =
            $"{sent} messages of 64 KiB were taken{(stopped ? " before the peer stopped reading" : "")}; {run.Peer.EventCount} came back.";
        if (!run.Peer.IsOpen)
        {
            // To cut off a reader that does not read is a policy that a server may have.
            run.Decide(Verdict.Ok, $"The peer ended the connection. {seen}");
            return;
        }

        run.DecideBehaviour(
            run.Peer.EventCount < sent ? Verdict.Failed
                : stopped ? Verdict.Ok
                : Verdict.NonStrict,
            seen
        );
    }

    private static async Task StopInAsync(CaseRun run, int octets)
    {
        byte[] frame = run.Peer.Encode(WireFrame.OfBinary(EchoCases.Filled(70_000, 1)));
        List<Peer> peers = [];
        for (int index = 0; index < 50; index++)
        {
            if (await run.OpenAsync(run.NewRequest()) is not { } peer)
            {
                return;
            }

            peers.Add(peer);
            await peer.SendOctetsAsync(frame.AsMemory(0, octets), "the start of a frame");
        }

        long started = Stopwatch.GetTimestamp();
        if (await run.OpenAsync(run.NewRequest()) is not { } ordinary)
        {
            return;
        }

        run.ExpectOk(PeerEvent.Text("Hello"));
        await ordinary.SendAsync(WireFrame.OfText("Hello"));
        await run.ConcludeAsync();
        run.Log.Note($"an ordinary connection was served in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms beside them");
        foreach (Peer peer in peers)
        {
            await peer.DisposeAsync();
        }
    }

    private static ConformanceCase Alone(string id, string description, string expectation, Func<CaseRun, Task> script) =>
        new(id, description, expectation, script)
        {
            Load = CaseLoad.Alone,
            ProbeAfterwards = true,
            Section = "RFC 6455 §10.4",
            TimeLimit = TimeSpan.FromSeconds(90),
            Subjects = id is "20.9.4" or "20.9.5" ? Subjects.Server : Subjects.All,
        };
}
