namespace Longwire.Transport.Linux;

internal sealed unsafe partial class IoUringLoop
{
    // A send must not wait in the kernel (MSG_DONTWAIT), and counts as failed unless all of it was taken (MSG_WAITALL): so a completion
    // comes only for what was not taken whole, and comes within the call that submits. After it, every other cork is free again.
    private protected override void SendCorks()
    {
        for (int i = 0; i < Corks.Count; i++)
        {
            ref CorkTable.Entry cork = ref Corks[i];
            if (cork.Length == 0)
            {
                continue;
            }

            SubmissionEntry* entry = Prepare();
            entry->Operation = IoUring.OperationSend;
            entry->Flags = IoUring.SubmissionSkipCompletionOnSuccess;
            entry->Descriptor = cork.Socket!.FileDescriptor;
            entry->Address = (ulong)cork.Block;
            entry->Length = (uint)cork.Length;
            entry->OperationFlags = Constants.MsgDontWait | Constants.MsgNoSignal | Constants.MsgWaitAll;
            entry->UserData = SendTag | (uint)cork.Socket.Slot;
        }
    }

    private void SettleSends()
    {
        if (Corks.Count == 0)
        {
            return;
        }
        // Failures are dealt with before anything else is looked at, so that what the next events send can't overtake what is left.
        _ring.Completions(out uint head, out uint tail);
        for (; head != tail; head++)
        {
            CompletionEntry* completion = _ring.Completion(head);
            if ((completion->UserData & TagMask) != SendTag)
            {
                continue;
            }

            OnSendFailed(Sockets[(int)(uint)completion->UserData]!, completion->Result);
            completion->UserData = 0;
        }

        while (Corks.Count > 0)
        {
            Corks[Corks.Count - 1].Socket!.Cork = 0;
            Corks.RemoveLast();
        }
    }

    private void OnSendFailed(LoopSocket socket, int result)
    {
        if ((socket.Flags & (SocketFlags.Closed | SocketFlags.SendFailed)) != 0)
        {
            return;
        }

        if (result < 0 && result is not (-Errno.Again or -Errno.Interrupted or -Errno.NoBuffers))
        {
            SendFailed(socket, -result);
            return;
        }

        ref CorkTable.Entry cork = ref Corks[socket.Cork - 1];
        int sent = Math.Max(result, 0);
        socket.KeepUnsent(new ReadOnlySpan<byte>(cork.Block + sent, cork.Length - sent));
    }

    private void OnWritable(LoopSocket socket)
    {
        socket.Flags &= ~SocketFlags.WritableArmed;
        if ((socket.Flags & SocketFlags.Closed) != 0)
        {
            FinishRelease(socket);
        }
        else if (socket.WaitsForRoom)
        {
            socket.DrainPending();
        }
    }
}
