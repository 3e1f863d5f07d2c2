namespace Longwire.Hubs.Engines;

/// <summary>Presence, as one node sees it.</summary>
internal sealed class MemoryPresenceStore(MemoryHubStore store, MemoryLink link) : IPresenceStore
{
    public async ValueTask<bool> RenewLeaseAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        bool wasAlive = store.LeaseOf(link) > store.Clock.Now;
        store.Sessions.Sweep(now: !wasAlive);
        MemoryLink[] lapsed;
        lock (store.NodesGate)
        {
            TimeSpan now = store.Clock.Now;
            link.LeasedUntil = store.Clock.After(duration);
            lapsed = [.. store.Nodes.Where(node => node.LeasedUntil <= now)];
        }

        foreach (MemoryLink node in lapsed)
        {
            foreach (string room in store.RoomNames)
            {
                using MemoryHubStore.Entered entered = store.Enter(room);
                Remove(store, entered.Room, entered.Room.Presence?.MembersOf(node).ToArray() ?? [], node);
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
        MemoryPresence presence = entered.Room.Presence ??= new MemoryPresence(store.Versions.New());
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
        return Remove(store, entered.Room, members, link);
    }

    public async ValueTask UpdateAsync(string room, RoomMember member, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(member);
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room);
        Tell(entered.Room, entered.Room.Presence?.Update(member));
    }

    public async ValueTask<PresencePage> ReadAsync(string room, long after, int limit, CancellationToken cancellationToken)
    {
        await link.PassAsync(cancellationToken).ConfigureAwait(false);
        using MemoryHubStore.Entered entered = store.Enter(room);
        return entered.Room.Presence?.Read(after, limit) ?? new PresencePage(0, 0, 0, [], HasMore: false, long.MaxValue);
    }

    /// <summary>Removes members of a node. Called under the room's lock.</summary>
    public static int Remove(MemoryHubStore store, MemoryRoom room, IReadOnlyList<RoomMember> members, MemoryLink node)
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
            room.ForgetPresence(store.Versions);
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
