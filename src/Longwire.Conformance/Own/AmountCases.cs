using System.Diagnostics;

namespace Longwire.Conformance;

/// <summary>20.8: too much of something: fragments, octets, and octets that come out of few.</summary>
internal static class AmountCases
{
    private const int Mebi = 1 << 20;
    private static readonly TimeSpan _timeLimit = TimeSpan.FromSeconds(90);

    private static CloseExpectation TooMany { get; } = CloseExpectation.ByPeer(1008) with { Tolerated = [1002, 1009, 1013] };

    private static CloseExpectation TooBig { get; } = CloseExpectation.ByPeer(1009) with { Tolerated = [1002, 1008, 1013] };

    public static IEnumerable<ConformanceCase> All() => [.. Fragments(), .. Octets(), .. Bombs()];

    private static IEnumerable<ConformanceCase> Fragments()
    {
        const string Failed = "Failed with 1008 before the millionth; no limit is not strict.";
        yield return Attack(
            "20.8.1",
            "A million empty fragments.",
            Failed,
            run => EndlessAsync(run, WireFrame.OfContinuation([], false), 1_000_000, TooMany)
        );
        yield return Attack(
            "20.8.2",
            "A million fragments of one octet.",
            Failed,
            run => EndlessAsync(run, WireFrame.OfContinuation("x", false), 1_000_000, TooMany)
        );
        yield return Attack(
            "20.8.3",
            "65,536 fragments of one octet: many, but no attack.",
            "The message comes back; a lower limit is not strict.",
            async run =>
            {
                byte[] payload = EchoCases.Filled(65536, (byte)'*');
                run.ExpectOk(PeerEvent.Text(payload));
                await run.Peer.SendAsync(WireFrame.Fragments(WireFrame.Text, payload, 1), Chops.Whole);
                await run.WaitAsync(() => !run.Peer.IsOpen || run.Peer.EventCount > 0, TimeSpan.FromSeconds(30));
                if (run.Peer.CloseCode is 1008 or 1009)
                {
                    run.Decide(Verdict.NonStrict, $"The peer's limit is below that: closed with {run.Peer.CloseCode}.");
                }
            }
        );
    }

    private static IEnumerable<ConformanceCase> Octets()
    {
        const string Failed = "Failed with 1009 as soon as the limit is passed; no limit is not strict.";
        yield return Attack(
            "20.8.10",
            "128 MiB in fragments of 1 MiB, without an end.",
            Failed,
            run => EndlessAsync(run, new(WireFrame.Continuation, EchoCases.Filled(Mebi, 0xFE), Fin: false), 128, TooBig)
        );
        yield return Attack(
            "20.8.11",
            "A frame of 4 GiB, announced, of which 128 MiB come.",
            Failed,
            async run =>
            {
                run.Peer.DiscardMessages = true;
                run.ExpectOk();
                run.Expect(Verdict.NonStrict, "No limit was seen.", []);
                run.Close = TooBig;
                byte[] head = run.Peer.Encode(new WireFrame(WireFrame.Binary, default) { AnnouncedLength = 1UL << 32, LengthBits = 64 });
                await run.Peer.SendOctetsAsync(head, "the header of a frame of 4 GiB");
                byte[] part = new byte[Mebi];
                for (int index = 0; index < 128 && run.Peer.IsOpen; index++)
                {
                    await run.Peer.SendOctetsAsync(part, "a part of it");
                }

                await run.PauseAsync();
                if (run.Peer.IsOpen)
                {
                    run.Decide(Verdict.NonStrict, "No limit was seen in 128 MiB.");
                    await run.Peer.DropAsync();
                }
            }
        );
    }

    private static IEnumerable<ConformanceCase> Bombs()
    {
        const string Failed = "Failed with 1009 when the limit is passed, not after all is inflated; no limit is not strict.";
        yield return Bomb("20.8.20", "A bomb: 1 MiB that inflates to 1 GiB.", Failed, fragmentSize: 0);
        yield return Bomb("20.8.21", "A bomb in fragments of 4 KiB.", Failed, fragmentSize: 4096);
    }

    private static ConformanceCase Bomb(string id, string description, string expectation, int fragmentSize) =>
        new(id, description, expectation, run => BombAsync(run, fragmentSize))
        {
            Deflate = new(new DeflateOffer(false, 0)),
            Load = CaseLoad.Alone,
            ProbeAfterwards = true,
            Section = "RFC 7692 §8",
            TimeLimit = _timeLimit,
        };

    private static async Task BombAsync(CaseRun run, int fragmentSize)
    {
        byte[] bomb = BombData();
        run.ExpectOk();
        run.Close = TooBig;
        run.Peer.DiscardMessages = true;
        long started = Stopwatch.GetTimestamp();
        Task sending = run.Peer.SendAsync(
            WireFrame.Fragments(WireFrame.Binary, bomb, fragmentSize == 0 ? int.MaxValue : fragmentSize, firstRsv: 4),
            Chops.Whole
        );
        bool ended = await run.WaitAsync(() => !run.Peer.IsOpen || run.Peer.EventCount > 0, run.Options.GiveUpWait);
        TimeSpan taken = Stopwatch.GetElapsedTime(started);
        run.Log.Note(
            $"{(ended ? "answered" : "no end")} after {taken.TotalMilliseconds:F0} ms; {run.Peer.ReceivedPayloadBytes} octets came back"
        );
        if (!ended || run.Peer.IsOpen)
        {
            run.Decide(Verdict.NonStrict, "No limit was seen: the peer inflates all of it.");
            await run.Peer.DropAsync();
        }

        await sending;
    }

    // 1 MiB of zeros compressed with a flush that forgets the window, over and over: each part is good behind each other.
    private static byte[] BombData()
    {
        using DeflateEncoder encoder = new(15, noContextTakeover: true, level: 9);
        byte[] part = [.. encoder.Compress(new byte[Mebi]), 0, 0, 0xFF, 0xFF];
        List<byte> bomb = new(part.Length * 1024);
        for (int index = 0; index < 1024; index++)
        {
            bomb.AddRange(part);
        }

        bomb.Add(0);
        return [.. bomb];
    }

    private static async Task EndlessAsync(CaseRun run, WireFrame fragment, int count, CloseExpectation close)
    {
        run.Peer.DiscardMessages = true;
        run.ExpectOk();
        run.Close = close;
        await run.Peer.SendAsync(WireFrame.OfBinary([], fin: false));
        const int AtOnce = 1000;
        byte[] octets = run.Peer.Encode([
            .. Enumerable.Repeat(fragment, Math.Min(AtOnce, Math.Max(1, Mebi / Math.Max(1, fragment.Payload.Length)))),
        ]);
        int each = Math.Min(AtOnce, Math.Max(1, Mebi / Math.Max(1, fragment.Payload.Length)));
        for (int sent = 0; sent < count && run.Peer.IsOpen; sent += each)
        {
            await run.Peer.SendOctetsAsync(octets, $"{each} fragments");
        }

        await run.PauseAsync();
        if (!run.Peer.IsOpen)
        {
            return;
        }

        run.Decide(Verdict.NonStrict, $"No limit was seen in {count} fragments.");
        await run.Peer.DropAsync();
    }

    private static ConformanceCase Attack(string id, string description, string expectation, Func<CaseRun, Task> script) =>
        new(id, description, expectation, script)
        {
            Load = CaseLoad.Alone,
            ProbeAfterwards = true,
            Section = "RFC 6455 §10.4",
            TimeLimit = _timeLimit,
        };
}
