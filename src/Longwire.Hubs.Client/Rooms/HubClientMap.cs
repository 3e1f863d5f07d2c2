using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs.Client;

/// <summary>
/// A typed view of a room's live map: the keys that begin with its prefix, which is left out of the keys given here. The client keeps the
/// map over all reconnects; it is a copy, which follows the hub's. Thread safe.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
[UnsupportedOSPlatform("browser")]
public sealed class HubClientMap<T>
    where T : notnull
{
    private const int MaxAttempts = 32;

    private readonly HubClientRoom _room;
    private readonly JsonTypeInfo<T> _metadata;
    private readonly string _prefix;

    internal HubClientMap(HubClientRoom room, JsonTypeInfo<T> metadata, string prefix)
    {
        _room = room;
        _metadata = metadata;
        _prefix = prefix;
    }

    /// <summary>Whether the client has all of the map: while it reads the first pages, keys are missing.</summary>
    public bool IsComplete => _room.MapReplica.IsComplete;

    /// <summary>The keys and values now: a snapshot.</summary>
    /// <exception cref="JsonException">A value is not of the type.</exception>
    public IReadOnlyDictionary<string, T> Items =>
        _room
            .MapReplica.ToArray()
            .Where(entry => entry.Key.StartsWith(_prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[_prefix.Length..], entry => Read(entry.Value), StringComparer.Ordinal);

    /// <summary>Looks up a key; null when it is not there, or not yet.</summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <exception cref="JsonException">The value is not of the type.</exception>
    public RoomMapEntry<T>? Find(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _room.MapReplica.Find(_prefix + key) is { } entry ? new RoomMapEntry<T>(Read(entry.Value), entry.Version) : null;
    }

    /// <summary>
    /// Handles changes of the map. Called in the order of the room's messages, on the thread that receives: it must not block.
    /// </summary>
    /// <param name="handler">Is called with each change.</param>
    /// <returns>Ends the handling when it is disposed of.</returns>
    public IDisposable OnChange(Action<RoomMapChange> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _room.OnMapChange(change =>
        {
            if (change.Key is null)
            {
                handler(change);
            }
            else if (change.Key.StartsWith(_prefix, StringComparison.Ordinal))
            {
                handler(change with { Key = change.Key[_prefix.Length..] });
            }
        });
    }

    /// <summary>Puts a key, and waits for the hub's answer.</summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <param name="value">The value.</param>
    /// <param name="options">On which condition, and for how long; null for none.</param>
    /// <param name="cancellationToken">Ends the wait; the change may have been made all the same.</param>
    /// <returns>The key's new version.</returns>
    /// <exception cref="HubRefusedException">
    /// The client may not, or the condition does not hold: then the code is <c>conflict</c>.
    /// </exception>
    /// <exception cref="TimeoutException">No answer came within 30 s.</exception>
    public Task<long> PutAsync(string key, T value, MapChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, _metadata);
        return _room.ChangeMapAsync(
            "map-put",
            _prefix + key,
            writer =>
            {
                writer.WritePropertyName("value"u8);
                writer.WriteRawValue(json, skipInputValidation: true);
                if (options is { IfNew: true })
                {
                    writer.WriteBoolean("ifNew"u8, true);
                }

                if (options?.IfVersion is { } version)
                {
                    writer.WriteNumber("ifVersion"u8, version);
                }

                if (options?.Age is { } age)
                {
                    writer.WriteNumber("ttlMs"u8, (long)Math.Ceiling(age.TotalMilliseconds));
                }
            },
            cancellationToken
        );
    }

    /// <summary>
    /// Changes a value: puts what the function makes of the newest one, if nobody was faster; else it begins again, 32 times at most.
    /// </summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <param name="change">Makes the new value of the old one; it may be called more than once.</param>
    /// <param name="cancellationToken">Ends the wait; the change may have been made all the same.</param>
    /// <returns>The key's new version; null when the key is not there.</returns>
    /// <exception cref="HubRefusedException">The client may not, or others were faster each time.</exception>
    /// <exception cref="TimeoutException">No answer came within 30 s.</exception>
    public async Task<long?> UpdateAsync(string key, Func<T, T> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        for (int attempt = 1; ; attempt++)
        {
            if (Find(key) is not { Value: { } value, Version: var version })
            {
                return null;
            }

            try
            {
                var options = new MapChangeOptions { IfVersion = version };
                return await PutAsync(key, change(value), options, cancellationToken).ConfigureAwait(false);
            }
            catch (HubRefusedException refused) when (refused.Code == "conflict" && attempt < MaxAttempts)
            {
                // The changes up to the version that this client knows are not all that there are: the next are read, in place of waiting.
                await _room.ReadMapAsync(version, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Removes a key, and waits for the hub's answer. One that is not there stays so.</summary>
    /// <param name="key">The key, without the prefix.</param>
    /// <param name="ifVersion">Only while the key has this version; null for whatever it has.</param>
    /// <param name="cancellationToken">Ends the wait; the change may have been made all the same.</param>
    /// <exception cref="HubRefusedException">
    /// The client may not, or the condition does not hold: then the code is <c>conflict</c>.
    /// </exception>
    /// <exception cref="TimeoutException">No answer came within 30 s.</exception>
    public Task RemoveAsync(string key, long? ifVersion = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _room.ChangeMapAsync(
            "map-remove",
            _prefix + key,
            writer =>
            {
                if (ifVersion is { } version)
                {
                    writer.WriteNumber("ifVersion"u8, version);
                }
            },
            cancellationToken
        );
    }

    private T Read(byte[] json) => JsonSerializer.Deserialize(json, _metadata)!;
}
