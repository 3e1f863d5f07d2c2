namespace Longwire.Hubs.Engines;

/// <summary>
/// The newest publications of one room and one kind, messages or changes of its map, bounded in number, bytes and age. Not thread-safe: its
/// room's lock guards it.
/// </summary>
internal sealed class HistoryRing
{
    private Entry[] _entries = [];
    private int _head;

    /// <summary>How many bytes the publications take.</summary>
    public int Bytes { get; private set; }

    public int Count { get; private set; }

    /// <summary>The offset of the newest publication that it had and has no more.</summary>
    public long Dropped { get; private set; }

    /// <summary>How long the newest publication is still kept.</summary>
    public TimeSpan LongestAge(TimeSpan now) =>
        Count == 0 ? TimeSpan.Zero : _entries[(_head + Count - 1) % _entries.Length].KeptUntil - now;

    public void Add(Publication publication, in StoreOptions bounds, TimeSpan now)
    {
        Trim(now);
        int bytes = publication.Draft.Bytes;
        if (bytes > bounds.HistoryBytes)
        {
            // It can't be kept, and there must be no gap in the middle: what came before is given up too.
            Clear();
            Dropped = publication.Position.Offset;
            return;
        }

        if (bounds.HistorySize == 0)
        {
            Clear();
            Dropped = publication.Position.Offset;
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

        int from;
        int to;
        if (query.Since is { } since)
        {
            from = CountUpTo(since);
            to = from + Math.Min(Count - from, query.Limit);
        }
        else
        {
            to = query.Before is { } before ? CountUpTo(before - 1) : Count;
            from = Math.Max(0, to - query.Limit);
        }

        var page = new Publication[to - from];
        for (int i = 0; i < page.Length; i++)
        {
            page[i] = this[from + i];
        }

        return page;
    }

    /// <summary>How many messages the sequence had up to an offset; the least possible number where that is not kept.</summary>
    public long MessagesUpTo(long offset) =>
        CountUpTo(offset) is var count and > 0 ? this[count - 1].Messages
        : Count > 0 ? Math.Min(offset, this[0].Messages - 1)
        : 0;

    public Publication Newest => this[Count - 1];

    private Publication this[int index] => _entries[(_head + index) % _entries.Length].Publication;

    /// <summary>How many have an offset up to the one given.</summary>
    private int CountUpTo(long offset)
    {
        int from = 0;
        int to = Count;
        while (from < to)
        {
            int middle = from + ((to - from) / 2);
            if (this[middle].Position.Offset <= offset)
            {
                from = middle + 1;
            }
            else
            {
                to = middle;
            }
        }

        return from;
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
        Publication oldest = this[0];
        Dropped = oldest.Position.Offset;
        Bytes -= oldest.Draft.Bytes;
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
