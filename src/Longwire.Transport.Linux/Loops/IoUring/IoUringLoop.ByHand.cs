using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

// Much at a time. A multishot receive fills a buffer for every socket that is ready before the first of them is looked at, so what is
// large has left the cache again when its turn comes. A socket that brings much at a time is therefore only polled, and read by a call
// of its own into one buffer that stays warm, as on epoll: beside the copying of so much, the call costs little.
internal sealed unsafe partial class IoUringLoop
{
    private const int LargeBytes = 8 * 1024;

    // One large receive outweighs a few small ones, and it takes some of either kind in a row to change over.
    private const byte ByHand = 0x80;
    private const int LargeWeight = 4;
    private const int ByHandAt = 8;
    private const int MostWeight = 32;

    private byte* _ownBuffer;

    /// <summary>How often a socket changed over to being read by hand, and back.</summary>
    internal (int ByHand, int Back) ChangeOvers { get; private set; }

    private void NoteVolume(LoopSocket socket, int received)
    {
        int byHand = socket.Volume & ByHand;
        int weight = socket.Volume & ~ByHand;
        weight = received >= LargeBytes ? Math.Min(weight + LargeWeight, MostWeight) : Math.Max(weight - 1, 0);
        if (byHand == 0 ? weight >= ByHandAt : weight == 0)
        {
            byHand ^= ByHand;
            ChangeOvers = byHand != 0 ? (ChangeOvers.ByHand + 1, ChangeOvers.Back) : (ChangeOvers.ByHand, ChangeOvers.Back + 1);
            // The armed receive still delivers; behind its last completion the other is armed.
            if ((socket.Flags & SocketFlags.ReceiveArmed) != 0)
            {
                CancelReceive(socket);
            }
        }

        socket.Volume = (byte)(byHand | weight);
    }

    private void ArmByHand(LoopSocket socket)
    {
        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationPollAdd;
        entry->Descriptor = socket.FileDescriptor;
        entry->Length = IoUring.PollMultishot;
        entry->OperationFlags = PollIn | PollPeerHangUp;
        entry->UserData = ReceiveTag | (uint)socket.Slot;
    }

    private void ReceiveByHand(LoopSocket socket, bool mayHaveEnded)
    {
        const SocketFlags NotNow = SocketFlags.Closed | SocketFlags.Paused | SocketFlags.PeerEnded | SocketFlags.SendFailed;
        int bufferBytes = Options.ReceiveBufferBytes;
        if (_ownBuffer is null)
        {
            _ownBuffer = (byte*)NativeMemory.AlignedAlloc((nuint)bufferBytes, 4096);
        }

        while ((socket.Flags & NotNow) == 0)
        {
            int received = Calls.Receive(socket.FileDescriptor, _ownBuffer, bufferBytes);
            if (received > 0)
            {
                NoteVolume(socket, received);
                DeliverReceived(socket, new Span<byte>(_ownBuffer, received));
                if (received == bufferBytes)
                {
                    // It had its share; the others come first.
                    MarkReady(socket);
                    return;
                }

                // The receive filled less than the buffer, so nothing is left; later bytes raise an event of their own.
                if (!mayHaveEnded)
                {
                    return;
                }
            }
            else if (received == 0)
            {
                DeliverPeerEnded(socket);
                // A poll goes on behind the end, where nothing is to be expected.
                if ((socket.Flags & SocketFlags.ReceiveArmed) != 0)
                {
                    CancelReceive(socket);
                }

                return;
            }
            else if (received != -Errno.Interrupted)
            {
                if (received != -Errno.Again)
                {
                    BeginClose(socket, -received);
                }

                return;
            }
        }
    }
}
