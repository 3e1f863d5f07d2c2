namespace Longwire.Hubs;

/// <summary>
/// The hub's one seam to the outside: it orders and keeps publications, knows who is in a room, and carries signals between
/// nodes. All members are called from many threads at once. When the outside is away they throw
/// <see cref="HubEngineUnavailableException"/>; they never pretend.
/// </summary>
public interface IHubEngine : IAsyncDisposable
{
    /// <summary>Called once, before all else.</summary>
    /// <param name="receiver">Whom to tell.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask StartAsync(IHubEngineReceiver receiver, CancellationToken cancellationToken);

    /// <summary>
    /// From now on this node gets the room's publications and membership changes. Returns the position after which they come.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<RoomPosition> SubscribeAsync(string room, CancellationToken cancellationToken);

    /// <summary>
    /// Ends what <see cref="SubscribeAsync"/> began. Members of this node that have not left are removed with it. When it fails, the hub
    /// calls it again later.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask UnsubscribeAsync(string room, CancellationToken cancellationToken);

    /// <summary>
    /// Appends a message to a room's sequence. Two calls of one caller, the second made after the first completed, keep their order.
    /// </summary>
    /// <param name="room">The room's name; nobody needs to be subscribed.</param>
    /// <param name="json">A JSON object in UTF-8; the engine keeps it, so it must not change any more.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may have been published all the same.</param>
    ValueTask<RoomPosition> PublishAsync(string room, ReadOnlyMemory<byte> json, CancellationToken cancellationToken);

    /// <summary>Reads a part of a room's history. Empty when the room keeps none.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="query">Which part.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<HistoryPage> ReadHistoryAsync(string room, HistoryQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a member and tells all subscribed nodes. Does nothing when that client is one already. Returns the members on all nodes.
    /// </summary>
    /// <param name="room">The room's name; this node must be subscribed.</param>
    /// <param name="member">Who joins.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<int> JoinAsync(string room, RoomMember member, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a member and tells all subscribed nodes. Does nothing when that client is none. Returns the members on all nodes. When it
    /// fails, the hub calls it again later.
    /// </summary>
    /// <param name="room">The room's name; this node must be subscribed.</param>
    /// <param name="member">Who leaves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<int> LeaveAsync(string room, RoomMember member, CancellationToken cancellationToken);

    /// <summary>Lists members of a room on all nodes.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="limit">The greatest number to return.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<RoomMember>> ReadMembersAsync(string room, int limit, CancellationToken cancellationToken);

    /// <summary>Sends a signal to all nodes, this one included.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask SignalAsync(HubSignal signal, CancellationToken cancellationToken);
}
