namespace Longwire.Conformance;

/// <summary>20.6: what RFC 7692 allows in a compressed message, and what has to be refused.</summary>
internal static class DeflateRuleCases
{
    private const string Section = "RFC 7692 §7.2";
    private static readonly DeflateTerms _terms = new(new DeflateOffer(false, 0));

    // The examples of RFC 7692 §7.2.3: "Hello".
    private static readonly byte[] _hello = Convert.FromHexString("f248cdc9c90700");
    private static readonly byte[] _again = Convert.FromHexString("f200110000");
    private static readonly byte[] _stored = Convert.FromHexString("000500faff48656c6c6f00");
    private static readonly byte[] _final = Convert.FromHexString("f348cdc9c9070000");
    private static readonly byte[] _twoBlocks = Convert.FromHexString("f24805000000ffffcac9c90700");

    private static CloseExpectation BadData { get; } = CloseExpectation.ByPeer(1007) with { Tolerated = [1002, 1003, 1011] };

    public static IEnumerable<ConformanceCase> All() => [.. Legal(), .. Bits(), .. Bad(), .. Windows()];

    private static IEnumerable<ConformanceCase> Legal()
    {
        PeerEvent hello = PeerEvent.Text("Hello");
        yield return Case("20.6.1", "RFC 7692's \"Hello\".", Scripts.Answers([Compressed(_hello)], Chops.Whole, hello));
        yield return Case(
            "20.6.2",
            "\"Hello\" in two fragments.",
            Scripts.Answers([Compressed(_hello[..3], fin: false), WireFrame.OfContinuation(_hello[3..], true)], Chops.Whole, hello)
        );
        yield return Case(
            "20.6.3",
            "\"Hello\" in a block without compression.",
            Scripts.Answers([Compressed(_stored)], Chops.Whole, hello)
        );
        yield return Case(
            "20.6.4",
            "\"Hello\" with BFINAL=1, twice.",
            Scripts.Answers([Compressed(_final), Compressed(_final)], Chops.Whole, hello, hello)
        );
        yield return Case("20.6.5", "\"Hello\" in two blocks.", Scripts.Answers([Compressed(_twoBlocks)], Chops.Whole, hello));
        yield return Case(
            "20.6.6",
            "\"Hello\" with BFINAL=1, then without.",
            Scripts.Answers([Compressed(_final), Compressed(_hello)], Chops.Whole, hello, hello)
        );
        yield return Case(
            "20.6.7",
            "A second \"Hello\" that refers to the first (context takeover).",
            async run =>
            {
                run.ExpectOk(hello, hello);
                byte[] second = run.Peer.Deflate!.SuiteNoContextTakeover ? _hello : _again;
                await run.Peer.SendAsync(Compressed(_hello), Compressed(second));
            }
        );
        yield return Case(
            "20.6.8",
            "Compressed, uncompressed, compressed.",
            Scripts.Answers([Compressed(_hello), WireFrame.OfText("Hello"), Compressed(_hello)], Chops.Whole, hello, hello, hello)
        );
        yield return Case(
            "20.6.9",
            "An empty message, compressed and not.",
            Scripts.Answers(
                [Compressed([0]), WireFrame.OfText(""), Compressed([0])],
                Chops.Octets,
                PeerEvent.Text(""),
                PeerEvent.Text(""),
                PeerEvent.Text("")
            )
        );
        yield return Case(
            "20.6.10",
            "A ping between the fragments of a compressed message.",
            Scripts.Answers(
                [Compressed(_hello[..3], fin: false), WireFrame.OfPing("between"), WireFrame.OfContinuation(_hello[3..], true)],
                Chops.Whole,
                PeerEvent.Pong("between"),
                hello
            )
        );
        yield return Case(
            "20.6.11",
            "\"Hello\" in fragments of one octet, and an empty one after each.",
            Scripts.Answers(
                [
                    .. _hello.SelectMany(
                        (octet, i) =>
                            (WireFrame[])
                                [
                                    i == 0 ? Compressed([octet], fin: false) : WireFrame.OfContinuation([octet], false),
                                    WireFrame.OfContinuation([], i == _hello.Length - 1),
                                ]
                    ),
                ],
                Chops.Whole,
                hello
            )
        );
        yield return Case(
            "20.6.12",
            "UTF-8 that is split in the compressed fragments at every octet.",
            async run =>
            {
                byte[] text = System.Text.Encoding.UTF8.GetBytes("κόσμε 𐍈 € ü");
                run.ExpectOk(PeerEvent.Text(text));
                byte[] stored = [0, (byte)text.Length, 0, (byte)~text.Length, 0xFF, .. text, 0];
                await run.Peer.SendAsync(WireFrame.Fragments(WireFrame.Text, stored, 1, firstRsv: 4), Chops.Whole);
            }
        );
        yield return Case(
            "20.6.13",
            "A distance of exactly 32,768.",
            async run =>
            {
                byte[] data = TestData.Slice(TestData.Document, 1, 32768);
                byte[] payload = [.. DeflateBlocks.Stored(data), .. DeflateBlocks.Copy(32768, 258), 0];
                byte[] expected = [.. data, .. data[..258]];
                bool small = run.Peer.Deflate!.SuiteWindowBits < 15;
                run.ExpectOk(PeerEvent.Binary(small ? data : expected));
                await run.Peer.SendAsync(
                    new WireFrame(WireFrame.Binary, small ? DeflateBlocks.Stored(data, withTail: true) : payload, Rsv: 4)
                );
            }
        );
    }

    private static IEnumerable<ConformanceCase> Bits()
    {
        CloseExpectation failed = CloseExpectation.ByPeer(1002);
        yield return Case(
            "20.6.20",
            "RSV1 on a continuation.",
            Scripts.Fails(failed, Compressed(_hello[..3], fin: false), new(WireFrame.Continuation, _hello.AsMemory(3), Rsv: 4)),
            "Failed with 1002."
        );
        yield return Case(
            "20.6.21",
            "RSV1 on a ping.",
            Scripts.Fails(failed, WireFrame.OfPing("Hello") with { Rsv = 4 }),
            "Failed with 1002."
        );
        yield return Case(
            "20.6.22",
            "RSV1 on a pong.",
            Scripts.Fails(failed, WireFrame.OfPong("Hello") with { Rsv = 4 }),
            "Failed with 1002."
        );
        yield return Case(
            "20.6.23",
            "RSV1 on a Close.",
            async run =>
            {
                run.ExpectOk();
                run.Close = failed with { WrongCodeIsFatal = true };
                await run.Peer.SendOctetsAsync(run.Peer.Encode(WireFrame.OfClose(1000) with { Rsv = 4 }), "close with RSV1");
            },
            "Failed with 1002."
        );
        yield return Case(
            "20.6.24",
            "RSV1 and RSV2 on a text.",
            Scripts.Fails(failed, new WireFrame(WireFrame.Text, _hello, Rsv: 6)),
            "Failed with 1002."
        );
        yield return Case(
            "20.6.25",
            "RSV1 and RSV3 on a text.",
            Scripts.Fails(failed, new WireFrame(WireFrame.Text, _hello, Rsv: 5)),
            "Failed with 1002."
        );
    }

    private static IEnumerable<ConformanceCase> Bad()
    {
        const string Failed = "Failed with 1007.";
        (string What, byte[] Data)[] samples =
        [
            ("a block of the reserved type", [0x06, 0x00, 0x00]),
            ("a stored block whose lengths do not agree", Convert.FromHexString("000500ffff48656c6c6f00")),
            ("a distance before the start", _again),
            ("random octets", Convert.FromHexString("ffffffffffffffffdeadbeef")),
            ("a dynamic block with too many codes", [0xFC, 0xFF, 0xFF, 0xFF]),
            ("a stored block that ends too early", Convert.FromHexString("00ff0000ff48656c6c6f")),
        ];
        for (int index = 0; index < samples.Length; index++)
        {
            yield return Case(
                $"20.6.{30 + index}",
                $"Data that is no deflate: {samples[index].What}.",
                Scripts.Fails(BadData, Compressed(samples[index].Data)),
                Failed,
                probe: true
            );
        }

        yield return Case(
            "20.6.39",
            "A compressed block that ends too early.",
            async run =>
            {
                run.ExpectOk();
                run.Close = BadData;
                await run.Peer.SendAsync(Compressed(_hello[..4]));
                await run.WaitAsync(() => !run.Peer.IsOpen || run.Peer.EventCount > 0);
                if (!run.Peer.IsOpen)
                {
                    return;
                }

                // With the four octets that the receiver adds it happens to be a whole block and the start of another.
                run.DecideBehaviour(
                    Verdict.NonStrict,
                    $"The peer took the data as {CaseJudge.Describe(run.Peer.Events)}, though the last block is not whole."
                );
                run.Close = CloseExpectation.Normal;
            },
            Failed
        );
        yield return Case(
            "20.6.40",
            "Compressed text that is not UTF-8.",
            async run =>
            {
                run.ExpectOk();
                run.Close = CloseExpectation.ByPeer(1007) with { WrongEndIsFatal = true };
                await run.Peer.SendAsync(Compressed(DeflateBlocks.Stored(Utf8Samples.Surrogate, withTail: true)));
            },
            Failed
        );
        yield return Case(
            "20.6.41",
            "Compressed text that is not UTF-8 in the first fragment; the last one comes after 1 s.",
            async run =>
            {
                run.ExpectOk();
                run.Expect(Verdict.NonStrict, "The fault was found only when the message was whole.", PeerEvent.Pause("A"));
                run.Close = CloseExpectation.ByPeer(1007) with { WrongEndIsFatal = true };
                await run.Peer.SendAsync(Compressed(DeflateBlocks.Stored(Utf8Samples.Surrogate), fin: false));
                await run.PauseAsync();
                if (!run.Peer.IsOpen)
                {
                    return;
                }

                run.Peer.AddPause("A");
                await run.Peer.SendAsync(WireFrame.OfContinuation([0], true));
            },
            "Failed with 1007 at once."
        );
    }

    private static IEnumerable<ConformanceCase> Windows()
    {
        for (int bits = 8; bits <= 15; bits++)
        {
            DeflateTerms terms = new(new DeflateOffer(false, bits));
            yield return new(
                $"20.6.{42 + bits}",
                $"The peer is asked for a window of {bits} bits.",
                "Declined, or kept to: no distance reaches farther.",
                run => WindowAsync(run)
            )
            {
                OwnHandshake = bits == 8,
                Deflate = terms,
                Section = "RFC 7692 §7.1.2",
                Subjects = bits == 8 ? Subjects.Server : Subjects.All,
                Load = CaseLoad.Heavy,
            };
        }

        yield return new(
            "20.6.60",
            "The peer is asked for no context takeover.",
            "Each message can be inflated by itself.",
            run => WindowAsync(run)
        )
        {
            Deflate = new(new DeflateOffer(true, 0)),
            Section = "RFC 7692 §7.1.1",
            Load = CaseLoad.Heavy,
        };
    }

    // The suite's inflater refuses a distance beyond what was agreed, so that an echo that can be read is the proof.
    private static async Task WindowAsync(CaseRun run)
    {
        if (run.Case.OwnHandshake)
        {
            if (await run.OpenAsync(run.NewRequest().With(ExtensionHeader.HeaderName, run.Case.Deflate!.ToHeader())) is not { } peer)
            {
                return;
            }

            if (peer.Deflate is null)
            {
                run.ExpectOk(PeerEvent.Text("Hello"));
                await peer.SendAsync(WireFrame.OfText("Hello"));
                return;
            }
        }

        await Conversation.HoldAsync(
            run,
            10,
            number => TestData.Slice(TestData.Json, number % 2, 40_000),
            WireFrame.Text,
            message => run.Peer.SendMessageAsync(WireFrame.Text, message)
        );
    }

    private static WireFrame Compressed(byte[] data, bool fin = true) => new(WireFrame.Text, data, fin, Rsv: 4);

    private static ConformanceCase Case(
        string id,
        string description,
        Func<CaseRun, Task> script,
        string expectation = "It comes back.",
        bool probe = false
    ) =>
        new(id, description, expectation, script)
        {
            Deflate = _terms,
            Section = Section,
            ProbeAfterwards = probe,
        };
}
