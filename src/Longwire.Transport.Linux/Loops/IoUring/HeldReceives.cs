namespace Longwire.Transport.Linux;

/// <summary>
/// Bytes that the kernel had received for sockets when they were paused. They can't be put back, and the loop's buffers are everyone's, so
/// it is copied.
/// </summary>
internal readonly struct HeldReceives()
{
    private readonly Dictionary<int, PendingBytes> _bySlot = [];

    /// <summary>For how many sockets bytes are held.</summary>
    public int Count => _bySlot.Count;

    public bool Has(LoopSocket socket) => _bySlot.Count != 0 && _bySlot.ContainsKey(socket.Slot);

    public void Add(LoopSocket socket, ReadOnlySpan<byte> data)
    {
        if (!_bySlot.TryGetValue(socket.Slot, out PendingBytes? held))
        {
            _bySlot[socket.Slot] = held = new PendingBytes();
        }

        held.Append(data);
    }

    /// <summary>Delivers what is held, until the socket is paused again or closed.</summary>
    public void Deliver(LoopSocket socket)
    {
        if (_bySlot.Count == 0 || !_bySlot.TryGetValue(socket.Slot, out PendingBytes? held))
        {
            return;
        }

        while ((socket.Flags & (SocketFlags.Closed | SocketFlags.Paused)) == 0)
        {
            Span<byte> next = held.First;
            if (next.IsEmpty)
            {
                _bySlot.Remove(socket.Slot);
                return;
            }

            Delivery.Received(socket, next);
            held.Consume(next.Length);
        }
    }

    /// <summary>Drops what is held for a socket that is over.</summary>
    public void Drop(LoopSocket socket)
    {
        if (_bySlot.Remove(socket.Slot, out PendingBytes? held))
        {
            held.Release();
        }
    }
}
