namespace Longwire.Hubs;

/// <summary>
/// A typed view of a room's live map: the keys that begin with its prefix, which is left out of the keys given here. Thread-safe; nobody
/// needs to be in the room.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
public interface IRoomMap<T>
    where T : notnull
{
    /// <summary>Looks up a key; null when it is not there.</summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    /// <exception cref="System.Text.Json.JsonException">The value is not of the type.</exception>
    ValueTask<MapValue<T>?> GetAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Puts a key.</summary>
    /// <param name="key">The key, without the prefix; with it, from 1 to 128 UTF-16 units, not beginning with <c>$</c>.</param>
    /// <param name="value">The value.</param>
    /// <param name="options">On which condition, and for how long.</param>
    /// <param name="cancellationToken">Ends the wait; the change may have been made all the same.</param>
    /// <exception cref="ArgumentException">The key breaks the rule, or the value is larger than content may be.</exception>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask<MapResult> PutAsync(string key, T value, MapPutOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Changes a value: reads it, and puts what the function makes of it if nobody was faster; else it begins again, 32 times at most. A
    /// key that is not there is a <see cref="MapOutcome.Conflict"/> with version 0.
    /// </summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <param name="change">Makes the new value of the old one; it may be called more than once.</param>
    /// <param name="cancellationToken">Ends the wait; the change may have been made all the same.</param>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask<MapResult> UpdateAsync(string key, Func<T, T> change, CancellationToken cancellationToken = default);

    /// <summary>Removes a key. One that is not there is <see cref="MapOutcome.Unchanged"/>.</summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <param name="ifVersion">Only while the key has this version; null for whatever it has.</param>
    /// <param name="cancellationToken">Ends the wait; the change may have been made all the same.</param>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    ValueTask<MapResult> RemoveAsync(string key, long? ifVersion = null, CancellationToken cancellationToken = default);
}
