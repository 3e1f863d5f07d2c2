using System.Buffers;
using System.Runtime.InteropServices;

namespace Longwire.Tests;

/// <summary>A transport without I/O and without threads: a test feeds it, holds its flushes, and sees what was sent.</summary>
internal sealed class ManualTransport : WebSocketTransport
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ArrayBufferWriter<byte> _sent = new();
    private readonly byte[] _room = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private byte[] _unread = [];
    private bool _reserved;
    private bool _feeding;
    private bool _resumed;
    private bool _ended;

    /// <summary>How much room it gives to be filled in place.</summary>
    public int Room { get; set; } = 512;

    public bool HoldsFlushes { get; set; }

    public bool HoldsEnd { get; set; }

    public bool FlushIsUnderWay { get; private set; }

    public bool Closed { get; private set; }

    public bool Aborted { get; private set; }

    public int Flushes { get; private set; }

    public bool IsPaused { get; private set; }

    public ReadOnlySpan<byte> Sent => _sent.WrittenSpan;

    /// <summary>Called in the middle of a flush, where a transport may run anybody's code.</summary>
    public Action? DuringFlush { get; set; }

    protected internal override IBufferWriter<byte> Output
    {
        get
        {
            Assert.False(FlushIsUnderWay, "The output belongs to the transport while a flush is under way.");
            Assert.False(_reserved, "What was written in place comes before what is written now.");
            return _output;
        }
    }

    /// <summary>The messages that the peer's receiver has read so far.</summary>
    public List<string> PeerSees()
    {
        WebSocketRole peer = Connection.Role == WebSocketRole.Server ? WebSocketRole.Client : WebSocketRole.Server;
        return Transcript.Of(peer, [Sent.ToArray()], new ReceiverLimits { MaxMessageBytes = 1 << 30 });
    }

    /// <summary>The peer sends.</summary>
    public void Feed(params ReadOnlySpan<byte> bytes)
    {
        _unread = [.. _unread, .. bytes];
        if (!IsPaused)
        {
            Pump();
        }
    }

    public void FeedText(string text) => Feed(Wire.To(Connection.Role, 1, Wire.Utf8(text)));

    public void FeedClose(int status = 1000, string reason = "") => Feed(Wire.To(Connection.Role, 8, Wire.ClosePayload(status, reason)));

    /// <summary>Lets the flush end that is under way; those that follow are held no more.</summary>
    public void ReleaseFlush()
    {
        HoldsFlushes = false;
        EndFlush();
    }

    /// <summary>Lets one flush end; the next is held again.</summary>
    public void EndFlush()
    {
        Assert.True(FlushIsUnderWay);
        FlushIsUnderWay = false;
        Take();
        Connection.Flushed();
    }

    /// <summary>Bytes that the peer's side has acknowledged, and that it has yet to; null where the transport can't tell.</summary>
    public (long Taken, long Waiting)? PeerProgress { get; set; }

    protected internal override bool TryGetPeerProgress(out long taken, out long waiting)
    {
        (taken, waiting) = PeerProgress ?? default;
        return PeerProgress is not null;
    }

    /// <summary>The peer ends its direction of TCP in good order.</summary>
    public void EndPeer()
    {
        Assert.Empty(_unread);
        Connection.ReceivingEnded();
    }

    /// <summary>TCP ends.</summary>
    public void End(Exception? error = null)
    {
        if (!_ended)
        {
            _ended = true;
            Connection.Ended(error);
        }
    }

    protected internal override void Start() => Connection.Opened();

    protected internal override unsafe byte* Reserve(out int length)
    {
        Assert.True(_feeding, "Room is given while a read is worked through.");
        Assert.False(_reserved, "Once at a time.");
        _reserved = Room > 0;
        length = Room;
        return _reserved ? (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_room, 0) : null;
    }

    protected internal override void Commit(int count)
    {
        Assert.True(_reserved);
        Assert.InRange(count, 0, Room);
        _reserved = false;
        _output.Write(_room.AsSpan(0, count));
    }

    protected internal override bool TryFlush()
    {
        Assert.False(FlushIsUnderWay, "One flush at a time.");
        Assert.False(_reserved, "What was written in place is flushed too.");
        Flushes++;
        FlushIsUnderWay = true;
        DuringFlush?.Invoke();
        if (HoldsFlushes)
        {
            return false;
        }

        FlushIsUnderWay = false;
        Take();
        return true;
    }

    protected internal override void ResumeReceiving()
    {
        _resumed = true;
        if (IsPaused && !_feeding)
        {
            IsPaused = false;
            Pump();
        }
    }

    protected internal override void Close(bool abort)
    {
        Closed = true;
        Aborted |= abort;
        if (!_feeding && !HoldsEnd)
        {
            End();
        }
    }

    private void Take()
    {
        _sent.Write(_output.WrittenSpan);
        _output.ResetWrittenCount();
    }

    private void Pump()
    {
        while (!IsPaused && !_ended && _unread.Length != 0)
        {
            _resumed = false;
            _feeding = true;
            bool goOn = Connection.Receive(_unread, out int consumed);
            _feeding = false;
            Assert.True(!goOn || consumed == _unread.Length, "All is taken, unless receiving pauses.");
            _unread = _unread[consumed..];
            IsPaused = !goOn && !_resumed;
            if (Closed && !HoldsEnd)
            {
                End();
            }
        }
    }
}
