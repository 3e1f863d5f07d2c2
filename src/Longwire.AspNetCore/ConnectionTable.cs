namespace Longwire.AspNetCore;

/// <summary>
/// Connections, each of which knows its own place: eight bytes for each, in pieces that are never copied, where a hash set would take
/// thrice that and leave its smaller predecessors to the collector. Not thread safe.
/// </summary>
internal sealed class ConnectionTable
{
    private const int PieceLength = 1024;

    private readonly List<WebSocketConnection?[]> _pieces = [];

    public int Count { get; private set; }

    public void Add(WebSocketConnection connection)
    {
        if (Count == _pieces.Count * PieceLength)
        {
            _pieces.Add(new WebSocketConnection?[PieceLength]);
        }

        Put(connection, Count++);
    }

    /// <summary>Forgets a connection; one that isn't there is nothing to forget.</summary>
    public void Remove(WebSocketConnection connection)
    {
        int slot = connection.HostSlot;
        if (slot < 0)
        {
            return;
        }

        // The last one takes its place, so that there are no gaps.
        int last = --Count;
        Put(At(last)!, slot);
        At(last) = null;
        connection.HostSlot = -1;
        // One spare piece, so that who comes and goes at a border doesn't make and drop one each time.
        if (Count + (2 * PieceLength) <= _pieces.Count * PieceLength)
        {
            _pieces.RemoveAt(_pieces.Count - 1);
        }
    }

    public WebSocketConnection[] ToArray()
    {
        var all = new WebSocketConnection[Count];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = At(i)!;
        }

        return all;
    }

    private void Put(WebSocketConnection connection, int slot)
    {
        At(slot) = connection;
        connection.HostSlot = slot;
    }

    private ref WebSocketConnection? At(int slot) => ref _pieces[slot / PieceLength][slot % PieceLength];
}
