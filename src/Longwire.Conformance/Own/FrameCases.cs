namespace Longwire.Conformance;

/// <summary>20.5: the frame's header: masking, forms of length, reserved bits and opcodes in every place.</summary>
internal static class FrameCases
{
    private static CloseExpectation ProtocolError { get; } = CloseExpectation.ByPeer(1002);

    private static CloseExpectation TooBig { get; } = CloseExpectation.ByPeer(1009) with { Tolerated = [1002, 1008] };

    public static IEnumerable<ConformanceCase> All() =>
        [.. Masks(), .. Lengths(), .. Announced(), .. Opcodes(), .. Bits(), .. Places(), .. Splits()];

    private static IEnumerable<ConformanceCase> Masks()
    {
        const string Section = "RFC 6455 §5.1";
        const string Failed = "Failed with 1002: a client masks, a server does not.";
        yield return new("20.5.1", "Text with the wrong mask bit.", Failed, WrongMask(WireFrame.OfText("Hello"))) { Section = Section };
        yield return new("20.5.2", "Ping with the wrong mask bit.", Failed, WrongMask(WireFrame.OfPing("Hello"))) { Section = Section };
        yield return new("20.5.3", "Empty binary with the wrong mask bit.", Failed, WrongMask(WireFrame.OfBinary([])))
        {
            Section = Section,
        };
        yield return new(
            "20.5.4",
            "A continuation with the wrong mask bit.",
            Failed,
            WrongMask(WireFrame.OfText("fragment1", fin: false), WireFrame.OfContinuation("fragment2", true))
        )
        {
            Section = Section,
        };
        yield return new(
            "20.5.5",
            "Close with the wrong mask bit.",
            Failed,
            async run =>
            {
                run.ExpectOk();
                run.Close = ProtocolError with { Codes = [1002] };
                await run.Peer.SendOctetsAsync(
                    run.Peer.Encode(WireFrame.OfClose(1000) with { Masked = !run.SuiteIsClient }),
                    "close with the wrong mask bit"
                );
                await FindsLateAsync(run);
            }
        )
        {
            Section = Section,
        };
        yield return new(
            "20.5.6",
            "Text with the masking key 0.",
            "The text comes back: any key is a key.",
            Scripts.Answers([WireFrame.OfText("Hello") with { MaskingKey = 0 }], Chops.Whole, PeerEvent.Text("Hello"))
        )
        {
            Section = "RFC 6455 §5.3",
            Subjects = Subjects.Server | Subjects.Http2Server,
        };
    }

    private static IEnumerable<ConformanceCase> Lengths()
    {
        const string Section = "RFC 6455 §5.2";
        const string Failed = "Failed with 1002: a length has its shortest form. Hardly anyone checks; to take it is not strict.";
        const string Lax = "The peer took a length that is not in the shortest form.";
        byte[] large = EchoCases.Filled(65535, (byte)'*');
        (string What, WireFrame Frame, PeerEvent Echo)[] frames =
        [
            ("5 octets, length in 16 bits", WireFrame.OfText("Hello") with { LengthBits = 16 }, PeerEvent.Text("Hello")),
            ("5 octets, length in 64 bits", WireFrame.OfText("Hello") with { LengthBits = 64 }, PeerEvent.Text("Hello")),
            ("125 octets, length in 16 bits", WireFrame.OfText(large[..125]) with { LengthBits = 16 }, PeerEvent.Text(large[..125])),
            ("65535 octets, length in 64 bits", WireFrame.OfText(large) with { LengthBits = 64 }, PeerEvent.Text(large)),
            ("nothing, length in 16 bits", WireFrame.OfText("") with { LengthBits = 16 }, PeerEvent.Text("")),
            ("a ping, length in 16 bits", WireFrame.OfPing("Hello") with { LengthBits = 16 }, PeerEvent.Pong("Hello")),
            ("a ping, length in 64 bits", WireFrame.OfPing("Hello") with { LengthBits = 64 }, PeerEvent.Pong("Hello")),
        ];
        for (int index = 0; index < frames.Length; index++)
        {
            yield return new(
                $"20.5.{10 + index}",
                $"A length that is too long a form: {frames[index].What}.",
                Failed,
                Scripts.FailsIfStrict(ProtocolError, Lax, [frames[index].Frame], frames[index].Echo)
            )
            {
                Section = Section,
            };
        }
    }

    private static IEnumerable<ConformanceCase> Announced()
    {
        byte[] some = "Hello"u8.ToArray();
        ulong[] negative = [1UL << 63, ulong.MaxValue, (1UL << 63) | 5];
        for (int index = 0; index < negative.Length; index++)
        {
            ulong length = negative[index];
            yield return new(
                $"20.5.{20 + index}",
                $"A 64-bit length with the top bit set: {length:x16}.",
                "Failed with 1002, at the header.",
                Scripts.Fails(
                    ProtocolError with
                    {
                        Tolerated = [1009],
                    },
                    new WireFrame(WireFrame.Binary, some) { AnnouncedLength = length, LengthBits = 64 }
                )
            )
            {
                Section = "RFC 6455 §5.2",
                ProbeAfterwards = true,
            };
        }

        ulong[] huge = [0x7FFF_FFFF, 0xFFFF_FFFF, 0x1_0000_0005, 1UL << 40, long.MaxValue, (ulong)long.MaxValue - 13];
        for (int index = 0; index < huge.Length; index++)
        {
            ulong length = huge[index];
            yield return new(
                $"20.5.{25 + index}",
                $"An announced length of {length} octets, and five of them.",
                "Failed with 1009 at the header, before the payload; to wait for the payload is not strict.",
                Scripts.FailsIfStrict(
                    TooBig,
                    "No limit was seen at the header: the peer waits for the payload.",
                    [new WireFrame(WireFrame.Binary, some) { AnnouncedLength = length, LengthBits = 64 }]
                )
            )
            {
                Section = "RFC 6455 §10.4",
                ProbeAfterwards = true,
            };
        }

        yield return new(
            "20.5.35",
            "A continuation with an announced length that overflows when added to the message's.",
            "Failed with 1009 or 1002 at the header.",
            Scripts.FailsIfStrict(
                TooBig,
                "No limit was seen at the header: the peer waits for the payload.",
                [
                    WireFrame.OfBinary(some, fin: false),
                    new WireFrame(WireFrame.Continuation, some) { AnnouncedLength = long.MaxValue, LengthBits = 64 },
                ]
            )
        )
        {
            Section = "RFC 6455 §10.4",
            ProbeAfterwards = true,
        };
        yield return new(
            "20.5.36",
            "A ping with an announced length of 65,535, and nothing of it.",
            "Failed with 1002 at the header.",
            Scripts.Fails(1002, [new WireFrame(WireFrame.Ping, default) { AnnouncedLength = 65535 }])
        )
        {
            Section = "RFC 6455 §5.5",
        };
        yield return new(
            "20.5.37",
            "A ping with an announced length of 2^62, and nothing of it.",
            "Failed with 1002 at the header.",
            Scripts.Fails(1002, [new WireFrame(WireFrame.Ping, default) { AnnouncedLength = 1UL << 62 }])
        )
        {
            Section = "RFC 6455 §5.5",
        };
    }

    private static IEnumerable<ConformanceCase> Opcodes()
    {
        byte[] reserved = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
        for (int index = 0; index < reserved.Length; index++)
        {
            yield return new(
                $"20.5.{40 + index}",
                $"Opcode {reserved[index]} inside a message in fragments.",
                "Failed with 1002.",
                Scripts.Fails(
                    1002,
                    [
                        WireFrame.OfText("fragment1", fin: false),
                        new(reserved[index], "x"u8.ToArray()),
                        WireFrame.OfContinuation("fragment2", true),
                    ]
                )
            )
            {
                Section = "RFC 6455 §5.2",
            };
        }
    }

    private static IEnumerable<ConformanceCase> Bits()
    {
        byte[] opcodes = [WireFrame.Text, WireFrame.Continuation, WireFrame.Binary, WireFrame.Ping, WireFrame.Pong, WireFrame.Close];
        byte[] payload = [0x03, 0xE8];
        int number = 50;
        foreach (byte bit in (byte[])[4, 2, 1])
        {
            foreach (byte opcode in opcodes)
            {
                WireFrame frame = new(opcode, payload, Rsv: bit);
                yield return new(
                    $"20.5.{number++}",
                    $"{WireFrame.NameOf(opcode)} with RSV{(bit == 4 ? 1 : bit == 2 ? 2 : 3)}, which nobody agreed on.",
                    "Failed with 1002.",
                    async run =>
                    {
                        run.ExpectOk();
                        run.Close = ProtocolError;
                        if (opcode == WireFrame.Continuation)
                        {
                            await run.Peer.SendAsync(WireFrame.OfText("fragment1", fin: false));
                        }

                        await run.Peer.SendOctetsAsync(run.Peer.Encode(frame), $"{WireFrame.NameOf(opcode)} with RSV={bit}");
                    }
                )
                {
                    Section = "RFC 6455 §5.2",
                };
            }
        }
    }

    private static IEnumerable<ConformanceCase> Places()
    {
        const string Section = "RFC 6455 §5.4";
        yield return new(
            "20.5.70",
            "A binary message within a text message.",
            "Failed with 1002.",
            Scripts.Fails(1002, [WireFrame.OfText("fragment1", fin: false), WireFrame.OfBinary([1, 2, 3])])
        )
        {
            Section = Section,
        };
        yield return new(
            "20.5.71",
            "A new text message, with FIN=0, within a text message.",
            "Failed with 1002.",
            Scripts.Fails(1002, [WireFrame.OfText("fragment1", fin: false), WireFrame.OfText("fragment2", fin: false)])
        )
        {
            Section = Section,
        };
        yield return new(
            "20.5.72",
            "Close in fragments.",
            "Failed with 1002.",
            async run =>
            {
                run.ExpectOk();
                run.Close = ProtocolError;
                await run.Peer.SendAsync(WireFrame.OfClose(1000) with { Fin = false }, WireFrame.OfContinuation("bye", true));
            }
        )
        {
            Section = "RFC 6455 §5.5",
        };
        yield return new(
            "20.5.73",
            "Pong of 126 octets.",
            "Failed with 1002.",
            Scripts.Fails(1002, [new(WireFrame.Pong, EchoCases.Filled(126, 0xFE))])
        )
        {
            Section = "RFC 6455 §5.5",
        };
        yield return new(
            "20.5.74",
            "A ping after each fragment but the last.",
            "Each pong in its order, then the text.",
            Scripts.Answers(
                [
                    .. "Hello".SelectMany(
                        (c, i) =>
                            i == 4
                                ? (WireFrame[])[WireFrame.OfContinuation("o", true)]
                                :
                                [
                                    i == 0 ? WireFrame.OfText("H", fin: false) : WireFrame.OfContinuation($"{c}", false),
                                    WireFrame.OfPing($"{i}"),
                                ]
                    ),
                ],
                Chops.Octets,
                PeerEvent.Pong("0"),
                PeerEvent.Pong("1"),
                PeerEvent.Pong("2"),
                PeerEvent.Pong("3"),
                PeerEvent.Text("Hello")
            )
        )
        {
            Section = Section,
        };
    }

    private static IEnumerable<ConformanceCase> Splits()
    {
        yield return new(
            "20.5.80",
            "Three messages and a ping, cut in two at every offset in turn.",
            "Always the same answers.",
            async run =>
            {
                byte[] binary = EchoCases.Filled(130, 7);
                PeerEvent[] answers = [PeerEvent.Text("Hello"), PeerEvent.Pong("p"), PeerEvent.Binary(binary), PeerEvent.Text("κόσμε")];
                WireFrame[] frames =
                [
                    WireFrame.OfText("He", fin: false),
                    WireFrame.OfPing("p"),
                    WireFrame.OfContinuation("llo", true),
                    WireFrame.OfBinary(binary),
                    WireFrame.OfText("κόσμε"),
                ];
                PeerEvent[] expected = [answers[1], answers[0], answers[2], answers[3]];
                int length = run.Peer.Encode(frames).Length;
                List<PeerEvent> all = [];
                for (int offset = 1; offset < length; offset++)
                {
                    byte[] octets = run.Peer.Encode(frames);
                    await run.Peer.SendOctetsAsync(octets.AsMemory(0, offset), $"{offset} octets of the frames");
                    await Task.Delay(1, run.Limit);
                    await run.Peer.SendOctetsAsync(octets.AsMemory(offset), "the rest");
                    all.AddRange(expected);
                    if (!await run.WaitAsync(() => !run.Peer.IsOpen || run.Peer.EventCount >= all.Count) || !run.Peer.IsOpen)
                    {
                        break;
                    }
                }

                run.ExpectOk([.. all]);
            }
        )
        {
            Section = "RFC 6455 §5",
            Load = CaseLoad.Heavy,
        };
    }

    private static Func<CaseRun, Task> WrongMask(params WireFrame[] frames) =>
        async run =>
        {
            run.ExpectOk();
            run.Close = ProtocolError;
            frames = [.. frames[..^1], frames[^1] with { Masked = !run.SuiteIsClient }];
            await run.Peer.SendAsync(frames);
            await FindsLateAsync(run);
        };

    // Some wait for the masking key before they look at the mask bit: they find the fault when other octets come.
    private static async Task FindsLateAsync(CaseRun run)
    {
        if (await run.WaitForEndAsync(run.Options.Pause))
        {
            return;
        }

        await run.Peer.SendAsync(WireFrame.OfPing("late?"));
        if (await run.WaitForEndAsync())
        {
            run.DecideBehaviour(Verdict.NonStrict, "The fault was found only when more octets came.");
        }
    }
}
