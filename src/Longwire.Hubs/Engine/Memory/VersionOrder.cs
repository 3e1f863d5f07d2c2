namespace Longwire.Hubs.Engines;

/// <summary>
/// Things by their keys, and in the order of their last changes: to be read in pages while they change, and from any change on. A
/// removed one is remembered until it is forgotten. Its room's lock guards it.
/// </summary>
internal sealed class VersionOrder<T>
    where T : Versioned
{
    private readonly HashSet<T> _items = new(new ByKey());
    private readonly Queue<(T Item, long Version)> _gone = new();

    // A change leaves a hole where its item was. Holes are closed when there are as many as items.
    private T?[] _order = [];
    private int _end;
    private int _goneCount;

    /// <summary>How many there are, without what was removed.</summary>
    public int Count => _items.Count - _goneCount;

    /// <summary>How many removed ones are remembered.</summary>
    public int GoneCount => _goneCount;

    /// <summary>The newest removal that is forgotten: those with greater versions are still remembered.</summary>
    public long Forgotten { get; private set; }

    /// <summary>All that is there, in the order of versions.</summary>
    public IEnumerable<T> Items => After(0).Where(static item => !item.IsGone);

    /// <summary>Finds what is there.</summary>
    public T? Find(string key) => FindOrGone(key) is { IsGone: false } item ? item : null;

    /// <summary>Adds something that is not there; it takes the place of a removed one.</summary>
    public void Add(T item, long version)
    {
        if (FindOrGone(item.Key) is { } gone)
        {
            _goneCount--;
            _items.Remove(gone);
            _order[gone.Slot] = null;
            // Its entry among the removed ones is recognised by its version.
            gone.Version = 0;
        }

        Growth.MakeRoom(_items);
        _items.Add(item);
        Append(item, version);
    }

    /// <summary>Something that is there has changed.</summary>
    public void Touch(T item, long version)
    {
        _order[item.Slot] = null;
        Append(item, version);
    }

    /// <summary>Something that is there is removed, and remembered.</summary>
    public void Remove(T item, long version)
    {
        item.IsGone = true;
        _goneCount++;
        Touch(item, version);
        _gone.Enqueue((item, version));
    }

    /// <summary>Forgets what was removed up to a version, and the oldest while more than so many are remembered.</summary>
    public void Forget(long version, int most)
    {
        while (_gone.TryPeek(out (T Item, long Version) oldest) && (oldest.Version <= version || _goneCount > most))
        {
            _gone.Dequeue();
            if (oldest.Item.IsGone && oldest.Item.Version == oldest.Version)
            {
                _items.Remove(oldest.Item);
                _order[oldest.Item.Slot] = null;
                _goneCount--;
                Forgotten = oldest.Version;
            }
        }
    }

    /// <summary>The items that have changed since a version, removed ones included, in the order of versions.</summary>
    public IEnumerable<T> After(long version)
    {
        for (int slot = SlotAfter(version); slot < _end; slot++)
        {
            if (_order[slot] is { } item)
            {
                yield return item;
            }
        }
    }

    /// <summary>
    /// Takes something back to an earlier change, which may have been its removal; null takes it out. For tests, in which stores lose data.
    /// </summary>
    public void Revert(T item, long? version, bool isGone)
    {
        _order[item.Slot] = null;
        item.Version = version ?? 0;
        item.IsGone = isGone;
        if (version is null)
        {
            _items.Remove(item);
        }

        T[] items = [.. _items.OrderBy(static item => item.Version)];
        Rebuild(items);
        _gone.Clear();
        foreach (T gone in items.Where(static item => item.IsGone))
        {
            _gone.Enqueue((gone, gone.Version));
        }

        _goneCount = _gone.Count;
    }

    private T? FindOrGone(string key) => _items.GetAlternateLookup<string>().TryGetValue(key, out T? item) ? item : null;

    private void Append(T item, long version)
    {
        if (_end == _order.Length)
        {
            MakeRoom();
        }

        item.Version = version;
        item.Slot = _end;
        _order[_end++] = item;
    }

    private void MakeRoom()
    {
        // The one about to be appended is in the set already, and has no place.
        int count = _items.Count - 1;
        if (_end > 0 && count < _end / 2)
        {
            Rebuild([.. _order.Take(_end).OfType<T>()]);
        }
        else
        {
            Array.Resize(ref _order, Growth.After(_end));
        }
    }

    private void Rebuild(T[] items)
    {
        if (_order.Length <= items.Length)
        {
            _order = new T?[Growth.After(items.Length)];
        }
        else
        {
            Array.Clear(_order);
        }

        _end = items.Length;
        for (int slot = 0; slot < items.Length; slot++)
        {
            items[slot].Slot = slot;
            _order[slot] = items[slot];
        }
    }

    /// <summary>The first place whose item has a greater version, or a hole before it.</summary>
    private int SlotAfter(long version)
    {
        int from = 0;
        int to = _end;
        while (from < to)
        {
            int middle = from + ((to - from) / 2);
            int filled = middle;
            while (filled < to && _order[filled] is null)
            {
                filled++;
            }

            if (filled < to && _order[filled]!.Version <= version)
            {
                from = filled + 1;
            }
            else
            {
                to = middle;
            }
        }

        return from;
    }

    /// <summary>An item is found by its key without holding that twice.</summary>
    private sealed class ByKey : IEqualityComparer<T>, IAlternateEqualityComparer<string, T>
    {
        public bool Equals(T? x, T? y) => x?.Key == y?.Key;

        public int GetHashCode(T obj) => GetHashCode(obj.Key);

        public T Create(string alternate) => throw new NotSupportedException("An item is added by itself.");

        public bool Equals(string alternate, T other) => alternate == other.Key;

        public int GetHashCode(string alternate) => alternate.GetHashCode(StringComparison.Ordinal);
    }
}
