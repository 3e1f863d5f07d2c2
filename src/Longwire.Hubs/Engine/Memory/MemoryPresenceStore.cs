namespace Longwire.Hubs.Engines;

/// <summary>Presence, as one node sees it.</summary>
internal sealed class MemoryPresenceStore(MemoryHubStore store, MemoryLink link) : IPresenceStore
{
    public async ValueTask<bool> RenewLeaseAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        bool wasAlive;
        MemoryLink[] lapsed;
        lock (store.NodesGate)
        {
            TimeSpan now = store.Clock.Now;
            wasAlive = link.LeasedUntil > now;
            link.LeasedUntil = store.Clock.After(duration);
            lapsed = [.. store.Nodes.Where(node => node.LeasedUntil <= now)];
        }

        foreach (MemoryLink node in lapsed)
        {
            foreach (string room in store.RoomNames)
            {
                using MemoryHubStore.Entered entered = store.Enter(room);
                Remove(entered.Room, entered.Room.Presence?.MembersOf(node).ToArray() ?? [], node);
            }

            if (node.IsClosed)
            {
                store.RemoveNode(node);
            }
        }

        return wasAlive;
    }

    public async ValueTask<int> AddAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(members);
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room);
        MemoryPresence presence = entered.Room.Presence ??= new MemoryPresence();
        foreach (RoomMember member in members)
        {
            Tell(entered.Room, presence.Add(member, link));
        }

        return presence.Count;
    }

    public async ValueTask<int> RemoveAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(members);
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room);
        return Remove(entered.Room, members, link);
    }

    public async ValueTask<IReadOnlyList<RoomMember>> ReadAsync(string room, int limit, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room);
        return [.. entered.Room.Presence?.Members.Take(limit) ?? []];
    }

    /// <summary>Removes members of a node. Called under the room's lock.</summary>
    public static int Remove(MemoryRoom room, IReadOnlyList<RoomMember> members, MemoryLink node)
    {
        if (room.Presence is not { } presence)
        {
            return 0;
        }

        foreach (RoomMember member in members)
        {
            Tell(room, presence.Remove(member, node));
        }

        if (presence.Count == 0 && room.Subscribers.Length == 0)
        {
            room.Presence = null;
        }

        return presence.Count;
    }

    private static void Tell(MemoryRoom room, PresenceChange? change)
    {
        if (change is { } happened)
        {
            foreach (MemoryLink node in room.Subscribers)
            {
                node.Tell(room.Name, happened);
            }
        }
    }
}
