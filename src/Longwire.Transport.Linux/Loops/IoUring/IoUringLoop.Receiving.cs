using System.Buffers;

namespace Longwire.Transport.Linux;

// Receiving: small messages by a multishot receive into the ring's buffers, large ones by PolledReceiving.
internal sealed unsafe partial class IoUringLoop
{
    /// <summary>How often a socket changed over to being polled, and back.</summary>
    internal (int Polled, int Back) ChangeOvers { get; private set; }

    private protected override void Arm(LoopSocket socket)
    {
        if ((socket.Flags & SocketFlags.Paused) != 0)
        {
            Watch(socket);
            return;
        }

        socket.Flags |= SocketFlags.ReceiveArmed;
        if (socket.Volume.IsPolled)
        {
            ArmPoll(socket);
            return;
        }

        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationReceive;
        entry->Flags = IoUring.SubmissionBufferSelect;
        entry->Priority = IoUring.ReceiveMultishot;
        entry->Descriptor = socket.FileDescriptor;
        entry->BufferGroup = BufferRing.Group;
        entry->UserData = ReceiveTag | (uint)socket.Slot;
    }

    private void ArmPoll(LoopSocket socket)
    {
        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationPollAdd;
        entry->Descriptor = socket.FileDescriptor;
        entry->Length = IoUring.PollMultishot;
        entry->OperationFlags = PollIn | PollPeerHangUp;
        entry->UserData = ReceiveTag | (uint)socket.Slot;
    }

    /// <summary>Notes what a receive has brought, after which the socket may be read in the other way.</summary>
    internal void NoteVolume(LoopSocket socket, int received)
    {
        if (!socket.Volume.Note(received))
        {
            return;
        }

        ChangeOvers = socket.Volume.IsPolled ? (ChangeOvers.Polled + 1, ChangeOvers.Back) : (ChangeOvers.Polled, ChangeOvers.Back + 1);
        // The armed receive may still complete with data that it holds already. Behind its last completion the other is armed.
        if ((socket.Flags & SocketFlags.ReceiveArmed) != 0)
        {
            CancelReceive(socket);
        }
    }

    internal override void ContinueReceiving(LoopSocket socket)
    {
        _held.Deliver(socket);
        const SocketFlags NotNow =
            SocketFlags.Closed | SocketFlags.Paused | SocketFlags.ReceiveArmed | SocketFlags.PeerEnded | SocketFlags.SendFailed;
        if ((socket.Flags & NotNow) == 0)
        {
            Arm(socket);
        }
        // One that is polled had more than its share of a turn. One that changes over is read on behind its last completion.
        else if (socket.Volume.IsPolled && (socket.Flags & SocketFlags.Canceling) == 0)
        {
            _polled.Receive(this, socket, mayHaveEnded: true);
        }
    }

    private protected override bool ReceiveRest(LoopSocket socket)
    {
        // First what the armed receive still brings: what came first is delivered first.
        if ((socket.Flags & SocketFlags.ReceiveArmed) != 0)
        {
            CancelReceive(socket);
            return false;
        }

        _held.Deliver(socket);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Options.RingBufferBytes);
        fixed (byte* start = buffer)
        {
            ReceiveRest(socket, start, buffer.Length);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return true;
    }

    private void OnReceived(LoopSocket socket, int result, uint flags)
    {
        if ((flags & IoUring.CompletionMore) == 0)
        {
            socket.Flags &= ~(SocketFlags.ReceiveArmed | SocketFlags.Canceling);
        }

        if ((flags & IoUring.CompletionBuffer) != 0)
        {
            byte* data = _buffers.Take(flags, Math.Max(result, 0), out bool finished);
            if (result > 0)
            {
                NoteVolume(socket, result);
                OnData(socket, new Span<byte>(data, result));
            }

            if (finished)
            {
                _buffers.Return((ushort)(flags >> IoUring.CompletionBufferShift));
            }
        }
        else if (result > 0)
        {
            // The events of a poll.
            _polled.Receive(this, socket, (result & ~(int)PollIn) != 0);
        }

        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            FinishRelease(socket);
            return;
        }

        if (result == 0)
        {
            // Nothing may be delivered while paused; after resuming, receiving ends again.
            if ((socket.Flags & (SocketFlags.Paused | SocketFlags.SendFailed)) == 0 && !_held.Has(socket))
            {
                Delivery.PeerEnded(socket);
            }
        }
        else if (result == -Errno.NoBuffers)
        {
            BufferExhaustions++;
        }
        else if (result < 0 && result is not (-Errno.Canceled or -Errno.Interrupted or -Errno.Again))
        {
            // Bytes held back during the pause came before, and are delivered first.
            _held.Deliver(socket);
            if ((socket.Flags & SocketFlags.Paused) != 0)
            {
                FailSending(socket, -result);
            }
            else if ((socket.Flags & SocketFlags.SendFailed) == 0)
            {
                BeginClose(socket, -result);
            }

            return;
        }

        const SocketFlags NotAgain =
            SocketFlags.ReceiveArmed | SocketFlags.Paused | SocketFlags.PeerEnded | SocketFlags.Closed | SocketFlags.SendFailed;
        if ((socket.Flags & NotAgain) == 0)
        {
            Ready.Add(socket);
        }
        else if ((socket.Flags & (SocketFlags.Paused | SocketFlags.ReceiveArmed | SocketFlags.Closed)) == SocketFlags.Paused)
        {
            Watch(socket);
        }
    }

    internal void CancelReceive(LoopSocket socket)
    {
        if ((socket.Flags & SocketFlags.Canceling) != 0)
        {
            return;
        }

        socket.Flags |= SocketFlags.Canceling;
        Cancel(ReceiveTag | (uint)socket.Slot);
    }

    // While nothing is received, nothing tells of a reset. Errors are reported to whoever waits for no event at all.
    private void Watch(LoopSocket socket)
    {
        if ((socket.Flags & SocketFlags.Watched) != 0)
        {
            return;
        }

        socket.Flags |= SocketFlags.Watched;
        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationPollAdd;
        entry->Descriptor = socket.FileDescriptor;
        entry->UserData = WatchTag | (uint)socket.Slot;
    }

    private void OnWatched(LoopSocket socket, int result)
    {
        socket.Flags &= ~SocketFlags.Watched;
        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            FinishRelease(socket);
        }
        else if ((socket.Flags & (SocketFlags.Paused | SocketFlags.ReceiveArmed)) == SocketFlags.Paused)
        {
            // Canceled when receiving went on, which is paused again by now.
            if (result < 0)
            {
                Watch(socket);
            }
            // Both sides having ended in good order is no error: that is heard of in its turn, after what was sent.
            else if ((result & (int)PollError) != 0)
            {
                FailSending(socket, Descriptor.TakeError(socket.FileDescriptor));
            }
        }
    }

    private void OnData(LoopSocket socket, Span<byte> data)
    {
        if ((socket.Flags & SocketFlags.Paused) == 0 && !_held.Has(socket))
        {
            Delivery.Received(socket, data);
        }
        else if (!socket.IsClosed)
        {
            // Receiving was paused when this had already been received.
            _held.Add(socket, data);
        }
    }
}
