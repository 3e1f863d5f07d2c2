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
    /// Adds members and tells all subscribed nodes. A client that is one already moves to this node, and nobody is told; nothing changes
    /// when it is one by a later generation. Returns the members on all nodes.
    /// </summary>
    /// <param name="room">The room's name; this node must be subscribed.</param>
    /// <param name="members">The members that join.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<int> AddAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken);

    /// <summary>
    /// Removes members of this node and tells all subscribed nodes; does nothing for a client that is none, or another node's, or one by a
    /// later generation. Returns the members on all nodes. When it fails, the hub calls it again later.
    /// </summary>
    /// <param name="room">The room's name; this node must be subscribed.</param>
    /// <param name="members">The members that leave, as they joined.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<int> RemoveAsync(string room, IReadOnlyList<RoomMember> members, CancellationToken cancellationToken);

    /// <summary>
    /// Shows other metadata about a member's user, which stays until the last of the user's members leaves, and tells all subscribed nodes;
    /// does nothing for a client that is no member, or one by a later generation.
    /// </summary>
    /// <param name="room">The room's name; this node must be subscribed.</param>
    /// <param name="member">The member with the metadata.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask UpdateAsync(string room, RoomMember member, CancellationToken cancellationToken);

    /// <summary>Reads the users whose versions are greater than one given, those with the smallest versions first.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="after">The version; 0 for all users.</param>
    /// <param name="limit">The greatest number of users to return.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<PresencePage> ReadAsync(string room, long after, int limit, CancellationToken cancellationToken);
}
