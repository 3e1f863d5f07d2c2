namespace Longwire.Protocol.Tests;

public sealed class ClosingHalfTests
{
    private readonly ClosingFacts _facts = new()
    {
        Role = WebSocketRole.Server,
        CloseTimeout = 5000,
        LastReceived = 0,
        LeavingDue = long.MaxValue,
        IsFlushing = false,
        IsReading = false,
        IsLeaving = false,
        IsPaused = false,
        IsReaderAwaited = false,
    };

    private ClosingHalf _half;
    private ClosingRecord _record = new();

    [Fact]
    public void A_closing_that_this_side_begins_goes_from_Open_to_Completed()
    {
        Assert.Equal(ClosingAction.SendClose((CloseStatus)4000, "bye"), _half.Close((CloseStatus)4000, "bye", ref _record, 10));
        Assert.Equal(ClosingState.CloseSent, _half.State);
        Assert.Equal(ClosingAction.None, _half.Close((CloseStatus)4001, "again", ref _record, 11));
        Assert.Equal(ClosingAction.None, _half.CheckDrained(_facts));
        _half.OnPeerEnd(PeerEnd.Close, (CloseStatus)4000, "", ref _record);
        Assert.Equal(ClosingState.Draining, _half.State);
        Assert.Equal(ClosingAction.None, _half.CheckDrained(_facts with { IsLeaving = true }));
        Assert.Equal(ClosingAction.EndTcp, _half.CheckDrained(_facts));
        Assert.True(_half.OnEnded(ref _record, 12));
        Assert.Equal(ClosingAction.None, _half.CheckCompleted(_facts));
        _half.OnTold();
        Assert.Equal(ClosingAction.None, _half.CheckCompleted(_facts with { IsReaderAwaited = true }));
        Assert.Equal(ClosingAction.Complete, _half.CheckCompleted(_facts));
        Assert.Equal((ClosingState.Completed, (CloseStatus?)4000), (_half.State, _half.Status));
    }

    [Fact]
    public void A_Close_that_is_owed_is_due_after_half_of_the_time_and_is_the_peers_own()
    {
        _half.OnPeerEnd(PeerEnd.Close, (CloseStatus)4001, "mine", ref _record);
        _half.Begin(ref _record, 100);
        Assert.Equal(ClosingAction.None, _half.OnTimer(ref _record, _facts, 2599));
        Assert.Equal(ClosingActionKind.SendClose, _half.OnTimer(ref _record, _facts, 2600).Kind);
        Assert.Equal(ClosingAction.SendClose((CloseStatus)4001, ""), _half.Close(CloseStatus.NormalClosure, "", ref _record, 2600));
    }

    [Fact]
    public void Without_an_answer_TCP_is_ended_and_then_cut_off()
    {
        _half.Close(CloseStatus.NormalClosure, "", ref _record, 100);
        Assert.Equal(ClosingAction.None, _half.OnTimer(ref _record, _facts, 5099));
        Assert.Equal(ClosingAction.EndTcp, _half.OnTimer(ref _record, _facts, 5100));
        Assert.Equal(ClosingAction.None, _half.OnTimer(ref _record, _facts, 10_099));
        Assert.Equal(ClosingAction.Abort, _half.OnTimer(ref _record, _facts, 10_100));
    }

    [Fact]
    public void Times_that_run_in_an_open_connection_break_an_invariant()
    {
        Assert.Null(_half.FindBrokenInvariant(_record));
        _record.IsTimed = true;
        Assert.Equal("An open connection's times of closing don't run", _half.FindBrokenInvariant(_record));
    }

    [Fact]
    public void A_Close_whose_time_is_not_known_breaks_an_invariant()
    {
        _half.Close(CloseStatus.NormalClosure, "", ref _record, 100);
        Assert.Null(_half.FindBrokenInvariant(_record));
        _record.Left = 0;
        Assert.Equal("The time of this side's Close is known", _half.FindBrokenInvariant(_record));
    }

    [Fact]
    public void The_peers_Close_decides_over_the_end_of_its_TCP_whichever_is_seen_first()
    {
        _half.OnPeerEnd(PeerEnd.Tcp, CloseStatus.Abnormal, "", ref _record);
        _half.OnPeerEnd(PeerEnd.Close, (CloseStatus)4001, "mine", ref _record);
        Assert.Equal(((CloseStatus?)4001, "mine"), (_half.Status, _record.Reason));
        _half.OnPeerEnd(PeerEnd.Tcp, CloseStatus.Abnormal, "", ref _record);
        Assert.Equal(((CloseStatus?)4001, "mine"), (_half.Status, _record.Reason));
        Assert.Null(_half.FindBrokenInvariant(_record));
    }

    [Fact]
    public void A_fault_decides_over_a_Close_behind_it_which_breaks_an_invariant()
    {
        _half.OnPeerEnd(PeerEnd.Fault, CloseStatus.ProtocolError, "RSV1", ref _record);
        Assert.Null(_half.FindBrokenInvariant(_record));
        _half.OnPeerEnd(PeerEnd.Close, (CloseStatus)4001, "mine", ref _record);
        Assert.Equal(((CloseStatus?)CloseStatus.ProtocolError, "RSV1"), (_half.Status, _record.Reason));
        Assert.Equal("A Close and a fault exclude each other", _half.FindBrokenInvariant(_record));
    }

    [Fact]
    public void The_end_of_the_peers_TCP_is_remembered_however_often_it_is_seen()
    {
        _half.Close(CloseStatus.NormalClosure, "", ref _record, 100);
        _half.OnPeerEnd(PeerEnd.Tcp, CloseStatus.Abnormal, "", ref _record);
        _half.OnPeerEnd(PeerEnd.Tcp, CloseStatus.Abnormal, "", ref _record);
        Assert.Equal(ClosingAction.EndTcp, _half.CheckDrained(_facts with { Role = WebSocketRole.Client }));
    }

    [Fact]
    public void The_peer_has_its_time_from_when_a_Close_was_last_seen_on_its_way()
    {
        Assert.False(_half.NoteLeft(ref _record, 50));
        Assert.Equal(0, _record.Left);
        _half.Close(CloseStatus.NormalClosure, "", ref _record, 100);
        Assert.True(_half.NoteLeft(ref _record, 200));
        Assert.Equal(200, _record.Left);
        Assert.Equal(ClosingAction.None, _half.OnTimer(ref _record, _facts, 5199));
        Assert.Equal(ClosingAction.EndTcp, _half.OnTimer(ref _record, _facts, 5200));
    }

    [Fact]
    public void A_Close_before_whose_frame_nothing_is_known_is_not_seen_on_its_way()
    {
        _half.Close(CloseStatus.NormalClosure, "", ref _record, 100);
        _record.Left = 0;
        Assert.False(_half.NoteLeft(ref _record, 200));
        Assert.Equal(0, _record.Left);
    }

    [Fact]
    public void Only_a_Close_with_a_status_that_may_be_sent_has_a_frame()
    {
        Assert.True(ClosingAction.SendClose(CloseStatus.NormalClosure, "").HasFrame);
        Assert.False(ClosingAction.SendClose(CloseStatus.Abnormal, "").HasFrame);
        Assert.All(
            [ClosingAction.None, ClosingAction.EndTcp, ClosingAction.Abort, ClosingAction.Complete],
            static action => Assert.False(action.HasFrame)
        );
    }
}
