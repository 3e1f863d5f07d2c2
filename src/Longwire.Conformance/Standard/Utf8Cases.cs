using System.Text;

namespace Longwire.Conformance;

/// <summary>6.*: text messages are UTF-8, whole, in fragments and in chops, and what is not is refused at once.</summary>
internal static class Utf8Cases
{
    private static readonly byte[] _valid = Encoding.UTF8.GetBytes("Hello-µ@ßöäüàá-UTF-8!!");

    // "κόσμε", a code point above Unicode's last, "edited": wrong from the thirteenth octet on (0x90 after 0xF4).
    private static readonly byte[] _beyond = Convert.FromHexString("cebae1bdb9cf83cebcceb5f4908080656469746564");

    private static CloseExpectation Refused { get; } =
        new()
        {
            BySuite = false,
            Codes = [1007],
            WrongEndIsFatal = true,
        };

    public static IEnumerable<ConformanceCase> All() => [.. Empty(), .. Valid(), .. Invalid(), .. Slow(), .. Samples()];

    private static IEnumerable<ConformanceCase> Empty()
    {
        byte[] some = "middle frame payload"u8.ToArray();
        yield return new(
            "6.1.1",
            "Empty text.",
            "Empty text comes back.",
            Scripts.Answers([WireFrame.OfText("")], Chops.Whole, PeerEvent.Text(""))
        );
        yield return new(
            "6.1.2",
            "Text in three empty fragments.",
            "Empty text comes back.",
            Scripts.Answers(
                [WireFrame.OfText("", fin: false), WireFrame.OfContinuation("", false), WireFrame.OfContinuation("", true)],
                Chops.Whole,
                PeerEvent.Text("")
            )
        );
        yield return new(
            "6.1.3",
            "Text in three fragments, the middle one not empty.",
            "The text comes back.",
            Scripts.Answers(
                [WireFrame.OfText("", fin: false), WireFrame.OfContinuation(some, false), WireFrame.OfContinuation("", true)],
                Chops.Whole,
                PeerEvent.Text(some)
            )
        );
    }

    private static IEnumerable<ConformanceCase> Valid()
    {
        int split = Encoding.UTF8.GetByteCount("Hello-µ@ßöä");
        yield return new(
            "6.2.1",
            "Valid text, whole.",
            "The text comes back.",
            Scripts.Answers([WireFrame.OfText(_valid)], Chops.Whole, PeerEvent.Text(_valid))
        );
        yield return new(
            "6.2.2",
            "Valid text in two fragments, split between characters.",
            "The text comes back.",
            Scripts.Answers(
                [WireFrame.OfText(_valid[..split], fin: false), WireFrame.OfContinuation(_valid[split..], true)],
                Chops.Whole,
                PeerEvent.Text(_valid)
            )
        );
        yield return new(
            "6.2.3",
            "Valid text in fragments of one octet.",
            "The text comes back.",
            Scripts.Answers(WireFrame.Fragments(WireFrame.Text, _valid, 1), Chops.Whole, PeerEvent.Text(_valid))
        );
        yield return new(
            "6.2.4",
            "\"κόσμε\" in fragments of one octet.",
            "The text comes back.",
            Scripts.Answers(WireFrame.Fragments(WireFrame.Text, Utf8Samples.Kosme, 1), Chops.Whole, PeerEvent.Text(Utf8Samples.Kosme))
        );
    }

    private static IEnumerable<ConformanceCase> Invalid()
    {
        yield return new(
            "6.3.1",
            "Text that is not UTF-8, whole.",
            "Failed with 1007.",
            Refuses([WireFrame.OfText(Utf8Samples.Surrogate)])
        );
        yield return new(
            "6.3.2",
            "Text that is not UTF-8, in fragments of one octet.",
            "Failed with 1007.",
            Refuses(WireFrame.Fragments(WireFrame.Text, Utf8Samples.Surrogate, 1))
        );
    }

    private static IEnumerable<ConformanceCase> Slow()
    {
        const string AtOnce = "Failed with 1007 at the second part, not only at the end.";
        // The second part ends with the wrong sequence (1, 3), or is the one octet that makes it wrong (2, 4).
        foreach (
            (string id, int first, int second, bool oneFrame) in ((string, int, int, bool)[])
                [("1", 11, 15, false), ("2", 12, 13, false), ("3", 11, 15, true), ("4", 12, 13, true)]
        )
        {
            string parts = oneFrame ? "three chops of one frame" : "three fragments";
            yield return new(
                $"6.4.{id}",
                $"Text that is not UTF-8 in {parts}, wrong from octet {second} of the second part on, 1 s between.",
                AtOnce,
                run => SlowAsync(run, first, second, oneFrame)
            );
        }
    }

    private static IEnumerable<ConformanceCase> Samples()
    {
        foreach ((int chapter, string about, (bool Valid, string Hex)[] samples) in Utf8Samples.All())
        {
            for (int index = 0; index < samples.Length; index++)
            {
                byte[] octets = Convert.FromHexString(samples[index].Hex);
                bool valid = samples[index].Valid;
                string shown = octets.Length <= 16 ? samples[index].Hex.ToLowerInvariant() : $"{octets.Length} octets";
                yield return new(
                    $"6.{chapter}.{index + 1}",
                    $"Text: {about} ({shown}).",
                    valid ? "The text comes back." : "Failed with 1007.",
                    valid
                        ? Scripts.Answers([WireFrame.OfText(octets)], Chops.Whole, PeerEvent.Text(octets))
                        : Refuses([WireFrame.OfText(octets)])
                );
            }
        }
    }

    private static Func<CaseRun, Task> Refuses(IReadOnlyList<WireFrame> frames) =>
        async run =>
        {
            run.ExpectOk();
            run.Close = Refused;
            await run.Peer.SendAsync(frames, Chops.Whole);
        };

    private static async Task SlowAsync(CaseRun run, int first, int second, bool oneFrame)
    {
        run.ExpectOk(PeerEvent.Pause("A"));
        run.Expect(Verdict.NonStrict, "The fault was found only when the message was whole.", PeerEvent.Pause("A"), PeerEvent.Pause("B"));
        run.Close = Refused;

        byte[][] parts = [_beyond[..first], _beyond[first..second], _beyond[second..]];
        byte[] frame = run.Peer.Encode(WireFrame.OfText(_beyond));
        int header = frame.Length - _beyond.Length;
        for (int part = 0; part < 3; part++)
        {
            if (oneFrame)
            {
                int start = part == 0 ? 0 : header + (part == 1 ? first : second);
                int end =
                    part == 0 ? header + first
                    : part == 1 ? header + second
                    : frame.Length;
                await run.Peer.SendOctetsAsync(frame.AsMemory(start..end), $"part {part + 1} of a text frame");
            }
            else
            {
                await run.Peer.SendAsync(
                    part == 0 ? WireFrame.OfText(parts[0], fin: false) : WireFrame.OfContinuation(parts[part], part == 2)
                );
            }

            if (part == 2)
            {
                return;
            }

            await run.PauseAsync();
            if (!run.Peer.IsOpen)
            {
                return;
            }

            run.Peer.AddPause(part == 0 ? "A" : "B");
        }
    }
}
