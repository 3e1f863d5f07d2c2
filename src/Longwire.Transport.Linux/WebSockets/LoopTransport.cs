using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>
/// Carries a connection on an event loop: what arrives is fed where it lies, what the loop's own thread writes goes straight to the
/// turn's cork. Other threads write into a buffer of their own, which the loop is asked to send; it exists only meanwhile.
/// </summary>
internal sealed class LoopTransport : WebSocketTransport, IBufferWriter<byte>
{
    private readonly LoopSocket _socket;
    private SendBuffer? _buffer;
    private UnreadBytes? _unread; // what the connection has not taken, because it is paused or not started
    private Requests _requests;
    private short _error; // a SocketError, small because every idle connection has one
    private Progress _progress;

    public LoopTransport(LoopSocket socket) => _socket = socket;

    [Flags]
    private enum Progress : byte
    {
        None = 0,
        Opened = 1,

        /// <summary>The connection waits for the kernel to take the rest.</summary>
        Flushing = 2,

        /// <summary>The peer sends no more; the connection hears of it when it has taken all.</summary>
        PeerEnded = 4,

        /// <summary>The connection has heard of it.</summary>
        PeerEndTold = 8,

        /// <summary>The peer takes no more.</summary>
        SendingEnded = 16,
    }

    [Flags]
    private enum Requests
    {
        None = 0,
        Start = 1,
        Flush = 2,
        Resume = 4,
        Close = 8,
        Abort = 16,

        /// <summary>The socket is gone, and no request reaches it any more. Never taken back.</summary>
        Closed = 32,
    }

    /// <summary>The connection that this carries; null before it is made.</summary>
    internal WebSocketConnection? Carried => Connection;

    private bool IsOpened => (_progress & Progress.Opened) != 0;

    private bool IsFlushing
    {
        get => (_progress & Progress.Flushing) != 0;
        set => _progress = value ? _progress | Progress.Flushing : _progress & ~Progress.Flushing;
    }

    protected internal override IBufferWriter<byte> Output => this;

    protected internal override TimerWheel Timers => _socket.Loop.WebSocketTimers;

    protected internal override PipeScheduler Scheduler => _socket.Loop.Scheduler;

    protected internal override void Start()
    {
        if (Request(Requests.Start))
        {
            return;
        }
        // It ended before it began.
        _socket.Loop.Post(static transport => ((LoopTransport)transport!).End(), this);
    }

    protected internal override bool TryFlush()
    {
        // Off the loop, the loop is asked; of a socket that is gone nothing is owed.
        if (!_socket.Loop.IsCurrent)
        {
            return !Request(Requests.Flush);
        }

        SendBuffered();
        return !IsFlushing;
    }

    // The turn's output leaves at its end, unless the kernel refuses some: then the next flush waits for that.
    protected internal override bool NeedsFlush => _buffer is not null || _socket.PendingBytes > 0;

    protected internal override bool TryWrite(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, bool inReceive) =>
        _buffer is null && (inReceive || _socket.Loop.IsCurrent) && _socket.Send(header, payload);

    protected internal override unsafe byte* Reserve(out int length)
    {
        if (_buffer is null && _socket.TryReserve(1, out Span<byte> room))
        {
            length = room.Length;
            return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(room));
        }

        length = 0;
        return null;
    }

    protected internal override EndPoint? RemoteEndPoint => _socket.RemoteEndPoint;

    protected internal override EndPoint? LocalEndPoint => _socket.LocalEndPoint;

    protected internal override void Commit(int count) => _socket.Advance(count);

    protected internal override void ResumeReceiving() => Request(Requests.Resume);

    protected internal override bool TryGetPeerProgress(out long taken, out long waiting)
    {
        bool known = Descriptor.TryGetPeerProgress(_socket.FileDescriptor, out taken, out waiting);
        waiting += _socket.PendingBytes;
        return known;
    }

    protected internal override void Close(bool abort)
    {
        if (!_socket.Loop.IsCurrent)
        {
            Request(abort ? Requests.Abort : Requests.Close);
        }
        else if (abort)
        {
            _socket.Abort();
        }
        else
        {
            _socket.Close();
        }
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_buffer is null && _socket.Loop.IsCurrent && _socket.TryReserve(Math.Max(sizeHint, 1), out Span<byte> room))
        {
            return room;
        }

        _buffer ??= new SendBuffer();
        return _buffer.GetSpan(sizeHint);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _buffer ??= new SendBuffer();
        return _buffer.GetMemory(sizeHint);
    }

    public void Advance(int count)
    {
        if (_buffer is null)
        {
            _socket.Advance(count);
        }
        else
        {
            _buffer.Advance(count);
        }
    }

    public void OnReceive(Span<byte> data)
    {
        if (!IsOpened || _unread is not null)
        {
            Keep(data);
            return;
        }

        if (Connection.Receive(data, out int consumed))
        {
            return;
        }
        // The rest stays here until the connection goes on; and the socket is not to bring more.
        _socket.PauseReceiving();
        Keep(data[consumed..]);
    }

    public void OnPeerEnded()
    {
        _progress |= Progress.PeerEnded;
        TellPeerEnd();
    }

    public void OnSendingEnded(SocketError error)
    {
        _error = (short)error;
        _progress |= Progress.SendingEnded;
        if (IsOpened)
        {
            EndSending();
        }
    }

    public void OnPosted()
    {
        Requests requests = (Requests)Interlocked.And(ref Unsafe.As<Requests, int>(ref _requests), (int)Requests.Closed);
        if ((requests & Requests.Start) != 0)
        {
            Open();
        }

        if ((requests & Requests.Flush) != 0)
        {
            SendBuffered();
            if (!IsFlushing)
            {
                Connection.Flushed();
            }
        }

        if ((requests & Requests.Resume) != 0 && IsOpened)
        {
            Resume();
        }

        if ((requests & Requests.Abort) != 0)
        {
            _socket.Abort();
        }
        else if ((requests & Requests.Close) != 0)
        {
            _socket.Close();
        }
    }

    public void OnWritable()
    {
        if (!IsFlushing)
        {
            return;
        }

        IsFlushing = false;
        Connection.Flushed();
    }

    public void OnStopping()
    {
        if (IsOpened)
        {
            Connection.TryClose(Longwire.CloseStatus.GoingAway, "Going away");
        }
        else
        {
            _socket.Close();
        }
    }

    public void OnClosed(SocketError error)
    {
        _error = (short)error;
        var requests = (Requests)Interlocked.Or(ref Unsafe.As<Requests, int>(ref _requests), (int)Requests.Closed);
        IsFlushing |= (requests & Requests.Flush) != 0;
        if (IsOpened || (requests & Requests.Start) != 0)
        {
            End();
        }
    }

    /// <summary>Asks the loop; false where the socket is gone.</summary>
    private bool Request(Requests request)
    {
        var before = (Requests)Interlocked.Or(ref Unsafe.As<Requests, int>(ref _requests), (int)request);
        if ((before & Requests.Closed) != 0)
        {
            return false;
        }

        _socket.Post();
        return true;
    }

    private void Open()
    {
        _progress |= Progress.Opened;
        Connection.Opened();
        if ((_progress & Progress.SendingEnded) != 0)
        {
            EndSending();
        }

        Resume();
    }

    // Nothing of a flush that is still owed can leave any more.
    private void EndSending()
    {
        Connection.SendingEnded(new SocketException(_error));
        if (IsFlushing)
        {
            IsFlushing = false;
            Connection.Flushed();
        }
    }

    private void TellPeerEnd()
    {
        if (
            (_progress & (Progress.Opened | Progress.PeerEnded | Progress.PeerEndTold)) == (Progress.Opened | Progress.PeerEnded)
            && _unread is null
        )
        {
            _progress |= Progress.PeerEndTold;
            Connection.ReceivingEnded();
        }
    }

    // The last calls to the connection: nothing comes any more, and a flush that is still owed is over.
    private void End()
    {
        if (!IsOpened)
        {
            _progress |= Progress.Opened;
            Connection.Opened();
        }

        ReleaseUnread();
        Connection.Ended(_error == (short)SocketError.Success ? null : new SocketException(_error));
        _buffer?.Release();
        _buffer = null;
        if (!IsFlushing)
        {
            return;
        }

        IsFlushing = false;
        Connection.Flushed();
    }

    private void Resume()
    {
        while (_unread is not null)
        {
            bool goOn = Connection.Receive(_unread.Bytes, out int consumed);
            _unread.Consume(consumed);
            if (_unread.Bytes.IsEmpty)
            {
                ReleaseUnread();
            }

            if (!goOn)
            {
                return;
            }
        }

        _socket.ResumeReceiving();
        TellPeerEnd();
    }

    private void SendBuffered()
    {
        if (_buffer is not null)
        {
            _socket.Send(_buffer.Written);
            _buffer.Release();
            _buffer = null;
        }

        IsFlushing = _socket.PendingBytes > 0;
    }

    private void Keep(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        _unread ??= new UnreadBytes();
        _unread.Append(data);
    }

    private void ReleaseUnread()
    {
        _unread?.Release();
        _unread = null;
    }
}
