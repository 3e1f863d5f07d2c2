namespace Longwire.Protocol.Tests;

/// <summary>
/// The closing half once more, slow and obvious: it keeps what happened, one line after the other, and each answer is read off that list.
/// It has no state besides.
/// </summary>
internal sealed class NaiveClosing
{
    private readonly List<Line> _lines = [];

    public enum Happened
    {
        PeerClose,
        PeerFault,
        PeerTcpEnd,
        AskedToClose,
        SendingEnded,
        Aborted,
        Ended,
        Told,
        Completed,
        ClockStarted,
        ReaderMoved,
        BytesLeft,
        TcpEndedByTimer,
    }

    /// <summary>The Close that this side has sent: the first that was asked for while anything could be sent.</summary>
    private Line? Sent => _lines.TakeWhile(line => !IsObstacle(line)).FirstOrDefault(line => line.What == Happened.AskedToClose);

    public bool MaySend => Sent is null && !_lines.Any(IsObstacle);

    public bool IsCloseSent => Sent is not null && !Has(Happened.Aborted) && !Has(Happened.Ended);

    public bool OwesFrame => MaySend && (Has(Happened.PeerClose) || Has(Happened.PeerFault));

    public (CloseStatus? Status, string Reason) Told =>
        Find(Happened.PeerFault) is { } fault ? (fault.Status, fault.Reason)
        : Find(Happened.PeerClose) is { } close ? (close.Status, close.Reason)
        : Has(Happened.PeerTcpEnd) || Has(Happened.Ended) ? (CloseStatus.Abnormal, "")
        : (null, "");

    /// <summary>The Close that this side sends when it is asked to close now.</summary>
    public ClosingAction WouldSend(CloseStatus status, string reason) =>
        !MaySend ? ClosingAction.None
        : Has(Happened.PeerFault) ? ClosingAction.SendClose(Told.Status!.Value, Told.Reason)
        : Has(Happened.PeerClose) ? ClosingAction.SendClose(Told.Status!.Value, "")
        : ClosingAction.SendClose(status, reason);

    public bool MayAbort => !Has(Happened.Aborted) && !Has(Happened.Ended);

    public bool MayLoseSending => MayAbort && !Has(Happened.SendingEnded);

    public ClosingAction Drained(in ClosingFacts facts)
    {
        if (Has(Happened.Ended) || !(Has(Happened.PeerClose) || Has(Happened.PeerTcpEnd)))
        {
            return ClosingAction.None;
        }

        if (_lines.Any(IsObstacle))
        {
            return facts.IsFlushing ? ClosingAction.None : ClosingAction.EndTcp;
        }

        bool waits = facts.Role == WebSocketRole.Client && !Has(Happened.PeerTcpEnd);
        return Sent is null || waits || facts.IsLeaving || facts.IsReading ? ClosingAction.None : ClosingAction.EndTcp;
    }

    public ClosingAction Completes(in ClosingFacts facts) =>
        Has(Happened.Told) && !Has(Happened.Completed) && !facts.IsFlushing && !facts.IsReaderAwaited
            ? ClosingAction.Complete
            : ClosingAction.None;

    public bool IsTimed => _lines.Any(line => StartsClock(line) && (line.What != Happened.AskedToClose || line == Sent));

    /// <summary>When something is due, and what.</summary>
    public (long Due, ClosingActionKind Kind) Next(in ClosingFacts facts)
    {
        long timeout = facts.CloseTimeout;
        long began = _lines.First(line => StartsClock(line) && (line.What != Happened.AskedToClose || line == Sent)).Time;
        long moved = _lines.LastOrDefault(line => line.What is Happened.ReaderMoved or Happened.Ended)?.Time ?? began;
        if (Has(Happened.Ended))
        {
            return (Later(moved, timeout), ClosingActionKind.Complete);
        }

        if (MaySend)
        {
            return (Later(moved, timeout == long.MaxValue ? timeout : timeout / 2), ClosingActionKind.SendClose);
        }

        if (_lines.LastOrDefault(line => line.What == Happened.TcpEndedByTimer) is { } ended)
        {
            return (Later(ended.Time, timeout), ClosingActionKind.Abort);
        }

        if (Find(Happened.SendingEnded) is { } gone)
        {
            return facts.IsPaused
                ? (Later(facts.IsReaderAwaited ? moved : gone.Time, timeout), ClosingActionKind.Abort)
                : (Math.Max(gone.Time, facts.LastReceived) + 1000, ClosingActionKind.Abort);
        }

        if (facts.IsLeaving)
        {
            return (facts.LeavingDue, ClosingActionKind.Abort);
        }

        long left = _lines.LastOrDefault(line => line.What == Happened.BytesLeft && IsBehind(line, Sent!))?.Time ?? Sent!.Time;
        if (!Has(Happened.PeerFault))
        {
            return (Later(left, timeout), ClosingActionKind.EndTcp);
        }

        // Quiet for a fifth of a second, or a second in all; less where less time is given.
        long quiet = Math.Max(left, facts.LastReceived) + Math.Min(200, timeout);
        return (Math.Min(quiet, left + Math.Min(1000, timeout)), ClosingActionKind.EndTcp);
    }

    public void Add(Happened what, long time, CloseStatus status = default, string reason = "") =>
        _lines.Add(new Line(_lines.Count, what, time, status, reason));

    public override string ToString() => string.Join("\n", _lines);

    private static bool IsObstacle(Line line) => line.What is Happened.SendingEnded or Happened.Aborted or Happened.Ended;

    private static bool StartsClock(Line line) =>
        line.What is Happened.ClockStarted or Happened.AskedToClose or Happened.SendingEnded or Happened.Ended;

    private static bool IsBehind(Line line, Line other) => line.Number > other.Number;

    private static long Later(long time, long by) => by == long.MaxValue ? by : time + by;

    private bool Has(Happened what) => Find(what) is not null;

    private Line? Find(Happened what) => _lines.Find(line => line.What == what);

    private sealed record Line(int Number, Happened What, long Time, CloseStatus Status, string Reason);
}
