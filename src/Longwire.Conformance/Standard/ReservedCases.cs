namespace Longwire.Conformance;

/// <summary>3.* and 4.*: reserved bits and reserved opcodes.</summary>
internal static class ReservedCases
{
    private const string Hello = "Hello, world!";

    public static IEnumerable<ConformanceCase> All() => [.. Bits(), .. Opcodes("4.1", 3), .. Opcodes("4.2", 11)];

    private static IEnumerable<ConformanceCase> Bits()
    {
        byte[] octets = [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF];
        const string Failed = "Failed with 1002: no extension gives these bits a meaning.";
        const string Echo = "The first text comes back, then the connection is failed with 1002; no pong.";
        PeerEvent echo = PeerEvent.Text(Hello);

        yield return new("3.1", "Text with RSV=1.", Failed, Scripts.Fails(1002, [WireFrame.OfText(Hello, rsv: 1)]));
        yield return new(
            "3.2",
            "Text, text with RSV=2, ping.",
            Echo,
            Scripts.FailsAfterEcho(1002, echo, [WireFrame.OfText(Hello), WireFrame.OfText(Hello, rsv: 2), WireFrame.OfPing()])
        );
        yield return new(
            "3.3",
            "Text, text with RSV=3, ping, frame by frame.",
            Echo,
            Scripts.FailsAfterEcho(1002, echo, [WireFrame.OfText(Hello), WireFrame.OfText(Hello, rsv: 3), WireFrame.OfPing()], Chops.Frames)
        );
        yield return new(
            "3.4",
            "Text, text with RSV=4, ping, octet by octet.",
            Echo,
            Scripts.FailsAfterEcho(1002, echo, [WireFrame.OfText(Hello), WireFrame.OfText(Hello, rsv: 4), WireFrame.OfPing()], Chops.Octets)
        );
        yield return new("3.5", "Binary with RSV=5.", Failed, Scripts.Fails(1002, [new(WireFrame.Binary, octets, Rsv: 5)]));
        yield return new("3.6", "Ping with RSV=6.", Failed, Scripts.Fails(1002, [WireFrame.OfPing(Hello) with { Rsv = 6 }]));
        yield return new("3.7", "Close with RSV=7.", Failed, RefusesClose);
    }

    private static IEnumerable<ConformanceCase> Opcodes(string id, byte first)
    {
        const string Failed = "Failed with 1002: the opcode is reserved.";
        const string Echo = "The first text comes back, then the connection is failed with 1002; no pong.";
        PeerEvent echo = PeerEvent.Text(Hello);
        byte[] payload = "reserved opcode payload"u8.ToArray();
        byte[] hello = "Hello, world!"u8.ToArray();

        yield return new($"{id}.1", $"Opcode {first}, empty.", Failed, Scripts.Fails(1002, [new(first, default)]));
        yield return new($"{id}.2", $"Opcode {first + 1} with payload.", Failed, Scripts.Fails(1002, [new((byte)(first + 1), payload)]));
        yield return new(
            $"{id}.3",
            $"Text, opcode {first + 2}, ping.",
            Echo,
            Scripts.FailsAfterEcho(1002, echo, [WireFrame.OfText(Hello), new((byte)(first + 2), default), WireFrame.OfPing()])
        );
        yield return new(
            $"{id}.4",
            $"Text, opcode {first + 3} with payload, ping.",
            Echo,
            Scripts.FailsAfterEcho(1002, echo, [WireFrame.OfText(Hello), new((byte)(first + 3), hello), WireFrame.OfPing()])
        );
        yield return new(
            $"{id}.5",
            $"Text, opcode {first + 4} with payload, ping, octet by octet.",
            Echo,
            Scripts.FailsAfterEcho(1002, echo, [WireFrame.OfText(Hello), new((byte)(first + 4), hello), WireFrame.OfPing()], Chops.Octets)
        );
    }

    // The suite's frame is a wrong one, so its Close does not count as the beginning of a closing handshake.
    private static async Task RefusesClose(CaseRun run)
    {
        run.ExpectOk();
        run.Close = CloseExpectation.ByPeer(1002);
        await run.Peer.SendOctetsAsync(run.Peer.Encode(new WireFrame(WireFrame.Close, default, Rsv: 7)), "close with RSV=7");
    }
}
