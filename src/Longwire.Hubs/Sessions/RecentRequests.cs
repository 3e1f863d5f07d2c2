namespace Longwire.Hubs;

/// <summary>
/// The ids of a session's requests that were carried out, with what their acks said, for as long as the deduplication window
/// is. Not thread-safe: its session guards it.
/// </summary>
internal sealed class RecentRequests(int maxIds, TimeSpan window)
{
    private readonly Dictionary<(ClientMessageType Type, string Id), Acknowledged> _acks = [];
    private readonly Queue<((ClientMessageType Type, string Id) Key, DateTimeOffset At)> _order = new();

    public bool TryGet(ClientMessageType type, string id, DateTimeOffset now, out Acknowledged ack)
    {
        Forget(now, maxIds);
        return _acks.TryGetValue((type, id), out ack);
    }

    public void Add(ClientMessageType type, string id, DateTimeOffset now, Acknowledged ack)
    {
        if (maxIds == 0)
        {
            return;
        }

        Forget(now, maxIds - 1);
        if (_acks.TryAdd((type, id), ack))
        {
            _order.Enqueue(((type, id), now));
        }
    }

    private void Forget(DateTimeOffset now, int keep)
    {
        while (
            _order.TryPeek(out ((ClientMessageType Type, string Id) Key, DateTimeOffset At) oldest)
            && (_order.Count > keep || now - oldest.At >= window)
        )
        {
            _order.Dequeue();
            _acks.Remove(oldest.Key);
        }
    }

    /// <summary>What the first ack said.</summary>
    public readonly record struct Acknowledged(string? Room, long? Offset);
}
