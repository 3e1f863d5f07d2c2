namespace Longwire.Hubs;

/// <summary>
/// The requests of a session that were carried out, with the offsets that their acks gave, for as long as the deduplication window
/// is. Not thread-safe: its session guards it.
/// </summary>
internal sealed class RecentRequests(int maxIds, TimeSpan window, RequestMemoryBudget budget)
{
    private readonly Dictionary<(ClientMessageType Type, string Target, string Id), (ulong Fingerprint, long? Offset)> _entries = [];
    private readonly Queue<(RememberedRequest Request, TimeSpan At)> _order = new();

    /// <summary>When the oldest entry is to be forgotten.</summary>
    public TimeSpan NextExpiry =>
        _order.TryPeek(out (RememberedRequest Request, TimeSpan At) oldest) ? oldest.At + window : MonotonicClock.Never;

    public RequestNovelty Find(in RememberedRequest request, TimeSpan now, out long? offset)
    {
        Trim(now);
        offset = null;
        if (!_entries.TryGetValue(request.Key, out (ulong Fingerprint, long? Offset) found))
        {
            return RequestNovelty.New;
        }

        offset = found.Offset;
        return found.Fingerprint == request.Fingerprint ? RequestNovelty.Repeated : RequestNovelty.IdReused;
    }

    public void Add(in RememberedRequest request, TimeSpan now, long? offset)
    {
        if (maxIds == 0)
        {
            return;
        }

        Trim(now);
        while (_order.Count >= maxIds || (_order.Count > 0 && budget.IsExceeded))
        {
            ForgetOldest();
        }

        if (_entries.TryAdd(request.Key, (request.Fingerprint, offset)))
        {
            _order.Enqueue((request, now));
            budget.Take(request.Bytes);
        }
    }

    /// <summary>Forgets what is older than the window.</summary>
    public void Trim(TimeSpan now)
    {
        while (_order.TryPeek(out (RememberedRequest Request, TimeSpan At) oldest) && now - oldest.At >= window)
        {
            ForgetOldest();
        }
    }

    public void Clear()
    {
        while (_order.Count > 0)
        {
            ForgetOldest();
        }
    }

    private void ForgetOldest()
    {
        RememberedRequest request = _order.Dequeue().Request;
        _entries.Remove(request.Key);
        budget.Return(request.Bytes);
    }
}
