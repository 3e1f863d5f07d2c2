namespace Longwire.Hubs.Engines;

/// <summary>Knows the members of each room. They are held by a lease for each node, not for each member.</summary>
public interface IPresenceStore
{
    /// <summary>
    /// Says that this node lives. When it has not said so for the duration that it gave last, its members are removed, by one node and
    /// once. Returns false when its lease had run out: then it adds its members again.
    /// </summary>
    /// <param name="duration">For how long its members stay without another call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<bool> RenewLeaseAsync(TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>
    /// Adds members and tells all subscribed nodes. A client that is one already moves to this node, and nobody is told. Returns the
    /// members on all nodes.
    /// </summary>
    /// <param name="room">The room's name; this node must be subscribed.</param>
    /// <param name="members">The members that join.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<int> AddAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken);

    /// <summary>
    /// Removes members of this node and tells all subscribed nodes; does nothing for a client that is none, or another node's. Returns the
    /// members on all nodes. When it fails, the hub calls it again later.
    /// </summary>
    /// <param name="room">The room's name; this node must be subscribed.</param>
    /// <param name="members">The members that leave, as they joined.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<int> RemoveAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken);

    /// <summary>Lists members of a room on all nodes.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="limit">The greatest number to return.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<RoomMember>> ReadAsync(string room, int limit, CancellationToken cancellationToken);
}
