namespace Longwire.Hubs.Engines;

/// <summary>The map of one room, and its newest changes. The room's lock guards it.</summary>
internal sealed class MemoryMap
{
    private readonly VersionOrder<MapItem> _items = new();

    public int Count => _items.Count;

    /// <summary>How many bytes keys and values take, removed ones that are remembered included.</summary>
    public long Bytes { get; private set; }

    /// <summary>The newest changes, for those who come back.</summary>
    public HistoryRing Changes { get; } = new();

    /// <summary>How the changes are kept, as the last one said.</summary>
    public StoreOptions Keep { get; set; }

    /// <summary>The offset behind which every key that was removed is known.</summary>
    public long KnowsSince => _items.Forgotten;

    public MapItem? Find(string key) => _items.Find(key);

    /// <summary>How many bytes the map would have more by a change.</summary>
    public long GrowthBy(MapChange change) =>
        change.Value is not { } value ? 0
        : Find(change.Key) is { } item ? value.Length - item.Value.Length
        : MapItem.EnvelopeBytes + (sizeof(char) * change.Key.Length) + value.Length;

    public MapItem Put(string key, ReadOnlyMemory<byte> value, long version)
    {
        if (_items.Find(key) is { } item)
        {
            Bytes += value.Length - item.Value.Length;
            item.Value = value;
            _items.Touch(item, version);
        }
        else
        {
            item = new MapItem(key) { Value = value };
            Bytes += item.Bytes;
            _items.Add(item, version);
        }

        return item;
    }

    public void Remove(MapItem item, long version)
    {
        Bytes -= item.Bytes;
        item.Value = default;
        _items.Remove(item, version);
    }

    /// <summary>Removed keys are remembered as long as the changes that removed them.</summary>
    public void Forget() => _items.Forget(Changes.Dropped, Changes.Count);

    public IEnumerable<MapItem> After(long version) => _items.After(version);

    /// <summary>Takes back a key's newest change. For tests, in which stores lose data.</summary>
    public void Revert(Publication lost)
    {
        if (_items.After(0).FirstOrDefault(item => item.Key == lost.Draft.Key) is not { } item)
        {
            return;
        }

        Publication? earlier = Changes
            .Read(new HistoryQuery { Limit = int.MaxValue })
            .LastOrDefault(change => change.Draft.Key == item.Key);
        bool isThere = earlier is { Draft.Content.Length: > 0 };
        Bytes -= item.IsGone ? 0 : item.Bytes;
        item.Value = isThere ? earlier!.Draft.Content : default;
        Bytes += isThere ? item.Bytes : 0;
        _items.Revert(item, earlier?.Position.Offset, isGone: !isThere);
    }
}
