using System.Runtime.InteropServices;

namespace Longwire.Transport.Linux;

/// <summary>
/// Receiving much at a time. A multishot receive fills a buffer for every socket that is ready before the first of them is looked at, so
/// what is large has left the cache again when its turn comes. A socket that brings much at a time is therefore only polled, and read by a
/// call of its own into one buffer that stays warm, as on epoll: beside the copying of so much, the call costs little.
/// </summary>
internal unsafe struct PolledReceiving
{
    private byte* _buffer;

    /// <summary>Receives what a socket has, up to its share of a turn.</summary>
    public void Receive(IoUringLoop loop, LoopSocket socket, bool mayHaveEnded)
    {
        const SocketFlags NotNow = SocketFlags.Closed | SocketFlags.Paused | SocketFlags.PeerEnded | SocketFlags.SendFailed;
        int bufferBytes = loop.Options.ReceiveBufferBytes;
        if (_buffer is null)
        {
            _buffer = (byte*)NativeMemory.AlignedAlloc((nuint)bufferBytes, 4096);
        }

        while ((socket.Flags & NotNow) == 0)
        {
            int received = loop.Calls.Receive(socket.FileDescriptor, _buffer, bufferBytes);
            if (received > 0)
            {
                loop.NoteVolume(socket, received);
                Delivery.Received(socket, new Span<byte>(_buffer, received));
                if (received == bufferBytes)
                {
                    // It had its share; the others come first.
                    loop.Ready.Add(socket);
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
                Delivery.PeerEnded(socket);
                // A multishot poll keeps firing behind the end, where nothing is to be expected.
                if ((socket.Flags & SocketFlags.ReceiveArmed) != 0)
                {
                    loop.CancelReceive(socket);
                }

                return;
            }
            else if (received != -Errno.Interrupted)
            {
                if (received != -Errno.Again)
                {
                    loop.BeginClose(socket, -received);
                }

                return;
            }
        }
    }

    public readonly void Release() => NativeMemory.AlignedFree(_buffer);
}
