using Happened = Longwire.Protocol.Tests.NaiveClosing.Happened;

namespace Longwire.Protocol.Tests;

public sealed class ClosingHalfPropertyTests
{
    private const int Runs = 10_000;
    private const int RunsForAFault = 2_000;

    public static TheoryData<ClosingFault> Faults => [.. Enum.GetValues<ClosingFault>().Where(fault => fault != ClosingFault.None)];

    [Fact]
    public void Whatever_happens_in_whatever_order_it_answers_as_the_list_of_what_happened_says() =>
        Seeded.Run(Runs, random => Judge(random, ClosingFault.None));

    [Theory]
    [MemberData(nameof(Faults))]
    public void The_judge_finds_a_planted_fault(ClosingFault fault)
    {
        string? found = Record.Exception(() => Seeded.Run(RunsForAFault, random => Judge(random, fault)))?.Message;
        Assert.StartsWith("Fails with seed ", found);
    }

    [Fact]
    public void Every_state_is_reached()
    {
        var reached = new HashSet<ClosingState>();
        Seeded.Run(500, random => Judge(random, ClosingFault.None, state => reached.Add(state)));
        Assert.Equal(Enum.GetValues<ClosingState>(), reached.Order());
    }

    private static void Judge(Random random, ClosingFault fault, Action<ClosingState>? reached = null)
    {
        var run = new Run(random, fault);
        for (int step = 0; step < 40; step++)
        {
            run.Step();
            run.Compare();
            reached?.Invoke(run.State);
        }
    }

    // One connection: what its peer, its application, its transport and its clock do, as a connection passes it on.
    private sealed class Run(Random random, ClosingFault fault)
    {
        private readonly NaiveClosing _expected = new();
        private readonly FaultyClosing _actual = new(fault);
        private readonly WebSocketRole _role = random.Next(2) == 0 ? WebSocketRole.Server : WebSocketRole.Client;
        private readonly long _closeTimeout = random.Next(4) switch
        {
            0 => long.MaxValue,
            1 => 1 + random.Next(300),
            _ => 5000,
        };

        private long _now = 1 + random.Next(3);
        private long _lastReceived;
        private PeerEnd _peer;
        private bool _ended;
        private bool _told;

        public ClosingState State => _actual.State;

        public void Step()
        {
            _now += random.Next(4) == 0 ? random.Next(3000) : random.Next(100);
            switch (random.Next(12))
            {
                case 0 or 1 when !_ended && _peer == PeerEnd.None:
                    EndPeer(random.Next(2) == 0 ? PeerEnd.Close : PeerEnd.Fault);
                    break;
                case 2 when !_ended && (_peer & PeerEnd.Tcp) == 0:
                    EndPeer(PeerEnd.Tcp);
                    break;
                case 3:
                    Close((CloseStatus)random.Next(4000, 4010), $"reason {random.Next(10)}");
                    break;
                case 4 when random.Next(3) == 0:
                    Same(_expected.MayLoseSending, _actual.OnSendingEnded(_now), "the end of sending");
                    Add(_expected.MayLoseSending, Happened.SendingEnded);
                    break;
                case 5 when random.Next(4) == 0:
                    Same(_expected.MayAbort, _actual.OnAbort(), "the abort");
                    Add(_expected.MayAbort, Happened.Aborted);
                    break;
                case 6 when random.Next(3) == 0:
                    End();
                    break;
                case 7:
                    _actual.OnReaderMoved(_now);
                    Add(_expected.IsTimed, Happened.ReaderMoved);
                    break;
                case 8:
                    _actual.NoteLeft(_now);
                    Add(_expected.IsCloseSent, Happened.BytesLeft);
                    break;
                case 9 when !_ended:
                    _lastReceived = _now;
                    break;
                default:
                    LetTheTimerLook();
                    break;
            }
        }

        public void Compare()
        {
            ClosingFacts facts = Facts();
            Same(null, _actual.BrokenInvariant, "breaks an invariant");
            Same(_expected.MaySend, _actual.MaySend, "may send");
            Same(_expected.IsCloseSent, _actual.IsCloseSent, "has sent its Close");
            Same(_expected.OwesFrame, _actual.OwesFrame, "owes a Close");
            Same(_expected.Told, (_actual.Status, _actual.Reason), "tells");
            Same(_expected.Drained(facts), _actual.CheckDrained(facts), "once all has left");
            Same(_expected.IsTimed, _actual.IsTimed, "is timed");
            // A connection that is cut off, or complete, waits for nobody but its transport.
            if (_expected.IsTimed && _actual.State is not (ClosingState.Aborted or ClosingState.Completed))
            {
                (long due, ClosingAction action) = _actual.Next(facts);
                Same(_expected.Next(facts), (due, action.Kind), "is due");
            }

            ClosingAction completes = _expected.Completes(facts);
            Same(completes, _actual.CheckCompleted(facts), "completes");
            Add(completes.Kind == ClosingActionKind.Complete, Happened.Completed);
        }

        private void EndPeer(PeerEnd end)
        {
            _peer |= end;
            (Happened what, CloseStatus status, string reason) = end switch
            {
                PeerEnd.Close => (Happened.PeerClose, (CloseStatus)random.Next(3000, 3010), "bye"),
                PeerEnd.Fault => (Happened.PeerFault, CloseStatus.ProtocolError, "Reserved opcode"),
                _ => (Happened.PeerTcpEnd, CloseStatus.Abnormal, ""),
            };
            _actual.OnPeerEnd(end, status, reason);
            _expected.Add(what, _now, status, reason);
            // The Close stays owed while a reader is behind, or this side has closed before: then the clock starts by itself.
            if ((random.Next(2) == 0 && _expected.MaySend) || !Close(CloseStatus.Abnormal, ""))
            {
                _actual.Begin(_now);
                _expected.Add(Happened.ClockStarted, _now);
            }
        }

        private bool Close(CloseStatus status, string reason)
        {
            bool sends = _expected.MaySend;
            Same(_expected.WouldSend(status, reason), _actual.Close(status, reason, _now), "sends");
            Add(sends, Happened.AskedToClose);
            return sends;
        }

        private void End()
        {
            Same(!_ended, _actual.OnEnded(_now), "the end");
            Add(!_ended, Happened.Ended);
            _ended = true;
            if (!_told && random.Next(2) == 0)
            {
                _told = true;
                _actual.OnTold();
                _expected.Add(Happened.Told, _now);
            }
        }

        private void LetTheTimerLook()
        {
            if (!_expected.IsTimed || _actual.State is ClosingState.Aborted or ClosingState.Completed)
            {
                return;
            }

            ClosingFacts facts = Facts();
            (long due, ClosingActionKind kind) = _expected.Next(facts);
            ClosingActionKind expected = _now < due ? ClosingActionKind.None : kind;
            Same(expected, _actual.OnTimer(facts, _now).Kind, "on its timer");
            switch (expected)
            {
                case ClosingActionKind.SendClose:
                    Close(CloseStatus.Abnormal, "");
                    break;
                case ClosingActionKind.EndTcp:
                    _expected.Add(Happened.TcpEndedByTimer, _now);
                    break;
                case ClosingActionKind.Abort:
                    Same(true, _actual.OnAbort(), "the abort");
                    _expected.Add(Happened.Aborted, _now);
                    break;
            }
        }

        private void Add(bool really, Happened what)
        {
            if (really)
            {
                _expected.Add(what, _now);
            }
        }

        private ClosingFacts Facts()
        {
            bool flushing = random.Next(3) == 0;
            return new ClosingFacts
            {
                Role = _role,
                CloseTimeout = _closeTimeout,
                LastReceived = _lastReceived,
                LeavingDue = random.Next(3) == 0 ? _now + random.Next(1000) : long.MaxValue,
                IsFlushing = flushing,
                IsReading = random.Next(4) == 0,
                IsLeaving = flushing || random.Next(4) == 0,
                IsPaused = random.Next(3) == 0,
                IsReaderAwaited = random.Next(3) == 0,
            };
        }

        private void Same<T>(T expected, T actual, string what)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, actual))
            {
                throw new InvalidOperationException(
                    $"{_role}, at {_now}, in {_actual.State}: {what}: {actual}, expected {expected}, after\n{_expected}"
                );
            }
        }
    }
}
