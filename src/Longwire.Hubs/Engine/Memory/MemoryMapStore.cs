namespace Longwire.Hubs.Engines;

/// <inheritdoc cref="IMapStore"/>
internal sealed class MemoryMapStore(MemoryHubStore store, MemoryLink link) : IMapStore
{
    public async ValueTask<MapResult> ChangeAsync(
        string room,
        MapChange change,
        MapStoreOptions options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(change);
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        return store.Change(room, change, options);
    }

    public async ValueTask<MapEntry?> FindAsync(string room, string key, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room);
        return entered.Room.Map?.Find(key) is { } item ? EntryOf(item) : null;
    }

    public async ValueTask<MapPage> ReadAsync(string room, long after, int limit, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room);
        RoomPosition position = entered.Room.Position;
        if (entered.Room.Map is not { } map)
        {
            return new MapPage(position, [], HasMore: false, KnowsSince: 0);
        }

        List<MapEntry> entries = [];
        foreach (MapItem item in map.After(after))
        {
            if (entries.Count == limit)
            {
                return new MapPage(position, entries, HasMore: true, map.KnowsSince);
            }

            entries.Add(EntryOf(item));
        }

        return new MapPage(position, entries, HasMore: false, map.KnowsSince);
    }

    private static MapEntry EntryOf(MapItem item) => new(item.Key, item.IsGone ? (ReadOnlyMemory<byte>?)null : item.Value, item.Version);
}
