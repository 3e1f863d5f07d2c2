using System.Globalization;

namespace Longwire.Conformance;

/// <summary>Turns what was seen into the two verdicts. No I/O, no time: only what the peer did against what was expected.</summary>
internal static class CaseJudge
{
    public static (Verdict Verdict, string Detail) JudgeBehaviour(
        Peer peer,
        IReadOnlyList<Expectation> expectations,
        CloseExpectation close
    )
    {
        if (peer.Violation is { } violation)
        {
            return (Verdict.Failed, violation);
        }

        IReadOnlyList<PeerEvent> events = peer.Events;
        Expectation? met = expectations.FirstOrDefault(e => e.Events.SequenceEqual(events));
        if (met is null)
        {
            return (Verdict.Failed, $"Expected {Describe(expectations[0].Events)}, got {Describe(events)}.");
        }

        if (close.WrongEndIsFatal && close.BySuite != peer.ClosedBySuite)
        {
            return (Verdict.Failed, "The peer did not fail the connection by itself.");
        }

        if (close.WrongCodeIsFatal && HasWrongCode(peer, close))
        {
            return (Verdict.Failed, WrongCode(peer, close));
        }

        if (met.Verdict == Verdict.Ok && close.OrderlyEnd && peer.Ending == PeerEnding.ByReset)
        {
            return (Verdict.NonStrict, "All was right, but that the peer reset the connection at its end rather than to end it in order.");
        }

        if (met.Verdict == Verdict.Ok && peer.CloseCode is { } code && close.Tolerated.Contains(code))
        {
            return (Verdict.NonStrict, $"Refused with {code}; {close.Codes[0]} says what it is.");
        }

        return (met.Verdict, met.Meaning);
    }

    public static (CloseVerdict Verdict, string Detail) JudgeClose(Peer peer, CloseExpectation close, bool suiteIsClient)
    {
        if (close.BySuite != peer.ClosedBySuite)
        {
            return (
                CloseVerdict.Failed,
                close.BySuite ? $"The peer closed by itself{CodeOf(peer)}." : "The peer did not close by itself; the suite had to."
            );
        }

        if (close.RequireClean && !peer.IsClean)
        {
            return (CloseVerdict.Unclean, "TCP ended without a closing handshake where there has to be one.");
        }

        if (HasWrongCode(peer, close))
        {
            return (CloseVerdict.WrongCode, WrongCode(peer, close));
        }

        if (suiteIsClient && peer.DroppedBySuite)
        {
            return (CloseVerdict.FailedByClient, "The server did not end TCP: that is its part (RFC 6455 §7.1.1).");
        }

        return (CloseVerdict.Ok, peer.CloseReceived ? $"Closed rightly{CodeOf(peer)}." : "TCP was ended, which is allowed here.");
    }

    public static string Describe(IReadOnlyList<PeerEvent> events)
    {
        const int Shown = 8;
        if (events.Count == 0)
        {
            return "nothing";
        }

        string text = string.Join(", ", events.Take(Shown).Select(e => e.ToString()));
        return events.Count > Shown ? $"{text} and {events.Count - Shown} more" : text;
    }

    private static bool HasWrongCode(Peer peer, CloseExpectation close) =>
        peer.CloseReceived
        && (peer.CloseCode is { } code ? !close.Codes.Contains(code) && !close.Tolerated.Contains(code) : close.RequireCode);

    private static string WrongCode(Peer peer, CloseExpectation close)
    {
        string wanted = string.Join(" or ", close.Codes.Select(c => c.ToString(CultureInfo.InvariantCulture)));
        return $"The status should have been {wanted}{(close.RequireCode ? "" : " or none")}, and was {peer.CloseCode?.ToString(CultureInfo.InvariantCulture) ?? "none"}.";
    }

    private static string CodeOf(Peer peer) =>
        !peer.CloseReceived ? ", ending TCP"
        : peer.CloseCode is { } code ? string.Create(CultureInfo.InvariantCulture, $" with {code}")
        : " with an empty Close frame";
}
