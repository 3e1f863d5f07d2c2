using System.Diagnostics;
using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>Sends the script's messages and waits for each to come back.</summary>
internal sealed class EchoSession(EchoRun run, int index, bool isSlow) : BenchSession(run, index, isSlow)
{
    // In an open loop a server may fall behind. This far, and no further.
    private const int MaxPending = 1 << 16;

    private readonly bool _isTcp = run.Options.IsTcp;
    private readonly bool _usesClient = run.Options.UsesClient;
    private Script _script = null!;
    private EchoVerifier _verifier = null!;
    private long[] _intendedAt = new long[1];
    private long _scheduled;
    private long _replied;
    private long _now;
    private int _replyKind;
    private int _rawBytes;
    private int _slot;
    private int _part;
    private int _unsent;

    /// <summary>Messages that were sent, or are to be, and have no reply yet.</summary>
    public long Pending => _scheduled - _replied;

    public void Begin(Script script)
    {
        _script = script;
        _verifier = new EchoVerifier(script, Deflate);
        Observer = _verifier;
    }

    /// <summary>A message is due: its reply is measured from then on, whenever it really leaves.</summary>
    public void Schedule(long intendedAt)
    {
        if (Pending == _intendedAt.Length)
        {
            Grow();
        }

        _intendedAt[_scheduled++ & (_intendedAt.Length - 1)] = intendedAt;
        _unsent++;
    }

    public void Flush()
    {
        while (_unsent > 0 && Link.Send(_script, ref _slot, ref _part, _unsent) is var sent and > 0)
        {
            _unsent -= sent;
        }
    }

    public override void Receive(ReadOnlySpan<byte> bytes)
    {
        // One reading of the clock serves all replies that came together, and the messages that follow them.
        _now = Stopwatch.GetTimestamp();
        if (_isTcp)
        {
            ReceiveRaw(bytes);
        }
        else
        {
            base.Receive(bytes);
        }
    }

    public override void OnWritable() => Flush();

    protected override void TakeWhole(ref ReadOnlySpan<byte> bytes)
    {
        if (_script is null || !_script.KnowsReplies)
        {
            return;
        }

        // A reply that differs is read frame by frame, which shows how.
        int count = 0;
        ReadOnlySpan<byte> reply = _script.Reply(_replyKind);
        while (bytes.StartsWith(reply) && count < Pending - _unsent)
        {
            bytes = bytes[reply.Length..];
            count++;
            NextReply();
            reply = _script.Reply(_replyKind);
        }

        if (count > 0)
        {
            Complete(count);
        }
    }

    protected override void OnMessageEnd(Opcode opcode, long bytes, bool isCompressed)
    {
        if (_usesClient)
        {
            _now = Stopwatch.GetTimestamp();
        }

        ThrowIfNothingWasSent();
        if (opcode != _script.Opcode)
        {
            throw BenchFault.WrongReply($"A reply has opcode {(int)opcode} in place of {(int)_script.Opcode}.");
        }

        int expected = _script.Payload(_replyKind).Length;
        if (!isCompressed && bytes != expected)
        {
            throw BenchFault.WrongReply($"A reply has {bytes} bytes in place of {expected}.");
        }

        _verifier.EndMessage(isCompressed);
        CompleteOne();
    }

    protected override void OnReceived()
    {
        if (_unsent > 0)
        {
            Flush();
        }
    }

    // Plain TCP, where a message is nothing but a number of bytes.
    private void ReceiveRaw(ReadOnlySpan<byte> bytes)
    {
        run.NoteProgress();
        while (!bytes.IsEmpty)
        {
            ThrowIfNothingWasSent();
            int length = _script.Payload(_replyKind).Length;
            int count = Math.Min(bytes.Length, length - _rawBytes);
            _verifier.OnPayload(_rawBytes, bytes[..count]);
            _rawBytes += count;
            bytes = bytes[count..];
            if (_rawBytes < length)
            {
                break;
            }

            _rawBytes = 0;
            CompleteOne();
        }

        OnReceived();
    }

    private void CompleteOne()
    {
        NextReply();
        Complete(1);
    }

    private void NextReply() => _verifier.Kind = _replyKind = _replyKind + 1 == _script.Kinds ? 0 : _replyKind + 1;

    // Then there needn't be a script yet. Of plain TCP a part comes back before the rest has left.
    private void ThrowIfNothingWasSent()
    {
        if (Pending == _unsent && _part == 0)
        {
            throw BenchFault.WrongReply("The server replied to nothing.");
        }
    }

    private void Complete(int count)
    {
        int mask = _intendedAt.Length - 1;
        for (int left = count; left > 0; )
        {
            // Messages due at the same time have waited for as long.
            long intendedAt = _intendedAt[_replied++ & mask];
            int same = 1;
            while (same < left && _intendedAt[_replied & mask] == intendedAt)
            {
                _replied++;
                same++;
            }

            if (!IsSlow)
            {
                run.Record(intendedAt, _now, same);
            }

            left -= same;
        }

        if (run.GoesOnAtReply)
        {
            for (int i = 0; i < count; i++)
            {
                Schedule(_now);
            }
        }
    }

    private void Grow()
    {
        if (_intendedAt.Length == MaxPending)
        {
            throw new BenchFault(
                $"The server is {MaxPending:N0} messages behind on one connection: it can't keep up with this rate.",
                ExitCode.Timeout
            );
        }

        long[] larger = new long[_intendedAt.Length * 2];
        for (long i = _replied; i < _scheduled; i++)
        {
            larger[i & (larger.Length - 1)] = _intendedAt[i & (_intendedAt.Length - 1)];
        }

        _intendedAt = larger;
    }
}
