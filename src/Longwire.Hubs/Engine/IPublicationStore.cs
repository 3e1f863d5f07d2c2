namespace Longwire.Hubs.Engines;

/// <summary>Orders the publications of each room, keeps what a room keeps, and remembers what was published under which key.</summary>
public interface IPublicationStore
{
    /// <summary>The beginning of the names of users' own rooms.</summary>
    const string UserPrefix = "$user:";

    /// <summary>
    /// Whether every node is told of what is published in users' own rooms without subscribing to them, as an engine can that works within
    /// one process. Then a user costs nothing until something is published for it. Default: false.
    /// </summary>
    bool TellsOfUsers => false;

    /// <summary>
    /// Whether a node that is subscribed is told of every publication, in order. Where false, the hub looks for gaps once a minute.
    /// </summary>
    bool DeliversWithoutGaps { get; }

    /// <summary>
    /// For how long keys are remembered at the present rate, for want of room; <see cref="TimeSpan.MaxValue"/> when there is enough.
    /// </summary>
    TimeSpan IdempotencyLimit { get; }

    /// <summary>
    /// From now on this node is told of the room's publications and presence. Returns the position after which they come.
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
    /// Appends to a room's sequence, unless the draft was published before under its key or is older than the newest of its kind. Two
    /// calls of one caller, the second made after the first completed, keep their order.
    /// </summary>
    /// <param name="room">The room's name; nobody needs to be subscribed.</param>
    /// <param name="draft">The publication.</param>
    /// <param name="options">How to keep it.</param>
    /// <param name="cancellationToken">Gives up waiting; it may have been published all the same.</param>
    ValueTask<PublishResult> PublishAsync(string room, PublicationDraft draft, StoreOptions options, CancellationToken cancellationToken);

    /// <summary>
    /// Reads a part of a room's history. Empty when the room keeps none, or the limit is 0. With the changes of the room's map, what is
    /// read goes on without gaps to its end.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="query">Which part.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<HistoryPage> ReadHistoryAsync(string room, HistoryQuery query, CancellationToken cancellationToken);
}
