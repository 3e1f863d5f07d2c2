namespace Longwire.Transport.Linux;

internal sealed unsafe partial class IoUringLoop
{
    private protected override void Connect(LoopSocket socket, ConnectAttempt attempt)
    {
        socket.Flags |= SocketFlags.WritableArmed;
        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationConnect;
        entry->Descriptor = socket.FileDescriptor;
        entry->Address = (ulong)attempt.PinAddress();
        entry->Offset = (ulong)attempt.Address.Length;
        entry->UserData = ConnectTag | (uint)socket.Slot;
    }

    private void OnConnected(LoopSocket socket, int result)
    {
        ((ConnectAttempt)socket.State!).UnpinAddress();
        socket.Flags &= ~SocketFlags.WritableArmed;
        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            FinishRelease(socket);
            return;
        }

        if (result < 0)
        {
            BeginClose(socket, -result);
            return;
        }

        Connected(socket);
        if ((socket.Flags & SocketFlags.Closed) == 0)
        {
            Arm(socket);
        }
    }
}
