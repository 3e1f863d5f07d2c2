namespace Longwire.Transport.Linux;

// Sending, accepting and connecting.
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

    internal override void Listen(LoopAcceptor acceptor)
    {
        int index = _acceptors.IndexOf(null);
        if (index < 0)
        {
            index = _acceptors.Count;
            _acceptors.Add(null);
        }

        _acceptors[index] = new AcceptorState(acceptor);
        ArmAccept(index);
    }

    internal override bool Unlisten(LoopAcceptor acceptor)
    {
        int index = _acceptors.FindIndex(state => ReferenceEquals(state?.Acceptor, acceptor) && !state.Ending);
        if (index < 0)
        {
            return true;
        }

        _acceptors[index]!.Ending = true;
        Cancel(AcceptTag | (uint)index);
        return false;
    }

    private void ArmAccept(int index)
    {
        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationAccept;
        // Many at once while there is room for as many as may come; near the limit one by one.
        LoopAcceptor acceptor = _acceptors[index]!.Acceptor;
        entry->Priority = acceptor.IsFarFromLimit ? IoUring.AcceptMultishot : (ushort)0;
        entry->Descriptor = acceptor.FileDescriptor;
        entry->OperationFlags = Constants.SockCloseOnExec;
        entry->UserData = AcceptTag | (uint)index;
    }

    private void OnAccepted(int index, int result, uint flags)
    {
        AcceptorState state = _acceptors[index]!;
        bool goesOn = state.Acceptor.OnAccepted(result) && !state.Ending;
        if ((flags & IoUring.CompletionMore) != 0)
        {
            // It pauses, or had better be looked at one by one, and the kernel doesn't know yet.
            if (!goesOn && !state.Ending)
            {
                _ = Unlisten(state.Acceptor);
            }
            else if (!state.Acceptor.IsFarFromLimit && !state.Ending && !state.Narrowing)
            {
                Narrow(state, index);
            }
        }
        else if (goesOn)
        {
            state.Narrowing = false;
            ArmAccept(index);
        }
        else
        {
            _acceptors[index] = null;
            state.Acceptor.OnUnlistened();
        }
    }

    private void Narrow(AcceptorState state, int index)
    {
        state.Narrowing = true;
        Cancel(AcceptTag | (uint)index);
    }

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

    private sealed class AcceptorState(LoopAcceptor acceptor)
    {
        public LoopAcceptor Acceptor => acceptor;

        public bool Ending { get; set; }

        public bool Narrowing { get; set; }
    }
}
