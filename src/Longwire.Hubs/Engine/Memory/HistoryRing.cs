namespace Longwire.Hubs.Engines;

/// <summary>
/// The newest publications of one room, bounded in number, bytes and age. Offsets in it are consecutive, so a publication is
/// found by subtraction. Not thread-safe: its room's lock guards it.
/// </summary>
internal sealed class HistoryRing
{
    private Entry[] _entries = [];
    private int _head;

    /// <summary>How many bytes the publications take.</summary>
    public int Bytes { get; private set; }

    public int Count { get; private set; }

    /// <summary>How long the newest publication is still kept.</summary>
    public TimeSpan LongestAge(TimeSpan now) =>
        Count == 0 ? TimeSpan.Zero : _entries[(_head + Count - 1) % _entries.Length].KeptUntil - now;

    public void Add(Publication publication, in StoreOptions bounds, TimeSpan now)
    {
        Trim(now);
        int bytes = publication.Draft.Bytes;
        if (bytes > bounds.HistoryBytes)
        {
            // It can't be kept, and a gap in the middle would break the arithmetic: what came before is given up too.
            Clear();
            return;
        }

        while (Count > 0 && (Count >= bounds.HistorySize || Bytes + bytes > bounds.HistoryBytes))
        {
            RemoveOldest();
        }

        if (Count == _entries.Length)
        {
            Grow(bounds.HistorySize);
        }

        _entries[(_head + Count) % _entries.Length] = new Entry(publication, now + bounds.HistoryAge);
        Bytes += bytes;
        Count++;
    }

    public void Trim(TimeSpan now)
    {
        while (Count > 0 && now >= _entries[_head].KeptUntil)
        {
            RemoveOldest();
        }
    }

    /// <summary>Takes the newest publication out again.</summary>
    public Publication RemoveNewest()
    {
        ref Entry newest = ref _entries[(_head + Count - 1) % _entries.Length];
        Publication publication = newest.Publication;
        Bytes -= publication.Draft.Bytes;
        newest = default;
        Count--;
        return publication;
    }

    public Publication[] Read(HistoryQuery query)
    {
        if (Count == 0 || query.Limit <= 0)
        {
            return [];
        }

        long first = _entries[_head].Publication.Position.Offset;
        long end = first + Count;
        long from;
        long to;
        if (query.Since is { } since)
        {
            from = since >= end ? end : Math.Max(first, since + 1);
            to = Math.Min(end, from + query.Limit);
        }
        else
        {
            to = Math.Clamp(query.Before ?? end, first, end);
            from = Math.Max(first, to - query.Limit);
        }

        var page = new Publication[to - from];
        for (int i = 0; i < page.Length; i++)
        {
            page[i] = _entries[(_head + (int)(from - first) + i) % _entries.Length].Publication;
        }

        return page;
    }

    public void Clear()
    {
        while (Count > 0)
        {
            RemoveOldest();
        }
    }

    public void RemoveOldest()
    {
        Bytes -= _entries[_head].Publication.Draft.Bytes;
        _entries[_head] = default;
        _head = (_head + 1) % _entries.Length;
        Count--;
    }

    private void Grow(int capacity)
    {
        var larger = new Entry[Math.Clamp(_entries.Length * 2, 4, Math.Max(4, capacity))];
        for (int i = 0; i < Count; i++)
        {
            larger[i] = _entries[(_head + i) % _entries.Length];
        }

        _entries = larger;
        _head = 0;
    }

    private readonly record struct Entry(Publication Publication, TimeSpan KeptUntil);
}
