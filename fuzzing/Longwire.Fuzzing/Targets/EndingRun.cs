using System.Globalization;
using System.Text;
using Longwire.Hubs.Testing;

namespace Longwire.Fuzzing;

/// <summary>One run of <see cref="EndingTarget"/>: the connection, its peer and its application, on one thread.</summary>
internal sealed class EndingRun
{
    /// <summary>In the outcome of a run in which somebody stood still for so long that less was legal.</summary>
    public const string Excused = "excused";

    private const int SettlingSeconds = 300;

    private readonly HubTestClock _time = new();
    private readonly EndingPlan _plan;
    private readonly EndingWire _wire;
    private readonly EndingModel _model = new(closeTimeoutSeconds: 5, leastRate: 240);
    private readonly WebSocketConnection _connection;
    private readonly List<string> _read = [];
    private readonly List<(ValueTask Sending, string Message)> _sends = [];
    private CloseStatus? _told;
    private int _closes;
    private int _messages;
    private string? _fragment;
    private bool _paused;

    public EndingRun(EndingPlan plan, EndingFault fault)
    {
        _plan = plan;
        _wire = new EndingWire(_time, plan.SendBufferBytes, plan.ShowsProgress, fault);
        _connection = new WebSocketConnection(
            _wire,
            plan.Role,
            plan.Options with
            {
                TimeProvider = _time,
            },
            plan.Reads ? null : new Handler(this)
        );
        _connection.Start();
    }

    public void Play()
    {
        foreach ((EndingStep step, byte argument) in _plan.Steps)
        {
            Do(step, argument);
        }
    }

    /// <summary>Lets everybody do what is still to be done, until the connection is over.</summary>
    public void Settle()
    {
        for (int round = 0; round < 100; round++)
        {
            Do(EndingStep.ApplicationResumes, 0);
            Do(EndingStep.Deliver, byte.MaxValue);
            Do(EndingStep.PeerTakesAll, 0);
            Do(EndingStep.ApplicationReadsAll, 0);
        }

        // A peer that is still there answers a Close, and ends as servers and clients do. One that breaks rules just goes.
        if (_model.PeerTalks)
        {
            if (_wire.Taken().Any(frame => frame.Opcode == 8))
            {
                Do(EndingStep.PeerCloses, 0);
            }

            Do(EndingStep.PeerEnds, 0);
        }
        else if (!_model.PeerEnded && !_model.PeerReset)
        {
            Do(EndingStep.PeerEnds, 0);
        }

        for (int second = 0; second < SettlingSeconds && !IsOver; second++)
        {
            for (int round = 0; round < 5; round++)
            {
                Do(EndingStep.Deliver, byte.MaxValue);
                Do(EndingStep.PeerTakesAll, 0);
                Do(EndingStep.ApplicationReadsAll, 0);
            }

            Pass(1);
        }
    }

    private bool IsOver => _connection.Completion.IsCompleted && (!_plan.Reads || _told is not null) && _sends.Count == 0;

    public string Judge()
    {
        Require(_connection.Completion.IsCompleted, $"It does not end: {_connection.State}");
        Require(_told is not null, "The application is not told of the end");
        Require(_plan.Reads || _closes == 1, $"OnClose was called {_closes} times");
        Require(_told == _connection.CloseStatus, $"Told was {_told}, and the status is {_connection.CloseStatus}");
        Require(_sends.Count == 0, "A send does not end");
        bool whole = !_model.MayGiveUp && !_model.ApplicationAborted;
        JudgeReading(whole);
        JudgeSending(whole);
        JudgeStatus(whole);
        string cause = _connection.AbortCause.ToString();
        return $"{_plan.Role} {(_plan.Reads ? "reads" : "handles")} {(whole ? "strict" : Excused)} {_model.PeerStatus} {_model.PeerEnded} {_model.PeerReset} {_model.ApplicationClosed} {cause} {_connection.CloseStatus} {Math.Min(_read.Count, 3)} {Math.Min(_model.Accepted.Count, 3)}";
    }

    private void JudgeReading(bool whole)
    {
        bool fits = !_model.ApplicationClosed || _plan.HasRoomToReceive || !_plan.Reads;
        string read = string.Join(' ', _read);
        string sent = string.Join(' ', _model.PeerSent);
        if (whole && fits)
        {
            Require(read == sent, $"Read was {read}; the peer had sent {sent}");
        }
        else if (fits)
        {
            Require(_model.PeerSent.Take(_read.Count).SequenceEqual(_read), $"Read was {read}, no beginning of {sent}");
        }
        else
        {
            // An application that closes has said that it is done: what doesn't fit then may be dropped.
            int at = -1;
            Require(
                _read.All(message => (at = _model.PeerSent.IndexOf(message, at + 1)) >= 0),
                $"Read was {read}, not in the order of {sent}"
            );
        }
    }

    private void JudgeSending(bool whole)
    {
        List<(int Opcode, byte[] Payload)> frames = _wire.Taken();
        List<string> arrived = [.. frames.Where(f => f.Opcode is 1 or 2).Select(f => Encoding.ASCII.GetString(f.Payload).TrimEnd('.'))];
        string[] accepted = [.. _model.Accepted];
        string shown = $"{string.Join(' ', arrived)}; accepted was {string.Join(' ', accepted)}";
        int close = frames.FindIndex(frame => frame.Opcode == 8);
        Require(close < 0 || close == frames.Count - 1, "Something was sent behind the Close frame");
        if (whole && !_model.PeerReset)
        {
            Require(arrived.SequenceEqual(accepted), $"Arrived has {shown}");
            bool owed = _model.PeerStatus is not null || (_model.ApplicationClosed && !_model.PeerEnded);
            Require(!owed || close >= 0, "The Close frame that is owed did not arrive");
            Require(_wire.PeerSeesEnd, "The peer does not see the end in good order");
        }
        else
        {
            Require(accepted.Take(arrived.Count).SequenceEqual(arrived), $"Arrived is no beginning: {shown}");
        }
    }

    private void JudgeStatus(bool whole)
    {
        if (whole)
        {
            var expected = (CloseStatus)(_model.PeerStatus ?? 1006);
            Require(_connection.CloseStatus == expected, $"The status is {_connection.CloseStatus} instead of {expected}");
            Require(_connection.AbortCause == ConnectionAbortCause.None, $"It was aborted: {_connection.AbortCause}");
        }
        else
        {
            Require(
                _connection.CloseStatus == CloseStatus.Abnormal || (int?)_connection.CloseStatus == _model.PeerStatus,
                $"The status {_connection.CloseStatus} is nobody's"
            );
        }
    }

    private void Do(EndingStep step, byte argument)
    {
        switch (step)
        {
            case EndingStep.PeerSends:
                PeerSends(argument % 16);
                break;
            case EndingStep.PeerSendsMuch:
                PeerSends(argument * 40);
                break;
            case EndingStep.PeerSendsAFragment when _model.PeerTalks && _fragment is null:
                _fragment = Name();
                _wire.PeerSends(Wire.To(_plan.Role, 1, Wire.Utf8(_fragment), fin: false));
                break;
            case EndingStep.PeerPings when _model.PeerTalks:
                _wire.PeerSends(Wire.To(_plan.Role, 9, [argument]));
                break;
            case EndingStep.PeerCloses when _model.PeerTalks:
                int status = argument % 2 == 0 ? 1000 : 4001;
                _model.PeerCloses(status);
                _wire.PeerSends(Wire.To(_plan.Role, 8, Wire.ClosePayload(status)));
                break;
            case EndingStep.PeerEnds when !_model.PeerReset && !_model.PeerEnded:
                _model.PeerEnds();
                _wire.PeerEnds();
                break;
            case EndingStep.PeerResets when !_model.PeerEnded && !_model.PeerReset:
                _model.PeerResets();
                _wire.PeerResets();
                break;
            case EndingStep.PeerBreaksARule when _model.PeerTalks:
                _model.PeerBreaksARule();
                _wire.PeerSends(Wire.To(_plan.Role, 1, [], reserved: 2));
                break;
            case EndingStep.PeerTakes:
                _model.Taken(_wire.Take(argument * 8));
                break;
            case EndingStep.PeerTakesAll:
                _model.Taken(_wire.Take(int.MaxValue));
                break;
            case EndingStep.TimePasses:
                Pass(argument / 64.0);
                break;
            case EndingStep.ApplicationReads:
                Read(1);
                break;
            case EndingStep.ApplicationReadsAll:
                Read(int.MaxValue);
                break;
            case EndingStep.ApplicationSends:
                Send(argument % 8, waits: false);
                break;
            case EndingStep.ApplicationSendsMuch:
                Send(argument * 40, waits: false);
                break;
            case EndingStep.ApplicationWaitsToSend:
                Send(argument * 4, waits: true);
                break;
            case EndingStep.ApplicationCloses:
                _model.ApplicationClosed = true;
                _connection.TryClose((CloseStatus)4000, "done");
                break;
            case EndingStep.ApplicationAborts:
                _model.ApplicationAborted = true;
                _connection.Abort();
                break;
            case EndingStep.ApplicationPauses when !_plan.Reads:
                _paused = true;
                break;
            case EndingStep.ApplicationResumes when !_plan.Reads:
                _paused = false;
                _connection.ResumeReceiving();
                break;
            case EndingStep.DateIsSet:
                // By up to five days, forward or back: durations don't notice.
                _time.StepDate(TimeSpan.FromHours(argument - 128));
                break;
            default:
                _model.Arrived(_wire.Deliver(argument == byte.MaxValue ? int.MaxValue : argument * 4));
                break;
        }

        NoteSent();
    }

    private void PeerSends(int size)
    {
        if (!_model.PeerTalks)
        {
            return;
        }

        if (_fragment is { } begun)
        {
            _fragment = null;
            _model.PeerSends(begun);
            _wire.PeerSends(Wire.To(_plan.Role, 0, Wire.Utf8(new string('.', size))));
            return;
        }

        string name = Name();
        _model.PeerSends(name);
        _wire.PeerSends(Wire.To(_plan.Role, 1, Wire.Utf8(name + new string('.', size))));
    }

    private void Pass(double seconds)
    {
        _model.TimePasses(seconds, _wire.HasUntaken, _fragment is not null || _wire.HasUndelivered);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _wire.TimeHasPassed();
    }

    // A read that has to wait has asked for more, which is what the connection looks at; then it is cancelled. That ends on a thread of the
    // pool, for which this one waits, so that never two of them are at work.
    private void Read(int most)
    {
        for (int count = 0; _plan.Reads && _told is null && count < most; count++)
        {
            using var cancellation = new CancellationTokenSource();
            ValueTask<WebSocketMessage> reading = _connection.ReadAsync(cancellation.Token);
            if (!reading.IsCompleted)
            {
                cancellation.Cancel();
                SpinWait.SpinUntil(() => reading.IsCompleted);
            }

            try
            {
                Came(reading.GetAwaiter().GetResult().Payload.Span);
            }
            catch (WebSocketClosedException closed)
            {
                _told = closed.Status;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Came(ReadOnlySpan<byte> payload)
    {
        _model.Read();
        string name = Encoding.ASCII.GetString(payload).TrimEnd('.');
        _read.Add(name);
        if (_plan.Answers)
        {
            SendNamed("re-" + name, 0, waits: _plan.Reads);
        }
    }

    private void Send(int size, bool waits) => SendNamed(Name(), size, waits);

    private void SendNamed(string name, int size, bool waits)
    {
        byte[] payload = Wire.Utf8(name + new string('.', size));
        NoteSent();
        if (!waits)
        {
            if (_connection.TrySend(payload, MessageType.Text))
            {
                _model.Accepted.Add(name);
            }

            return;
        }

        _sends.Add((_connection.SendAsync(payload, MessageType.Text), name));
        NoteSent();
    }

    // Sends are accepted in their order, so those that have ended are taken from the front.
    private void NoteSent()
    {
        while (_sends.Count != 0 && _sends[0].Sending.IsCompleted)
        {
            (ValueTask sending, string name) = _sends[0];
            _sends.RemoveAt(0);
            try
            {
                sending.GetAwaiter().GetResult();
                _model.Accepted.Add(name);
            }
            catch (WebSocketClosedException)
            {
                // Told.
            }
        }
    }

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"m{_messages++}");

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new IllegalOutcomeException(otherwise);
        }
    }

    private sealed class Handler(EndingRun run) : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
        {
            run.Came(payload);
            if (run._paused)
            {
                connection.PauseReceiving();
            }
        }

        public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason)
        {
            run._closes++;
            run._told = status;
        }
    }
}
