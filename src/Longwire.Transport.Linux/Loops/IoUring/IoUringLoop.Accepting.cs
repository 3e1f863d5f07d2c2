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
        if (index < 0) return true;
        _acceptors[index]!.Ending = true;
        Cancel(AcceptTag | (uint)index);
        return false;
    }

    private void ArmAccept(int index)
    {
        SubmissionEntry* entry = Prepare();
        entry->Operation = IoUring.OperationAccept;
        entry->Priority = IoUring.AcceptMultishot;
        entry->Descriptor = _acceptors[index]!.Acceptor.FileDescriptor;
        entry->OperationFlags = Constants.SockCloseOnExec;
        entry->UserData = AcceptTag | (uint)index;
    }

    private void OnAccepted(int index, int result, uint flags)
    {
        AcceptorState state = _acceptors[index]!;
        bool goesOn = state.Acceptor.OnAccepted(result);
        if ((flags & IoUring.CompletionMore) != 0) return;
        if (state.Ending || !goesOn)
        {
            _acceptors[index] = null;
            if (state.Ending) state.Acceptor.OnUnlistened();
        }
        else
        {
            ArmAccept(index);
        }
    }

    private sealed class AcceptorState(LoopAcceptor acceptor)
    {
        public LoopAcceptor Acceptor => acceptor;

        public bool Ending { get; set; }
    }
}
