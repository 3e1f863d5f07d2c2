using System.Diagnostics;
using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>Sends messages of its own, if it is one of the senders, and counts everybody's.</summary>
internal sealed class BroadcastSession : BenchSession
{
    // Open loop: how far a server may fall behind with one sender's messages.
    private const int MaxPending = 1 << 12;

    // The sequence of what only asks who is there. Messages don't come so far.
    private const uint Probe = uint.MaxValue;

    private readonly BroadcastRun _run;
    private readonly StampReader _stamp;
    private readonly OutstandingMessage[] _outstanding;
    private readonly byte[] _template;
    private readonly byte[] _payload;
    private uint _sent;

    public BroadcastSession(BroadcastRun run, int index, bool isSlow, bool sends, byte[] template)
        : base(run, index, isSlow)
    {
        _run = run;
        _template = template;
        _payload = sends ? new byte[template.Length] : [];
        _outstanding = sends
            ? new OutstandingMessage[
                run.Options.IsOpenLoop ? MaxPending : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)run.Options.InFlight)
            ]
            : [];
        Observer = _stamp = new StampReader(run.StampPosition, template);
    }

    /// <summary>Messages of its own that have not reached everybody.</summary>
    public int Pending { get; private set; }

    /// <summary>Whether something that was sent to everybody has come here.</summary>
    public bool HasJoined { get; private set; }

    /// <summary>Sends what doesn't count, to see who gets it.</summary>
    public void SendProbe() => Send(Probe, 0);

    public void Send(long intendedAt)
    {
        ref OutstandingMessage message = ref _outstanding[_sent & (_outstanding.Length - 1)];
        if (message.Missing != 0)
        {
            throw new BenchFault(
                $"The server is {_outstanding.Length:N0} messages behind with one sender: it can't keep up with this rate.",
                ExitCode.Timeout
            );
        }

        message = new OutstandingMessage(_sent, intendedAt, _run.Receivers);
        Pending++;
        _run.NoteSent(intendedAt);
        if (!Send(_sent++, intendedAt))
        {
            throw new BenchFault("The server takes messages more slowly than they are sent.", ExitCode.Timeout);
        }
    }

    protected override void OnMessageEnd(Opcode opcode, long bytes, bool isCompressed)
    {
        bool isWrong = _stamp.TakeFault();
        if (opcode != _run.Opcode || bytes != _template.Length || isWrong || !Stamp.TryRead(_stamp.Bytes, out Stamp stamp))
        {
            throw BenchFault.WrongReply(
                $"A message of {bytes} bytes came that nobody sent: a broadcast sends each message to everybody as it is."
            );
        }

        HasJoined = true;
        if (!IsSlow && stamp.Sequence != Probe)
        {
            _run.OnDelivered(stamp, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>One more has received a message of this sender.</summary>
    public void OnDelivered(in Stamp stamp, long now)
    {
        ref OutstandingMessage message = ref _outstanding[stamp.Sequence & (_outstanding.Length - 1)];
        if (message.Sequence != stamp.Sequence || message.Missing == 0)
        {
            throw BenchFault.WrongReply("A message came more often than there are clients, or was never sent.");
        }

        message = message with { Missing = message.Missing - 1 };
        if (message.Missing == 0)
        {
            Pending--;
            _run.OnReachedAll(this, message.IntendedAt, now);
        }
    }

    private bool Send(uint sequence, long intendedAt)
    {
        _template.CopyTo(_payload, 0);
        new Stamp(_run.Worker, Index, sequence, intendedAt).Write(_payload.AsSpan(_run.StampPosition));
        return Link.Send(_payload, _run.Opcode);
    }

    private readonly record struct OutstandingMessage(uint Sequence, long IntendedAt, int Missing);
}
