using System.Diagnostics;
using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>
/// Some or all connections send, and each message is to come to all of them. In a closed loop a sender goes on when its message has
/// reached everybody whom this process knows.
/// </summary>
internal sealed class BroadcastRun : SessionRun
{
    private readonly LatencyHistogram _latency = new();
    private readonly LatencyHistogram _fanOut = new();
    private readonly LatencyHistogram _lag = new();
    private readonly List<BroadcastSession> _toSend = [];
    private readonly byte[] _template;
    private readonly double _interval;
    private readonly int _senders;
    private bool _isSending;
    private long _reachedAll;
    private long _deliveries;
    private long _sent;
    private long _reached;
    private long _began;
    private long _due;
    private int _next;

    public BroadcastRun(BenchOptions options)
        : base(options)
    {
        Worker = options.Worker ?? 0;
        Receivers = options.Connections - options.SlowReaders;
        Opcode = options.Payload == PayloadKind.Binary ? Opcode.Binary : Opcode.Text;
        StampPosition = options.Payload == PayloadKind.Json ? "{\"text\":\"".Length : 0;
        _template = Script.CreatePayload(options.Payload, options.Sizes[0], varied: false);
        _senders = options.Senders == 0 ? Receivers : Math.Min(options.Senders, Receivers);
        _interval = options.IsOpenLoop ? Stopwatch.Frequency / options.Rate : 0;
    }

    public int Worker { get; }

    public override long Completed => Volatile.Read(ref _deliveries);

    public int Receivers { get; }

    public Opcode Opcode { get; }

    public int StampPosition { get; }

    protected override long Pending => Sessions.Sum(static session => (long)((BroadcastSession)session).Pending);

    public static int LeastBytes(PayloadKind kind) => Script.LeastBytes(kind) + Stamp.Length;

    public void NoteSent(long intendedAt)
    {
        if (IsInWindow(intendedAt))
        {
            _sent++;
        }
    }

    public void OnDelivered(in Stamp stamp, long now)
    {
        if (IsInWindow(now))
        {
            _deliveries++;
        }

        if (IsInWindow(stamp.Time))
        {
            _reached++;
            _latency.Record(now - stamp.Time);
        }

        // Of other processes' messages only their arrival is known here.
        if (stamp.Worker == Worker)
        {
            if (stamp.Sender >= _senders)
            {
                throw BenchFault.WrongReply("A message came that was never sent.");
            }

            ((BroadcastSession)Sessions[stamp.Sender]).OnDelivered(stamp, now);
        }
    }

    public void OnReachedAll(BroadcastSession sender, long intendedAt, long now)
    {
        if (IsInWindow(Options.IsOpenLoop ? intendedAt : now))
        {
            _reachedAll++;
            _fanOut.Record(now - intendedAt);
        }

        if (_isSending && !Options.IsOpenLoop)
        {
            sender.Send(now);
        }
    }

    protected override BenchSession CreateSession(int index, bool isSlow) =>
        new BroadcastSession(this, index, isSlow, index < _senders, _template);

    protected override void Prepare(int? windowBits)
    {
        foreach (BenchSession session in Sessions.Take(_senders))
        {
            _toSend.Add((BroadcastSession)session);
        }
    }

    // A server may count somebody in only a moment after its handshake. So something is sent to everybody until everybody has got it.
    protected override async Task JoinAsync(CancellationToken cancellationToken)
    {
        long deadline = Stopwatch.GetTimestamp() + Ticks(Options.Patience);
        while (true)
        {
            int outside = 0;
            await OnLoopAsync(() =>
            {
                outside = Sessions.Take(Receivers).Count(static session => !((BroadcastSession)session).HasJoined);
                if (outside > 0)
                {
                    _toSend[0].SendProbe();
                }
            });
            if (outside == 0 || Failure is not null)
            {
                return;
            }

            if (Stopwatch.GetTimestamp() > deadline)
            {
                throw new BenchFault(
                    $"{outside:N0} of {Receivers:N0} connections get nothing of what is sent to everybody.",
                    ExitCode.Timeout
                );
            }

            await Task.Delay(10, cancellationToken);
        }
    }

    protected override void Begin(long now)
    {
        _isSending = true;
        _began = now;
        if (Options.IsOpenLoop)
        {
            return;
        }

        foreach (BroadcastSession sender in _toSend)
        {
            for (int i = 0; i < Options.InFlight; i++)
            {
                sender.Send(now);
            }
        }
    }

    protected override long Tick(long now)
    {
        lock (Gate)
        {
            long intendedAt;
            while ((intendedAt = _began + (long)(_due * _interval)) <= now && _isSending && Failure is null && _toSend.Count > 0)
            {
                _due++;
                try
                {
                    _toSend[_next].Send(intendedAt);
                }
                catch (BenchFault fault)
                {
                    Fail(fault);
                }

                _next = (_next + 1) % _toSend.Count;
                if (IsInWindow(intendedAt))
                {
                    _lag.Record(now - intendedAt);
                }
            }

            return intendedAt;
        }
    }

    protected override void StopSending()
    {
        if (Options.IsOpenLoop && _isSending)
        {
            // Messages due before the end belong to the window, though nobody has woken for them yet.
            Tick(WindowEnd);
        }

        _isSending = false;
    }

    protected override string LostText(long lost) =>
        $"{lost:N0} messages did not reach everybody within {Options.Patience.TotalSeconds:0.##} s.";

    protected override BenchShare CreateShare(double seconds) =>
        new()
        {
            Seconds = seconds,
            Messages = _reachedAll,
            Latency = _latency.ToData(),
            FanOut = _fanOut.ToData(),
            Lag = Options.IsOpenLoop ? _lag.ToData() : null,
            Deliveries = _deliveries,
            Sent = _sent,
            Reached = _reached,
            Receivers = Receivers,
            OwnCpuSeconds = Meter.OwnSeconds,
            ServerCpuSeconds = Meter.ServerSeconds,
        };

    private bool IsInWindow(long time) => time >= WindowStart && time < WindowEnd;
}
