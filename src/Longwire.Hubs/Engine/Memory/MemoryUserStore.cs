namespace Longwire.Hubs.Engines;

/// <inheritdoc cref="IUserStore"/>
internal sealed class MemoryUserStore(MemoryHubStore store, MemoryLink link) : IUserStore
{
    public async ValueTask<ReadMarker?> MarkReadAsync(
        string room,
        string userId,
        RoomPosition position,
        CancellationToken cancellationToken
    )
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room);
        MemoryRoom known = entered.Room;
        if (position.Epoch != known.Position.Epoch)
        {
            return null;
        }

        long before = known.Markers?.Find(userId) ?? 0;
        long offset = Math.Min(position.Offset, known.Position.Offset);
        if (offset > before)
        {
            store.Mark(known, userId, offset);
        }

        long marked = Math.Max(offset, before);
        return new ReadMarker(marked, known.Messages - known.MessagesUpTo(marked)) { HasMoved = offset > before };
    }

    public async ValueTask<ReadMarker> FindMarkerAsync(string room, string userId, long upTo, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room);
        long marked = entered.Room.Markers?.Find(userId) ?? 0;
        return new ReadMarker(marked, Math.Max(0, entered.Room.MessagesUpTo(upTo) - entered.Room.MessagesUpTo(marked)));
    }

    public async ValueTask<AccessBlock> BlockAsync(AccessBlock block, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(block);
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        return store.Blocks.Add(block, store.Nodes);
    }

    public async ValueTask<IReadOnlyList<AccessBlock>> ReadBlocksAsync(long after, int limit, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        return store.Blocks.Read(after, limit);
    }
}
