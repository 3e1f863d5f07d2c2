namespace Longwire.Conformance;

/// <summary>5.*: messages in fragments, control frames between them, continuations without a message.</summary>
internal static class FragmentCases
{
    private const string Both = "fragment1fragment2";
    private static readonly (string Name, Chops Chops)[] _chops =
    [
        ("in one write", Chops.Whole),
        ("frame by frame", Chops.Frames),
        ("octet by octet", Chops.Octets),
    ];

    public static IEnumerable<ConformanceCase> All() => [.. Controls(), .. Chopped(), .. Stray(), .. Slow()];

    private static IEnumerable<ConformanceCase> Controls()
    {
        const string Failed = "Failed with 1002: control frames have no fragments.";
        yield return new(
            "5.1",
            "Ping in two fragments.",
            Failed,
            Scripts.Fails(1002, [WireFrame.OfPing("fragment1") with { Fin = false }, WireFrame.OfContinuation("fragment2", true)])
        );
        yield return new(
            "5.2",
            "Pong in two fragments.",
            Failed,
            Scripts.Fails(1002, [WireFrame.OfPong("fragment1") with { Fin = false }, WireFrame.OfContinuation("fragment2", true)])
        );
    }

    private static IEnumerable<ConformanceCase> Chopped()
    {
        WireFrame first = WireFrame.OfText("fragment1", fin: false);
        WireFrame last = WireFrame.OfContinuation("fragment2", true);
        WireFrame hello = WireFrame.OfText("Hello, world!");
        WireFrame ping = WireFrame.OfPing("ping payload");
        for (int index = 0; index < 3; index++)
        {
            (string name, Chops chops) = _chops[index];
            yield return new(
                $"5.{3 + index}",
                $"Text in two fragments, {name}.",
                "The whole text comes back.",
                Scripts.Answers([first, last], chops, PeerEvent.Text(Both))
            );
            yield return new(
                $"5.{6 + index}",
                $"Text in two fragments with a ping between, {name}.",
                "The pong, then the whole text.",
                Scripts.Answers([first, ping, last], chops, PeerEvent.Pong("ping payload"), PeerEvent.Text(Both))
            );
            yield return new(
                $"5.{9 + index}",
                $"A last continuation without a message, then text, {name}.",
                "Failed with 1002.",
                Scripts.Fails(1002, [WireFrame.OfContinuation("non-continuation payload", true), hello], chops)
            );
            yield return new(
                $"5.{12 + index}",
                $"A first continuation without a message, then text, {name}.",
                "Failed with 1002.",
                Scripts.Fails(1002, [WireFrame.OfContinuation("non-continuation payload", false), hello], chops)
            );
        }
    }

    private static IEnumerable<ConformanceCase> Stray()
    {
        WireFrame first = WireFrame.OfText("fragment1", fin: false);
        WireFrame last = WireFrame.OfContinuation("fragment2", true);
        yield return new(
            "5.15",
            "Text in two fragments, a continuation without a message, text.",
            "The first text comes back, then failed with 1002.",
            Scripts.FailsAfterEcho(
                1002,
                PeerEvent.Text(Both),
                [first, last, WireFrame.OfContinuation("fragment3", false), WireFrame.OfText("fragment4")]
            )
        );
        for (int index = 0; index < 2; index++)
        {
            WireFrame[] once =
            [
                WireFrame.OfContinuation("fragment1", index == 1),
                WireFrame.OfText("fragment2", fin: false),
                WireFrame.OfContinuation("fragment3", true),
            ];
            yield return new(
                $"5.{16 + index}",
                $"Twice: a continuation (FIN={index}) without a message, text in two fragments.",
                "Failed with 1002.",
                Scripts.Fails(1002, [.. once, .. once])
            );
        }

        yield return new(
            "5.18",
            "Two fragments, the second with opcode text.",
            "Failed with 1002.",
            Scripts.Fails(1002, [first, WireFrame.OfText("fragment2")])
        );
    }

    private static IEnumerable<ConformanceCase> Slow()
    {
        for (int index = 0; index < 2; index++)
        {
            (string name, Chops chops) = _chops[index];
            yield return new(
                $"5.{19 + index}",
                $"Five fragments and two pings, with a pause of 1 s in the middle, {name}.",
                "Each pong at once, the first before the pause is over; then the whole text.",
                run => SlowAsync(run, chops)
            );
        }
    }

    private static async Task SlowAsync(CaseRun run, Chops chops)
    {
        run.ExpectOk(
            PeerEvent.Pong("pongme 1!"),
            PeerEvent.Pause("1"),
            PeerEvent.Pong("pongme 2!"),
            PeerEvent.Text("fragment1fragment2fragment3fragment4fragment5")
        );
        await run.Peer.SendAsync(
            [WireFrame.OfText("fragment1", fin: false), WireFrame.OfContinuation("fragment2", false), WireFrame.OfPing("pongme 1!")],
            chops
        );
        await run.PauseAsync();
        run.Peer.AddPause("1");
        await run.Peer.SendAsync(
            [
                WireFrame.OfContinuation("fragment3", false),
                WireFrame.OfContinuation("fragment4", false),
                WireFrame.OfPing("pongme 2!"),
                WireFrame.OfContinuation("fragment5", true),
            ],
            chops
        );
    }
}
