using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>One connection of a run: what it sends, and what it makes of what comes. Calls for one run never overlap.</summary>
internal abstract class BenchSession(SessionRun run, int index, bool isSlow)
{
    private static readonly TimeSpan _slowPause = TimeSpan.FromMilliseconds(100);

    private FrameReader _reader;

    public SessionRun Run => run;

    public int Index => index;

    /// <summary>Whether it reads a little at a time, and is not measured.</summary>
    public bool IsSlow => isSlow;

    /// <summary>Whether the server has said that it sends no more.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The session's link; set when it is open.</summary>
    public IBenchLink Link { get; set; } = null!;

    /// <summary>The agreed parameters of permessage-deflate; null for none.</summary>
    public DeflateParameters? Deflate { get; set; }

    protected PayloadObserver? Observer { get; set; }

    /// <summary>Bytes have come, on the loop.</summary>
    public virtual void Receive(ReadOnlySpan<byte> bytes)
    {
        run.NoteProgress();
        if (isSlow)
        {
            Link.Pause(_slowPause);
        }

        while (true)
        {
            if (_reader.IsBetweenMessages)
            {
                TakeWhole(ref bytes);
            }

            if (!_reader.TryRead(ref bytes, Observer, Deflate is not null))
            {
                break;
            }

            OnMessageEnd(_reader.MessageOpcode, _reader.MessageBytes, _reader.IsCompressed);
        }

        if (_reader.Ping is { } ping)
        {
            _reader.Ping = null;
            Link.Pong(ping);
        }

        if (_reader.Close is { } close)
        {
            OnCloseFrame(close);
        }

        OnReceived();
    }

    /// <summary>A whole message has come, where the connection reads the frames.</summary>
    public void OnMessage(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        run.NoteProgress();
        if (isSlow)
        {
            Link.Pause(_slowPause);
        }

        Observer?.OnPayload(0, payload);
        OnMessageEnd(opcode, payload.Length, isCompressed: false);
        OnReceived();
    }

    /// <summary>There is room to send again.</summary>
    public virtual void OnWritable() { }

    /// <summary>The connection has ended, by whomever.</summary>
    public void OnEnded()
    {
        HasEnded = true;
        if (run.IsClosing)
        {
            return;
        }

        if (isSlow)
        {
            run.SlowReaderEnded();
        }
        else
        {
            run.Fail(new BenchFault("The server ended a connection.", ExitCode.NameOrTcp));
        }
    }

    /// <summary>
    /// Takes messages that lie whole at the front and are known at a glance, as most do; the rest is read frame by frame.
    /// </summary>
    protected virtual void TakeWhole(ref ReadOnlySpan<byte> bytes) { }

    /// <summary>A message has ended; the observer has seen its payload.</summary>
    protected abstract void OnMessageEnd(Opcode opcode, long bytes, bool isCompressed);

    /// <summary>All that came at once has been looked at.</summary>
    protected virtual void OnReceived() { }

    private void OnCloseFrame(byte[] payload)
    {
        HasEnded = true;
        if (!isSlow && !run.IsClosing)
        {
            string status = payload.Length >= 2 ? $"{payload[0] << 8 | payload[1]}" : "no status";
            throw BenchFault.WrongReply($"The server closed a connection ({status}).");
        }
    }
}
