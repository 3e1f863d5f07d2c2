namespace Longwire.Conformance;

/// <summary>2.*: pings and pongs.</summary>
internal static class PingCases
{
    public static IEnumerable<ConformanceCase> All()
    {
        byte[] odd = [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF];
        byte[] longest = EchoCases.Filled(125, 0xFE);
        WireFrame[] ten = [.. Enumerable.Range(0, 10).Select(i => WireFrame.OfPing($"payload-{i}"))];
        PeerEvent[] tenPongs = [.. Enumerable.Range(0, 10).Select(i => PeerEvent.Pong($"payload-{i}"))];
        const string Same = "A pong with the same payload; normal close.";

        yield return new("2.1", "Empty ping.", Same, Scripts.Answers([WireFrame.OfPing()], Chops.Whole, PeerEvent.Pong()));
        yield return new(
            "2.2",
            "Ping with text.",
            Same,
            Scripts.Answers([WireFrame.OfPing("Hello, world!")], Chops.Whole, PeerEvent.Pong("Hello, world!"))
        );
        yield return new(
            "2.3",
            "Ping with octets that are not UTF-8.",
            Same,
            Scripts.Answers([new(WireFrame.Ping, odd)], Chops.Whole, PeerEvent.Pong(odd))
        );
        yield return new(
            "2.4",
            "Ping of 125 octets.",
            Same,
            Scripts.Answers([new(WireFrame.Ping, longest)], Chops.Whole, PeerEvent.Pong(longest))
        );
        yield return new(
            "2.5",
            "Ping of 126 octets.",
            "Failed with 1002: a control frame has at most 125.",
            Scripts.Fails(1002, [new(WireFrame.Ping, EchoCases.Filled(126, 0xFE))])
        );
        yield return new(
            "2.6",
            "Ping of 125 octets, octet by octet.",
            Same,
            Scripts.Answers([new(WireFrame.Ping, longest)], Chops.Octets, PeerEvent.Pong(longest))
        );
        yield return new("2.7", "A pong that nobody asked for, empty.", "Nothing; normal close.", Unasked(""));
        yield return new(
            "2.8",
            "A pong that nobody asked for, with payload.",
            "Nothing; normal close.",
            Unasked("unsolicited pong payload")
        );
        yield return new(
            "2.9",
            "A pong that nobody asked for, then a ping.",
            "One pong, for the ping; normal close.",
            Scripts.Answers(
                [WireFrame.OfPong("unsolicited pong payload"), WireFrame.OfPing("ping payload")],
                Chops.Whole,
                PeerEvent.Pong("ping payload")
            )
        );
        yield return new("2.10", "Ten pings.", "Ten pongs in their order; normal close.", Scripts.Answers(ten, Chops.Whole, tenPongs));
        yield return new(
            "2.11",
            "Ten pings, octet by octet.",
            "Ten pongs in their order; normal close.",
            Scripts.Answers(ten, Chops.Octets, tenPongs)
        );
    }

    private static Func<CaseRun, Task> Unasked(string payload) =>
        async run =>
        {
            run.ExpectOk();
            await run.Peer.SendAsync(WireFrame.OfPong(payload));
            await run.PauseAsync();
        };
}
