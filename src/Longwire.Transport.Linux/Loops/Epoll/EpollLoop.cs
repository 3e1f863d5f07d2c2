using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux;

/// <summary>
/// A loop on epoll, edge-triggered: each socket is registered once in its life, for reading and writing, and never again. A receive
/// that fills less than the buffer has emptied the socket, so the usual message costs one receive and one send.
/// </summary>
internal sealed unsafe partial class EpollLoop : EventLoop
{
    private const int EventCapacity = 1024;

    // An event carries the slot below, and above it what kind of thing it is.
    private const ulong WakeTag = 1UL << 32;
    private const ulong AcceptorTag = 2UL << 32;
    private const ulong ConnectTag = 4UL << 32;

    private readonly List<LoopAcceptor?> _acceptors = [];
    private readonly int _bufferBytes;
    private EpollEvents _events = null!;
    private byte* _buffer;
    private int _epoll;

    public EpollLoop(int index, EventLoopOptions options, SystemCalls calls, ILogger logger)
        : base(index, options, calls, logger) => _bufferBytes = options.ReceiveBufferBytes;

    public override EventLoopKind Kind => EventLoopKind.Epoll;

    internal override void Pause(LoopSocket socket)
    {
        // Nothing is told to the kernel: an edge is reported once, and a socket that doesn't receive gets no more.
    }

    internal override void Resume(LoopSocket socket) => Ready.Add(socket);

    internal override void AwaitWritable(LoopSocket socket)
    {
        // Registered from the start; the kernel reports the edge because it has refused.
    }

    internal override void Listen(LoopAcceptor acceptor)
    {
        int index = _acceptors.IndexOf(null);
        if (index < 0)
        {
            index = _acceptors.Count;
            _acceptors.Add(null);
        }

        int error = EpollEvents.Watch(_epoll, acceptor.FileDescriptor, EpollEvents.In, AcceptorTag | (uint)index);
        if (error != 0)
        {
            throw new Win32Exception(error);
        }

        _acceptors[index] = acceptor;
    }

    internal override bool Unlisten(LoopAcceptor acceptor)
    {
        int index = _acceptors.IndexOf(acceptor);
        if (index < 0)
        {
            return true;
        }

        _acceptors[index] = null;
        EpollEvents.Unwatch(_epoll, acceptor.FileDescriptor);
        return true;
    }

    private protected override void Open()
    {
        _epoll = LibC.epoll_create1(Constants.EventFdCloseOnExec);
        if (_epoll < 0)
        {
            throw new Win32Exception(Marshal.GetLastSystemError());
        }

        _events = new EpollEvents(EventCapacity);
        _buffer = (byte*)NativeMemory.AlignedAlloc((nuint)_bufferBytes, 4096);
        // Edge-triggered, so that the counter need not be read: each write is an edge.
        int error = EpollEvents.Watch(_epoll, WakeDescriptor, EpollEvents.In | EpollEvents.EdgeTriggered, WakeTag);
        if (error != 0)
        {
            throw new Win32Exception(error);
        }
    }

    private protected override void Shut()
    {
        _ = LibC.close(_epoll);
        _events.Dispose();
        NativeMemory.AlignedFree(_buffer);
    }

    private protected override void Poll(int timeoutMilliseconds)
    {
        // A signal (EINTR) makes an empty turn.
        int count = Calls.WaitForEvents(_epoll, _events.Address, _events.Capacity, timeoutMilliseconds);
        WakeUp();
        FetchAhead ahead = default;
        for (int i = 0; i < count; i++)
        {
            ahead.Next(i + 3 < count && _events.Data(i + 3) is <= uint.MaxValue and var third ? Sockets[(int)third] : null);
            ulong data = _events.Data(i);
            uint mask = _events.Mask(i);
            if (data <= uint.MaxValue)
            {
                if (Sockets[(int)data] is { } socket)
                {
                    OnEvent(socket, mask);
                }
            }
            else if ((data & AcceptorTag) != 0)
            {
                _acceptors[(int)(uint)data]?.Accept(Calls, Options.AcceptsPerTurn);
            }
            else if ((data & ConnectTag) != 0)
            {
                OnConnected(Sockets[(int)(uint)data]!);
            }
        }
    }

    internal override void ContinueReceiving(LoopSocket socket)
    {
        const SocketFlags NotNow = SocketFlags.Closed | SocketFlags.Paused | SocketFlags.SendFailed;
        if ((socket.Flags & NotNow) == 0)
        {
            Receive(socket, mayHaveEnded: true);
        }
    }

    private protected override bool ReceiveRest(LoopSocket socket)
    {
        ReceiveRest(socket, _buffer, _bufferBytes);
        return true;
    }

    private protected override void SendCorks()
    {
        while (Corks.Count > 0)
        {
            LoopSocket socket = Corks[Corks.Count - 1].Socket!;
            if ((socket.Flags & SocketFlags.Closed) == 0)
            {
                FlushCork(socket);
            }

            socket.Cork = 0;
            Corks.RemoveLast();
        }
    }

    private protected override void Arm(LoopSocket socket) => Arm(socket, EpollEvents.Add);

    private void Arm(LoopSocket socket, int operation)
    {
        const uint Mask = EpollEvents.In | EpollEvents.Out | EpollEvents.PeerHangUp | EpollEvents.EdgeTriggered;
        int error = EpollEvents.Watch(_epoll, socket.FileDescriptor, Mask, (uint)socket.Slot, operation);
        if (error != 0)
        {
            BeginClose(socket, error);
        }
    }

    private protected override bool Release(LoopSocket socket)
    {
        _ = LibC.close(socket.FileDescriptor);
        return true;
    }

    private void OnEvent(LoopSocket socket, uint mask)
    {
        if ((mask & EpollEvents.Out) != 0 && socket.WaitsForRoom && (socket.Flags & SocketFlags.Closed) == 0)
        {
            socket.DrainPending();
        }

        const uint Receivable = EpollEvents.In | EpollEvents.PeerHangUp | EpollEvents.HangUp | EpollEvents.Error;
        if ((mask & Receivable) == 0 || (socket.Flags & (SocketFlags.Closed | SocketFlags.Ready | SocketFlags.SendFailed)) != 0)
        {
            return;
        }

        if ((socket.Flags & SocketFlags.Paused) == 0)
        {
            Receive(socket, (mask & ~(EpollEvents.In | EpollEvents.Out)) != 0);
        }
        else if ((mask & EpollEvents.Error) != 0)
        {
            // Nothing may be delivered, but that nothing can be sent any more can't wait.
            FailSending(socket, Descriptor.TakeError(socket.FileDescriptor));
        }
    }

    private void Receive(LoopSocket socket, bool mayHaveEnded)
    {
        int corksBefore = Corks.Count;
        while (true)
        {
            int received = Calls.Receive(socket.FileDescriptor, _buffer, _bufferBytes);
            if (received > 0)
            {
                Delivery.Received(socket, new Span<byte>(_buffer, received));
                if ((socket.Flags & (SocketFlags.Closed | SocketFlags.Paused | SocketFlags.SendFailed)) != 0)
                {
                    break;
                }

                if (received == _bufferBytes)
                {
                    // It had its share; the others come first.
                    Ready.Add(socket);
                    break;
                }

                // Less than the buffer: there was no more. Only an end that was reported together with the data is still to be fetched.
                if (!mayHaveEnded)
                {
                    break;
                }
            }
            else if (received == 0)
            {
                Delivery.PeerEnded(socket);
                break;
            }
            else if (received != -Errno.Interrupted)
            {
                if (received != -Errno.Again)
                {
                    BeginClose(socket, -received);
                }

                break;
            }
        }

        SendOwnCork(socket, corksBefore);
    }

    // An answer leaves at once, while the kernel's socket is warm, if it is all that this receiving wrote. If others were written to as
    // well (a broadcast), or had written to this socket before, it is likely that more follows in this turn.
    private void SendOwnCork(LoopSocket socket, int corksBefore)
    {
        if (Corks.Count != corksBefore + 1 || socket.Cork != Corks.Count)
        {
            return;
        }

        if ((socket.Flags & SocketFlags.Closed) == 0)
        {
            FlushCork(socket);
        }

        socket.Cork = 0;
        Corks.RemoveLast();
    }
}
