namespace Longwire.Hubs.Engines;

/// <summary>Remembers of users what outlives their sessions.</summary>
public interface IUserStore
{
    /// <summary>
    /// Moves a user's marker in a room forward, never back. A position beyond the newest counts as the newest. Returns the marker as it is
    /// then, and the messages behind it that there are now; null when the position is of another epoch.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="userId">The user's id.</param>
    /// <param name="position">The position up to which the user has read.</param>
    /// <param name="cancellationToken">Gives up; the marker may have moved all the same.</param>
    ValueTask<ReadMarker?> MarkReadAsync(string room, string userId, RoomPosition position, CancellationToken cancellationToken);

    /// <summary>
    /// Looks up a user's marker in a room, and counts the messages behind it. The count is exact as far as the room's history goes, and
    /// everywhere in a room without a map; else there are at least so many.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="userId">The user's id.</param>
    /// <param name="upTo">The offset up to which messages count.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<ReadMarker> FindMarkerAsync(string room, string userId, long upTo, CancellationToken cancellationToken);

    /// <summary>How many blocks are kept at one time: 100,000. One more is refused, since none may be forgotten before it ends.</summary>
    const int MaxBlocks = 100_000;

    /// <summary>
    /// Keeps a block until it ends, in the place of one of the same kind and name, and tells all nodes, this one included. One that has
    /// ended lifts that: then it is kept for as long as the other would have been, so that every node hears of it. Returns the block with
    /// its version.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="cancellationToken">Gives up; the block may be kept all the same.</param>
    /// <exception cref="InvalidOperationException"><see cref="MaxBlocks"/> are kept already.</exception>
    ValueTask<AccessBlock> BlockAsync(AccessBlock block, CancellationToken cancellationToken);

    /// <summary>Reads blocks with a version greater than one given, those with the smallest first, lifted ones included.</summary>
    /// <param name="after">The version; 0 for all blocks.</param>
    /// <param name="limit">The greatest number of blocks to return.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<AccessBlock>> ReadBlocksAsync(long after, int limit, CancellationToken cancellationToken);
}
