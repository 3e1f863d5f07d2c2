namespace Longwire.Conformance;

/// <summary>20.10: UTF-8 across fragments and chops, and faults that can be seen before the message is whole.</summary>
internal static class TextRuleCases
{
    private const string Section = "RFC 6455 §8.1";

    private static CloseExpectation Refused { get; } = CloseExpectation.ByPeer(1007) with { WrongEndIsFatal = true };

    public static IEnumerable<ConformanceCase> All()
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes("κόσμε 𐍈 € ü");
        yield return new(
            "20.10.1",
            "Text of one to four octets a character, in two fragments, split at every octet in turn.",
            "Each text comes back.",
            Scripts.Answers(
                [
                    .. Enumerable
                        .Range(1, text.Length - 1)
                        .SelectMany(i => (WireFrame[])[WireFrame.OfText(text[..i], fin: false), WireFrame.OfContinuation(text[i..], true)]),
                ],
                Chops.Whole,
                [.. Enumerable.Repeat(PeerEvent.Text(text), text.Length - 1)]
            )
        )
        {
            Section = Section,
        };
        yield return new(
            "20.10.2",
            "Octets that are not UTF-8, as binary.",
            "They come back.",
            Scripts.Answers([WireFrame.OfBinary(Utf8Samples.Surrogate)], Chops.Whole, PeerEvent.Binary(Utf8Samples.Surrogate))
        )
        {
            Section = Section,
        };
        yield return new(
            "20.10.3",
            "A mebibyte of text with characters of three octets, in chops of 1021.",
            "It comes back.",
            async run =>
            {
                byte[] large = new byte[3 * 349_525];
                for (int index = 0; index < large.Length; index += 3)
                {
                    (large[index], large[index + 1], large[index + 2]) = (0xE2, 0x82, (byte)(0x80 + (index / 3 % 64)));
                }

                run.ExpectOk(PeerEvent.Text(large));
                await run.Peer.SendAsync([WireFrame.OfText(large)], Chops.Of(1021));
            }
        )
        {
            Section = Section,
            Load = CaseLoad.Heavy,
        };
        yield return new(
            "20.10.4",
            "The first kibibyte of a frame of 256 KiB, with a wrong octet in it.",
            "Failed with 1007 at once, not when the frame is whole.",
            async run =>
            {
                byte[] large = EchoCases.Filled(256 * 1024, (byte)'*');
                large[700] = 0xFF;
                await InTwoPartsAsync(run, run.Peer.Encode(WireFrame.OfText(large)), 1024);
            }
        )
        {
            Section = Section,
        };
        yield return new(
            "20.10.5",
            "A first fragment with a wrong octet in it; the last one comes after 1 s.",
            "Failed with 1007 at once.",
            async run =>
            {
                byte[] first = run.Peer.Encode(WireFrame.OfText([.. "Hello"u8, 0xC0, 0xAF], fin: false));
                await InTwoPartsAsync(run, [.. first, .. run.Peer.Encode(WireFrame.OfContinuation("world", true))], first.Length);
            }
        )
        {
            Section = Section,
        };
        yield return new(
            "20.10.6",
            "A text that ends within a character, in an empty last fragment.",
            "Failed with 1007.",
            async run =>
            {
                run.ExpectOk();
                run.Close = Refused;
                await run.Peer.SendAsync(WireFrame.OfText([0xE2, 0x82], fin: false), WireFrame.OfContinuation([], true));
            }
        )
        {
            Section = Section,
        };
        yield return new(
            "20.10.7",
            "A text that ends within a character, then one that begins with the rest.",
            "Failed with 1007: a character does not go across messages.",
            async run =>
            {
                run.ExpectOk();
                run.Close = Refused;
                await run.Peer.SendAsync(WireFrame.OfText([0xE2, 0x82]), WireFrame.OfText([0xAC]));
            }
        )
        {
            Section = Section,
        };
        yield return new(
            "20.10.8",
            "A ping between the octets of a character.",
            "The pong, then the text.",
            Scripts.Answers(
                [
                    WireFrame.OfText([0xE2, 0x82], fin: false),
                    new(WireFrame.Ping, new byte[] { 0xFF }),
                    WireFrame.OfContinuation([0xAC], true),
                ],
                Chops.Whole,
                PeerEvent.Pong(new byte[] { 0xFF }),
                PeerEvent.Text("€")
            )
        )
        {
            Section = Section,
        };
    }

    private static async Task InTwoPartsAsync(CaseRun run, byte[] octets, int first)
    {
        run.ExpectOk();
        run.Expect(Verdict.NonStrict, "The fault was found only when more had come.", PeerEvent.Pause("A"));
        run.Close = Refused;
        await run.Peer.SendOctetsAsync(octets.AsMemory(0, first), "the first part, with a wrong octet");
        await run.PauseAsync();
        if (!run.Peer.IsOpen)
        {
            return;
        }

        run.Peer.AddPause("A");
        await run.Peer.SendOctetsAsync(octets.AsMemory(first), "the rest");
    }
}
