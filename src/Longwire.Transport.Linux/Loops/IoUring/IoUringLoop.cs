using System.ComponentModel;
using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux;

/// <summary>
/// A loop on io_uring: a socket's receive is armed once and completes again and again (multishot), into buffers that the kernel takes
/// from the loop's ring; a turn's sends are submitted together, in the same call that waits. A send that succeeds makes no completion.
/// </summary>
internal sealed unsafe partial class IoUringLoop : EventLoop
{
    private const uint SubmissionEntries = 1024;
    private const uint CompletionEntries = 8192;

    // A completion carries the slot (or the acceptor) below, and above it what was asked for. 0 is not looked at.
    private const ulong WakeTag = 1UL << 32;
    private const ulong AcceptTag = 2UL << 32;
    private const ulong ReceiveTag = 3UL << 32;
    private const ulong SendTag = 4UL << 32;
    private const ulong WritableTag = 5UL << 32;
    private const ulong ConnectTag = 6UL << 32;
    private const ulong WatchTag = 7UL << 32;
    private const ulong TagMask = 0xFFUL << 32;

    private const uint PollIn = 1;
    private const uint PollOut = 4;
    private const uint PollError = 8;
    private const uint PollPeerHangUp = 0x2000;

    private readonly List<AcceptorState?> _acceptors = [];
    private readonly HeldReceives _held = new();
    private PolledReceiving _polled;
    private Ring _ring = null!;
    private BufferRing _buffers = null!;

    public IoUringLoop(int index, EventLoopOptions options, SystemCalls calls, ILogger logger)
        : base(index, options, calls, logger) { }

    public override EventLoopKind Kind => EventLoopKind.IoUring;

    /// <summary>How often the kernel had data and no buffer left to put it in.</summary>
    internal long BufferExhaustions { get; private set; }

    /// <summary>The ring, once the loop runs.</summary>
    internal Ring Ring => _ring;

    /// <summary>For how many sockets bytes are kept that came in while they were paused.</summary>
    internal int HeldCount => _held.Count;

    internal override void Pause(LoopSocket socket)
    {
        // Completions that the kernel has made by now are kept; see OnReceived. The watch begins with the last completion.
        if ((socket.Flags & SocketFlags.ReceiveArmed) != 0)
        {
            CancelReceive(socket);
        }
        else if ((socket.Flags & SocketFlags.Attached) != 0)
        {
            Watch(socket);
        }
    }

    internal override void Resume(LoopSocket socket)
    {
        if ((socket.Flags & SocketFlags.Watched) != 0)
        {
            Cancel(WatchTag | (uint)socket.Slot);
        }

        Ready.Add(socket);
    }

    internal override void AwaitWritable(LoopSocket socket)
    {
        if ((socket.Flags & (SocketFlags.WritableArmed | SocketFlags.Closed)) != 0)
        {
            return;
        }

        socket.Flags |= SocketFlags.WritableArmed;
        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationPollAdd;
        entry->Descriptor = socket.FileDescriptor;
        entry->OperationFlags = PollOut;
        entry->UserData = WritableTag | (uint)socket.Slot;
    }

    private protected override void Open()
    {
        _ring = new Ring(Calls, SubmissionEntries, CompletionEntries);
        try
        {
            _buffers = new BufferRing(_ring, Options.RingBufferCount, Options.RingBufferBytes, incremental: true);
        }
        catch (Win32Exception)
        {
            _ring.Dispose();
            throw;
        }

        ArmWake();
    }

    private protected override void Shut()
    {
        // First the ring, so that nothing is received into memory that is gone.
        _ring.Dispose();
        _buffers.Dispose();
        _polled.Release();
    }

    private protected override void Poll(int timeoutMilliseconds)
    {
        // Waits are cut short by signals and time-outs, and a kernel short of memory asks to be called again: all of them make a turn.
        _ = _ring.Enter(timeoutMilliseconds == 0 ? 0u : 1u, timeoutMilliseconds);
        WakeUp();
        SettleSends();
        long exhaustions = BufferExhaustions;
        _ring.Completions(out uint head, out uint tail);
        FetchAhead ahead = default;
        while (head != tail)
        {
            ahead.Next(
                tail - head > 3 && _ring.Completion(head + 3)->UserData is var third && (third & TagMask) == ReceiveTag
                    ? Sockets[(int)(uint)third]
                    : null
            );
            CompletionEntry completion = *_ring.Completion(head);
            _ring.Consume(++head);
            OnCompletion(completion);
        }

        if (BufferExhaustions != exhaustions)
        {
            _buffers.LendMore();
        }
        else
        {
            _buffers.CountPlenty();
        }

        _buffers.Publish();
    }

    private void OnCompletion(in CompletionEntry completion)
    {
        uint index = (uint)completion.UserData;
        switch (completion.UserData & TagMask)
        {
            case ReceiveTag:
                OnReceived(Sockets[(int)index]!, completion.Result, completion.Flags);
                break;
            case WritableTag:
                OnWritable(Sockets[(int)index]!);
                break;
            case WatchTag:
                OnWatched(Sockets[(int)index]!, completion.Result);
                break;
            case AcceptTag:
                OnAccepted((int)index, completion.Result, completion.Flags);
                break;
            case ConnectTag:
                OnConnected(Sockets[(int)index]!, completion.Result);
                break;
            case WakeTag:
                if ((completion.Flags & IoUring.CompletionMore) == 0)
                {
                    ArmWake();
                }

                break;
        }
    }

    private protected override bool Release(LoopSocket socket)
    {
        _held.Drop(socket);
        if ((socket.Flags & SocketFlags.ReceiveArmed) != 0)
        {
            CancelReceive(socket);
        }

        if ((socket.Flags & SocketFlags.WritableArmed) != 0)
        {
            // Connecting is waiting for being writable too, and goes by the same flag: one of the two finds something to cancel.
            Cancel(WritableTag | (uint)socket.Slot);
            Cancel(ConnectTag | (uint)socket.Slot);
        }

        if ((socket.Flags & SocketFlags.Watched) != 0)
        {
            Cancel(WatchTag | (uint)socket.Slot);
        }

        return TryCloseDescriptor(socket);
    }

    // A request in the kernel holds the file open, and its completion will name the slot. So both are given back after the last one.
    private static bool TryCloseDescriptor(LoopSocket socket)
    {
        if ((socket.Flags & (SocketFlags.ReceiveArmed | SocketFlags.WritableArmed | SocketFlags.Watched)) != 0)
        {
            return false;
        }

        _ = LibC.close(socket.FileDescriptor);
        return true;
    }

    private void FinishRelease(LoopSocket socket)
    {
        if ((socket.Flags & SocketFlags.Gone) != 0 && TryCloseDescriptor(socket))
        {
            Forget(socket);
        }
    }

    private SubmissionEntry* Prepare()
    {
        while (true)
        {
            SubmissionEntry* entry = _ring.TryPrepare();
            if (entry is not null)
            {
                return entry;
            }

            _ = _ring.Enter(0, 0, runCompletions: false);
        }
    }

    private void Cancel(ulong userData)
    {
        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationAsyncCancel;
        entry->Descriptor = -1;
        entry->Address = userData;
        entry->Flags = IoUring.SubmissionSkipCompletionOnSuccess;
    }

    private void ArmWake()
    {
        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationPollAdd;
        entry->Descriptor = WakeDescriptor;
        entry->Length = IoUring.PollMultishot;
        entry->OperationFlags = PollIn;
        entry->UserData = WakeTag;
    }
}
