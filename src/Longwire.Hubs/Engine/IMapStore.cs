namespace Longwire.Hubs.Engines;

/// <summary>
/// Keeps the live maps of rooms. A change takes the next place in the room's sequence, and all subscribed nodes are told of it as of a
/// publication of the type <see cref="PublicationTypes.MapChange"/>: its key is the draft's, its content the value, empty when the key was
/// removed. Changes are kept apart from the history of messages, and push none out of it.
/// </summary>
public interface IMapStore
{
    /// <summary>
    /// Changes a map, unless a condition does not hold, the map is full, or the change was made before under its key. A key with an age is
    /// removed by the engine's clock, which is a change like any other.
    /// </summary>
    /// <param name="room">The room's name; nobody needs to be subscribed.</param>
    /// <param name="change">The change.</param>
    /// <param name="options">How to keep it.</param>
    /// <param name="cancellationToken">Gives up waiting; it may have been made all the same.</param>
    ValueTask<MapResult> ChangeAsync(string room, MapChange change, MapStoreOptions options, CancellationToken cancellationToken);

    /// <summary>Looks up one key; null when it is not there.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<MapEntry?> FindAsync(string room, string key, CancellationToken cancellationToken);

    /// <summary>Reads the keys whose versions are greater than one given, those with the smallest versions first.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="after">The version; 0 for all keys.</param>
    /// <param name="limit">The greatest number of keys to return.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<MapPage> ReadAsync(string room, long after, int limit, CancellationToken cancellationToken);
}
