namespace Longwire.Transport.Linux;

/// <summary>The sockets that have more to receive than their share of a turn. Mutable: keep it in a field, don't copy it.</summary>
internal struct ReadyList()
{
    private List<LoopSocket> _now = [];
    private List<LoopSocket> _next = [];

    public readonly bool IsEmpty => _next.Count == 0;

    /// <summary>Puts a socket on the list, once.</summary>
    public readonly void Add(LoopSocket socket)
    {
        if ((socket.Flags & SocketFlags.Ready) != 0)
        {
            return;
        }

        socket.Flags |= SocketFlags.Ready;
        _next.Add(socket);
    }

    /// <summary>Goes on with all that are on the list. Those that are added meanwhile wait for the next turn.</summary>
    public void Continue(EventLoop loop)
    {
        if (_next.Count == 0)
        {
            return;
        }

        (_now, _next) = (_next, _now);
        foreach (LoopSocket socket in _now)
        {
            socket.Flags &= ~SocketFlags.Ready;
            loop.ContinueReceiving(socket);
        }

        _now.Clear();
    }
}
