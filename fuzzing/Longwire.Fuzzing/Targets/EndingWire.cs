using System.Buffers;

namespace Longwire.Fuzzing;

/// <summary>
/// TCP in memory, as a connection's transport: what the peer sends arrives when told, what the connection sends waits in a buffer until
/// the peer takes it, either side may end its direction, and the peer may reset both. One thread; no time passes by itself. It can be
/// told to be faulty, so that it shows whether the faults are found.
/// </summary>
internal sealed class EndingWire(TimeProvider time, int sendBufferBytes, bool showsProgress, EndingFault fault) : WebSocketTransport
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly List<byte> _sent = []; // by the peer, on its way
    private readonly List<byte> _unread = []; // arrived
    private readonly List<byte> _buffered = []; // flushed, and not taken by the peer
    private readonly List<byte> _taken = [];
    private readonly TimerWheel _timers = new(time);
    private bool _peerHasEnded;
    private bool _endArrived;
    private bool _endTold;
    private bool _isReset;
    private bool _isPaused;
    private bool _feeding;
    private bool _resumed;
    private bool _flushing;
    private bool _closed;
    private bool _ended;

    /// <summary>The frames that the peer has taken.</summary>
    public List<(int Opcode, byte[] Payload)> Taken()
    {
        List<(int Opcode, byte[] Payload)> frames = EndingFrames.Read([.. _taken]);
        int first = frames.FindIndex(frame => frame.Opcode is 1 or 2);
        int second = first < 0 ? -1 : frames.FindIndex(first + 1, frame => frame.Opcode is 1 or 2);
        switch (fault)
        {
            case EndingFault.LosesTheClose:
                frames.RemoveAll(frame => frame.Opcode == 8);
                break;
            case EndingFault.DoublesAMessage when first >= 0:
                frames.Insert(first, frames[first]);
                break;
            case EndingFault.SwapsMessages when second > 0:
                (frames[first], frames[second]) = (frames[second], frames[first]);
                break;
        }

        return frames;
    }

    /// <summary>Whether something waits that the peer has not taken.</summary>
    public bool HasUntaken => _buffered.Count != 0;

    public bool HasUndelivered => _sent.Count != 0 || _unread.Count != 0 || (_peerHasEnded && !_endTold);

    /// <summary>Whether the connection has ended its direction in order, and the peer has taken all before.</summary>
    public bool PeerSeesEnd => _closed && !Aborted && _buffered.Count == 0;

    public bool Aborted { get; private set; }

    public bool IsReset => _isReset;

    protected internal override IBufferWriter<byte> Output => _output;

    protected internal override TimerWheel? Timers => _timers;

    public void PeerSends(ReadOnlySpan<byte> bytes)
    {
        for (int times = fault == EndingFault.DoublesWhatArrives ? 2 : 1; times > 0 && !_peerHasEnded && !_isReset; times--)
        {
            _sent.AddRange(bytes);
        }
    }

    public void PeerEnds() => _peerHasEnded = true;

    /// <summary>All that was sent arrives, and then the reset: nothing is taken any more.</summary>
    public void PeerResets()
    {
        if (_isReset)
        {
            return;
        }

        if (fault == EndingFault.DropsTheQueueAtAReset)
        {
            _sent.Clear();
            _unread.Clear();
        }

        Deliver(int.MaxValue);
        _isReset = true;
        _buffered.Clear();
        if (_flushing)
        {
            _flushing = false;
            Connection.SendingEnded(new IOException("Reset."));
            Connection.Flushed();
        }

        Pump();
    }

    /// <summary>So many bytes of what the peer sent arrive; behind the last of them its end, if it has ended.</summary>
    public int Deliver(int count)
    {
        count = Math.Min(count, _sent.Count);
        _unread.AddRange(_sent[..count]);
        _sent.RemoveRange(0, count);
        if (fault == EndingFault.DropsTheTailAtTheEnd && _peerHasEnded && _sent.Count == 0 && !_endArrived)
        {
            _unread.RemoveRange(_unread.Count / 2, _unread.Count - (_unread.Count / 2));
        }

        _endArrived |= _peerHasEnded && _sent.Count == 0;
        Pump();
        return count;
    }

    /// <summary>The peer takes so many bytes of what was sent.</summary>
    public int Take(int count)
    {
        count = Math.Min(count, _buffered.Count);
        _taken.AddRange(_buffered[..count]);
        _buffered.RemoveRange(0, count);
        if (_flushing && _buffered.Count <= sendBufferBytes)
        {
            _flushing = false;
            Connection.Flushed();
        }

        return count;
    }

    /// <summary>The clock was turned.</summary>
    public void TimeHasPassed()
    {
        if (fault == EndingFault.CutsOffSlowPeers && HasUntaken && !_ended)
        {
            Close(abort: true);
        }

        _timers.Advance();
    }

    protected internal override void Start() => Connection.Opened();

    protected internal override bool TryFlush()
    {
        if (_isReset || (fault == EndingFault.SendsNothingAfterTheEnd && _endArrived))
        {
            _output.ResetWrittenCount();
            Connection.SendingEnded(new IOException("Reset."));
            return true;
        }

        _buffered.AddRange(_output.WrittenSpan);
        _output.ResetWrittenCount();
        _flushing = _buffered.Count > sendBufferBytes;
        return !_flushing;
    }

    protected internal override bool TryGetPeerProgress(out long taken, out long waiting)
    {
        (taken, waiting) = (_taken.Count, _buffered.Count);
        return showsProgress;
    }

    protected internal override void ResumeReceiving()
    {
        _resumed = true;
        if (_isPaused && !_feeding)
        {
            _isPaused = false;
            Pump();
        }
    }

    protected internal override void Close(bool abort)
    {
        _closed = true;
        if (abort)
        {
            Aborted = true;
            _buffered.Clear();
        }

        End();
    }

    // Within a call of Receive the end waits until that has returned. One in order also waits for the peer's.
    private void End()
    {
        if (_ended || _feeding || !_closed)
        {
            return;
        }

        if (Aborted || _isReset || _endTold)
        {
            _ended = true;
            if (_flushing)
            {
                _flushing = false;
                Connection.SendingEnded();
                Connection.Flushed();
            }

            Connection.Ended(null);
        }
    }

    private void Pump()
    {
        while (!_isPaused && !_ended && !_feeding && _unread.Count != 0)
        {
            byte[] bytes = [.. _unread];
            _resumed = false;
            _feeding = true;
            bool goOn = Connection.Receive(bytes, out int consumed);
            _feeding = false;
            // Bytes not taken may have been changed: they are unmasked where they lie.
            _unread.Clear();
            _unread.AddRange(bytes[consumed..]);
            _isPaused = !goOn && !_resumed;
        }

        if (_ended || _feeding || _unread.Count != 0)
        {
            End();
            return;
        }

        if (_isReset)
        {
            _ended = true;
            Connection.SendingEnded(new IOException("Reset."));
            Connection.Ended(new IOException("Reset."));
        }
        else if (_endArrived && !_endTold && fault != EndingFault.ForgetsTheEnd)
        {
            _endTold = true;
            Connection.ReceivingEnded();
        }

        End();
    }
}
