namespace Longwire.Protocol.Tests;

/// <summary>The closing half as it is, or with one fault.</summary>
internal sealed class FaultyClosing(ClosingFault fault)
{
    private ClosingHalf _half;
    private ClosingRecord _record = new();
    private ClosingAction _sent;
    private bool _completed;

    public ClosingState State => _half.State;

    public bool MaySend => _half.MaySend;

    public bool IsCloseSent => _half.IsCloseSent;

    public bool OwesFrame => _half.OwesFrame;

    public bool IsTimed => _record.IsTimed;

    public CloseStatus? Status =>
        fault == ClosingFault.TellsTheWrongStatus && _half.State == ClosingState.Ended ? CloseStatus.Abnormal : _half.Status;

    public string Reason => _record.Reason;

    public string? BrokenInvariant => _half.FindBrokenInvariant(_record);

    public void OnPeerEnd(PeerEnd end, CloseStatus status, string reason)
    {
        if (fault == ClosingFault.MissesThePeersEndOfTcp && end == PeerEnd.Tcp)
        {
            return;
        }

        _half.OnPeerEnd(
            fault == ClosingFault.TakesAFaultForAClose && end == PeerEnd.Fault ? PeerEnd.Close : end,
            status,
            reason,
            ref _record
        );
    }

    public ClosingAction Close(CloseStatus status, string reason, long now)
    {
        bool owes = _half.OwesFrame;
        ClosingAction action = _half.Close(status, reason, ref _record, now);
        if (action.Kind == ClosingActionKind.None)
        {
            return fault == ClosingFault.SendsItsCloseTwice ? _sent : action;
        }

        action = fault switch
        {
            ClosingFault.SendsTheCallersCloseForTheOneThatIsOwed when owes => ClosingAction.SendClose(status, reason),
            ClosingFault.AnswersTheEndOfTcpByAFrame when !action.HasFrame => ClosingAction.SendClose(CloseStatus.NormalClosure, ""),
            _ => action,
        };
        _sent = action;
        return action;
    }

    public bool OnSendingEnded(long now) => fault == ClosingFault.MissesThatThePeerTakesNothing || _half.OnSendingEnded(ref _record, now);

    public bool OnAbort() => _half.OnAbort() || (fault == ClosingFault.AbortsWhatHasEnded && _half.State == ClosingState.Ended);

    public bool OnEnded(long now) => _half.OnEnded(ref _record, now);

    public void OnTold() => _half.OnTold();

    public void Begin(long now) => _half.Begin(ref _record, now);

    public void OnReaderMoved(long now)
    {
        if (_record.IsTimed)
        {
            _record.Moved = now;
        }
    }

    public void NoteLeft(long now)
    {
        if (fault != ClosingFault.DoesNotRenewThePeersTime)
        {
            _half.NoteLeft(ref _record, now);
        }
    }

    public ClosingAction CheckDrained(in ClosingFacts facts) => _half.CheckDrained(Distort(facts));

    public ClosingAction CheckCompleted(in ClosingFacts facts)
    {
        ClosingAction action = _half.CheckCompleted(Distort(facts));
        bool again = _completed && fault == ClosingFault.CompletesTwice;
        _completed |= action.Kind == ClosingActionKind.Complete;
        return again ? ClosingAction.Complete : action;
    }

    public (long Due, ClosingAction Action) Next(in ClosingFacts facts)
    {
        (long due, ClosingAction action) = _half.Next(_record, facts);
        return fault == ClosingFault.GivesTheReaderAllOfTheTime && _half.State == ClosingState.CloseOwed
            ? (due == long.MaxValue ? due : _record.Moved + facts.CloseTimeout, action)
            : (due, action);
    }

    public ClosingAction OnTimer(in ClosingFacts facts, long now)
    {
        ClosingAction action = _half.OnTimer(ref _record, facts, now);
        if (fault == ClosingFault.NeverAbortsBehindItsEndOfTcp)
        {
            _record.TcpEnded = 0;
        }

        return action;
    }

    private ClosingFacts Distort(in ClosingFacts facts) =>
        fault switch
        {
            ClosingFault.EndsTcpBeforeAllHasLeft => facts with { IsLeaving = false },
            ClosingFault.EndsTcpInsideOfARead => facts with { IsReading = false },
            ClosingFault.EndsTcpDuringAFlush or ClosingFault.CompletesDuringAFlush => facts with { IsFlushing = false },
            ClosingFault.EndsTcpFirstAsAClient => facts with { Role = WebSocketRole.Server },
            ClosingFault.CompletesBeforeTheReader => facts with { IsReaderAwaited = false },
            _ => facts,
        };
}
