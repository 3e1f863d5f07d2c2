namespace Longwire.Transport.Linux;

internal sealed unsafe partial class IoUringLoop
{
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

    private sealed class AcceptorState(LoopAcceptor acceptor)
    {
        public LoopAcceptor Acceptor => acceptor;

        public bool Ending { get; set; }

        public bool Narrowing { get; set; }
    }
}
