using System.Buffers;

namespace Longwire.Transport.Linux;

internal sealed unsafe partial class IoUringLoop
{
    private protected override void Arm(LoopSocket socket)
    {
        if ((socket.Flags & SocketFlags.Paused) != 0)
        {
            Watch(socket);
            return;
        }

        socket.Flags |= SocketFlags.ReceiveArmed;
        if ((socket.Volume & ByHand) != 0)
        {
            ArmByHand(socket);
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

    private protected override void ContinueReceiving()
    {
        if (_nextReady.Count == 0)
        {
            return;
        }

        (_ready, _nextReady) = (_nextReady, _ready);
        foreach (LoopSocket socket in _ready)
        {
            socket.Flags &= ~SocketFlags.Ready;
            if (_held.Count > 0)
            {
                DeliverHeld(socket);
            }

            const SocketFlags NotNow =
                SocketFlags.Closed | SocketFlags.Paused | SocketFlags.ReceiveArmed | SocketFlags.PeerEnded | SocketFlags.SendFailed;
            if ((socket.Flags & NotNow) == 0)
            {
                Arm(socket);
            }
            // One that is polled had more than its share of a turn. One that changes over is read on behind its last completion.
            else if ((socket.Volume & ByHand) != 0 && (socket.Flags & SocketFlags.Canceling) == 0)
            {
                ReceiveByHand(socket, mayHaveEnded: true);
            }
        }

        _ready.Clear();
    }

    private protected override bool ReceiveRest(LoopSocket socket)
    {
        // First what the armed receive still brings: what came first is delivered first.
        if ((socket.Flags & SocketFlags.ReceiveArmed) != 0)
        {
            CancelReceive(socket);
            return false;
        }

        DeliverHeld(socket);
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
            ReceiveByHand(socket, (result & ~(int)PollIn) != 0);
        }

        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            FinishRelease(socket);
            return;
        }

        if (result == 0)
        {
            // Nothing may be delivered while paused; after resuming, receiving ends again.
            if ((socket.Flags & (SocketFlags.Paused | SocketFlags.SendFailed)) == 0 && !_held.ContainsKey(socket.Slot))
            {
                DeliverPeerEnded(socket);
            }
        }
        else if (result == -Errno.NoBuffers)
        {
            BufferExhaustions++;
        }
        else if (result < 0 && result is not (-Errno.Canceled or -Errno.Interrupted or -Errno.Again))
        {
            // Bytes held back during the pause came before, and are delivered first.
            DeliverHeld(socket);
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
            MarkReady(socket);
        }
        else if ((socket.Flags & (SocketFlags.Paused | SocketFlags.ReceiveArmed | SocketFlags.Closed)) == SocketFlags.Paused)
        {
            Watch(socket);
        }
    }

    private void CancelReceive(LoopSocket socket)
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
        if ((socket.Flags & SocketFlags.Paused) == 0 && (_held.Count == 0 || !_held.ContainsKey(socket.Slot)))
        {
            DeliverReceived(socket, data);
            return;
        }

        // Receiving was paused when this had already been received. It can't be put back, and the buffers are everyone's: so it is copied.
        if (socket.IsClosed)
        {
            return;
        }

        if (!_held.TryGetValue(socket.Slot, out PendingBytes? held))
        {
            _held[socket.Slot] = held = new PendingBytes();
        }

        held.Append(data);
    }

    private void DeliverHeld(LoopSocket socket)
    {
        if (!_held.TryGetValue(socket.Slot, out PendingBytes? held))
        {
            return;
        }

        while ((socket.Flags & (SocketFlags.Closed | SocketFlags.Paused)) == 0)
        {
            Span<byte> next = held.First;
            if (next.IsEmpty)
            {
                _held.Remove(socket.Slot);
                return;
            }

            DeliverReceived(socket, next);
            held.Consume(next.Length);
        }
    }

    private void MarkReady(LoopSocket socket)
    {
        if ((socket.Flags & SocketFlags.Ready) != 0)
        {
            return;
        }

        socket.Flags |= SocketFlags.Ready;
        _nextReady.Add(socket);
    }
}
