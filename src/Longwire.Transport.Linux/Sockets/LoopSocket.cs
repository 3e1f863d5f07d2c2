using System.Net;

namespace Longwire.Transport.Linux;

/// <summary>
/// One connected socket on an event loop: all that is kept of a connection that waits. It owns no buffer and no timer object.
/// Everything but <see cref="Post"/>, <see cref="SendFromAnyThread"/> and <see cref="AbortFromAnyThread"/> is for the
/// loop's own thread.
/// </summary>
internal sealed partial class LoopSocket : LoopWorkItem
{
    private readonly EventLoop _loop;
    private LoopSocketHandler _handler;
    private PendingBytes? _pending;
    private readonly int _descriptor;
    private byte _posted;

    internal LoopSocket(EventLoop loop, int descriptor, LoopSocketHandler handler)
    {
        _loop = loop;
        _descriptor = descriptor;
        _handler = handler;
    }

    /// <summary>The loop that the socket lives on, for good.</summary>
    public EventLoop Loop => _loop;

    /// <summary>The handler. A new one gets everything from the next event on; set it on the loop's thread.</summary>
    public LoopSocketHandler Handler
    {
        get => _handler;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _handler = value;
        }
    }

    /// <summary>The handler's own object for this socket, where one handler serves many.</summary>
    public object? State { get; set; }

    /// <summary>True once the socket was closed or is being closed by this side: nothing can be sent any more.</summary>
    public bool IsClosed => (Flags & (SocketFlags.Closed | SocketFlags.Closing)) != 0;

    /// <summary>True once the peer has ended its side.</summary>
    public bool IsPeerEnded => (Flags & SocketFlags.PeerEnded) != 0;

    /// <summary>The peer's address, asked of the kernel at each call; null once the socket is closed. Not kept, to stay small.</summary>
    public EndPoint? RemoteEndPoint => IsGone ? null : Descriptor.RemoteEndPoint(_descriptor);

    /// <summary>This side's address, asked of the kernel at each call; null once the socket is closed.</summary>
    public EndPoint? LocalEndPoint => IsGone ? null : Descriptor.LocalEndPoint(_descriptor);

    private bool IsGone => (Flags & SocketFlags.Gone) != 0;

    internal int FileDescriptor => _descriptor;

    internal int Slot { get; set; } = -1;

    /// <summary>One more than the index of the socket's cork in this turn; 0 where it has none.</summary>
    internal int Cork { get; set; }

    internal SocketFlags Flags { get; set; }

    /// <summary>io_uring: how large what it receives at a time has been lately, and whether it is therefore read by hand.</summary>
    internal ReceiveVolume Volume;

    /// <summary>
    /// From any thread: has the loop call <see cref="LoopSocketHandler.OnPosted"/> soon. Calls between two of those are one; a loop
    /// that sleeps is woken once, however many sockets are posted. Allocates nothing.
    /// </summary>
    public void Post()
    {
        if (Interlocked.Exchange(ref _posted, (byte)1) == 0)
        {
            _loop.Post(this);
        }
    }

    /// <summary>Sets this socket's one timer, in place of the one before; rounded up to the loop's tick.</summary>
    public void SetTimer(TimeSpan due)
    {
        if (!IsClosed)
        {
            _loop.SetTimer(Slot, due);
        }
    }

    /// <summary>Clears the timer.</summary>
    public void ClearTimer()
    {
        if (!IsClosed)
        {
            _loop.ClearTimer(Slot);
        }
    }

    /// <summary>
    /// Stops delivering: <see cref="LoopSocketHandler.OnReceive"/> is not called until <see cref="ResumeReceiving"/>. The kernel's
    /// buffers fill, and the peer has to wait. An error, or this side's closing, is still reported.
    /// </summary>
    public void PauseReceiving()
    {
        if ((Flags & (SocketFlags.Closed | SocketFlags.Paused)) != 0)
        {
            return;
        }

        Flags |= SocketFlags.Paused;
        _loop.Pause(this);
    }

    /// <summary>Delivers again, what came in meanwhile first; not within this call, but soon after.</summary>
    public void ResumeReceiving()
    {
        if ((Flags & (SocketFlags.Closed | SocketFlags.Paused)) != SocketFlags.Paused)
        {
            return;
        }

        Flags &= ~SocketFlags.Paused;
        if ((Flags & SocketFlags.SendFailed) != 0)
        {
            _loop.ReceiveLast(this);
        }
        else
        {
            _loop.Resume(this);
        }
    }

    internal void CloseIfPaused()
    {
        if ((Flags & SocketFlags.Paused) != 0)
        {
            _loop.BeginClose(this, Errno.ConnectionReset);
        }
    }

    /// <inheritdoc/>
    protected internal override void Execute()
    {
        // Cleared before the handler looks for its work: what is posted from here on comes again.
        Interlocked.Exchange(ref _posted, (byte)0);
        if ((Flags & SocketFlags.Closed) == 0)
        {
            Delivery.Posted(this);
        }
    }
}
