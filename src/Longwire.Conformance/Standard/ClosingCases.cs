namespace Longwire.Conformance;

/// <summary>7.*: the closing handshake, with every status that is allowed and some that are not.</summary>
internal static class ClosingCases
{
    private const string Refused = "Closed with 1002, or TCP is ended.";

    private static CloseExpectation Clean { get; } = CloseExpectation.Normal with { WrongCodeIsFatal = true };

    public static IEnumerable<ConformanceCase> All() => [.. AfterClose(), .. Bodies(), .. Codes()];

    private static IEnumerable<ConformanceCase> AfterClose()
    {
        WireFrame close = WireFrame.OfClose(1000);
        yield return new(
            "7.1.1",
            "Text, then close.",
            "The text comes back; normal close.",
            async run =>
            {
                run.ExpectOk(PeerEvent.Text("Hello World!"));
                run.Close = Clean;
                await run.Peer.SendAsync(WireFrame.OfText("Hello World!"));
            }
        );
        yield return new(
            "7.1.2",
            "Two Close frames.",
            "Normal close; the second is ignored.",
            Sends([close, new(WireFrame.Close, default)])
        );
        yield return new("7.1.3", "Close, then ping.", "Normal close, no pong.", Sends([close, WireFrame.OfPing()]));
        yield return new(
            "7.1.4",
            "Close, then text.",
            "Normal close; the text is ignored.",
            Sends([close, WireFrame.OfText("Hello World!")])
        );
        yield return new(
            "7.1.5",
            "A first fragment, close, the last fragment.",
            "Normal close.",
            Sends([WireFrame.OfText("fragment1", fin: false), close, WireFrame.OfContinuation("fragment2", true)])
        );
        yield return new(
            "7.1.6",
            "Text of 256 KiB, small text, close, ping.",
            "Informational: what is answered before the close.",
            async run =>
            {
                run.OnlyNote();
                byte[] large = Repeated("BAsd7&jh23"u8, 256 * 1024);
                run.ExpectOk(PeerEvent.Text(large), PeerEvent.Text("Hello World!"));
                await run.Peer.SendAsync(WireFrame.OfText(large), WireFrame.OfText("Hello World!"), close, WireFrame.OfPing());
            }
        );
    }

    private static IEnumerable<ConformanceCase> Bodies()
    {
        yield return new("7.3.1", "Close without payload.", "Normal close.", Sends([new(WireFrame.Close, default)]));
        yield return new("7.3.2", "Close with a payload of one octet.", Refused, Sends([new(WireFrame.Close, "a"u8.ToArray())], 1002));
        yield return new("7.3.3", "Close with a status.", "Normal close.", Sends([WireFrame.OfClose(1000)]));
        yield return new("7.3.4", "Close with a status and a reason.", "Normal close.", Sends([WireFrame.OfClose(1000, "Hello World!"u8)]));
        yield return new(
            "7.3.5",
            "Close with a reason of 123 octets.",
            "Normal close.",
            Sends([WireFrame.OfClose(1000, EchoCases.Filled(123, (byte)'*'))])
        );
        yield return new(
            "7.3.6",
            "Close with a reason of 124 octets.",
            Refused,
            Sends([WireFrame.OfClose(1000, EchoCases.Filled(124, (byte)'*'))], 1002)
        );
        yield return new(
            "7.5.1",
            "Close with a reason that is not UTF-8.",
            "Closed with 1007 or 1002, or TCP is ended.",
            Sends([WireFrame.OfClose(1000, Utf8Samples.Surrogate)], 1007, 1002)
        );
    }

    private static IEnumerable<ConformanceCase> Codes()
    {
        int[] valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
        for (int index = 0; index < valid.Length; index++)
        {
            int code = valid[index];
            yield return new(
                $"7.7.{index + 1}",
                $"Close with {code}.",
                "Closed with 1000 or the same status.",
                async run =>
                {
                    run.ExpectOk();
                    run.Close = Clean with { Codes = [1000, code] };
                    await run.Peer.SendAsync(WireFrame.OfClose(code));
                }
            );
        }

        int[] invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
        for (int index = 0; index < invalid.Length; index++)
        {
            yield return new(
                $"7.9.{index + 1}",
                $"Close with {invalid[index]}.",
                Refused,
                Sends([WireFrame.OfClose(invalid[index])], 1002)
            );
        }

        int[] undefined = [5000, 65535];
        for (int index = 0; index < undefined.Length; index++)
        {
            int code = undefined[index];
            yield return new(
                $"7.13.{index + 1}",
                $"Close with {code}.",
                "Informational: the specification leaves it open.",
                async run =>
                {
                    run.OnlyNote();
                    run.ExpectOk();
                    run.Close = new() { BySuite = true, Codes = [1000, 1002, code] };
                    await run.Peer.SendAsync(WireFrame.OfClose(code));
                }
            );
        }
    }

    private static byte[] Repeated(ReadOnlySpan<byte> pattern, int length)
    {
        byte[] payload = new byte[length];
        for (int index = 0; index < length; index++)
        {
            payload[index] = pattern[index % pattern.Length];
        }

        return payload;
    }

    /// <summary>Sends frames with a Close among them; with other codes than 1000, ending TCP is right, too.</summary>
    private static Func<CaseRun, Task> Sends(IReadOnlyList<WireFrame> frames, params int[] codes) =>
        async run =>
        {
            run.ExpectOk();
            run.Close =
                codes.Length == 0
                    ? Clean
                    : new()
                    {
                        BySuite = true,
                        Codes = codes,
                        WrongCodeIsFatal = true,
                    };
            await run.Peer.SendAsync(frames, Chops.Whole);
        };
}
