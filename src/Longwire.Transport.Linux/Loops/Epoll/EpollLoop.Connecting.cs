namespace Longwire.Transport.Linux;

internal sealed unsafe partial class EpollLoop
{
    private protected override void Connect(LoopSocket socket, ConnectAttempt attempt)
    {
        int result;
        fixed (byte* address = attempt.Address)
        {
            result = Calls.Connect(socket.FileDescriptor, address, attempt.Address.Length);
        }

        if (result is not (0 or -Errno.InProgress or -Errno.Interrupted))
        {
            BeginClose(socket, -result);
            return;
        }

        // A socket that is connected by now is writable, and reported at once.
        int error = EpollEvents.Watch(
            _epoll,
            socket.FileDescriptor,
            EpollEvents.Out | EpollEvents.EdgeTriggered,
            ConnectTag | (uint)socket.Slot
        );
        if (error != 0)
        {
            BeginClose(socket, error);
        }
    }

    private void OnConnected(LoopSocket socket)
    {
        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            return;
        }

        int error = Descriptor.TakeError(socket.FileDescriptor);
        if (error != 0)
        {
            BeginClose(socket, error);
            return;
        }

        Connected(socket);
        // Bytes that have arrived since are reported anew.
        if ((socket.Flags & SocketFlags.Closed) == 0)
        {
            Arm(socket, EpollEvents.Modify);
        }
    }
}
