namespace Longwire.Hubs;

/// <inheritdoc cref="IRoomMap{T}"/>
internal sealed class RoomMap<T>(Hub hub, MessageContracts contracts, string room, RoomEndpoint? endpoint, string prefix) : IRoomMap<T>
    where T : notnull
{
    private const int MaxAttempts = 32;

    public async ValueTask<MapValue<T>?> GetAsync(string key, CancellationToken cancellationToken = default) =>
        await hub.Context.Engine.Maps.FindAsync(room, KeyOf(key), cancellationToken).ConfigureAwait(false) is { Value: { } value } entry
            ? new MapValue<T>(contracts.ReadReply<T>(value.Span), entry.Version)
            : null;

    public ValueTask<MapResult> PutAsync(string key, T value, MapPutOptions? options = null, CancellationToken cancellationToken = default)
    {
        byte[] json = contracts.WriteReply(value);
        json = endpoint?.Show(json) ?? json;
        if (json.Length > hub.Context.Settings.MaxContentBytes)
        {
            throw new ArgumentException(
                $"A value may have {hub.Context.Settings.MaxContentBytes} bytes, and this has {json.Length}.",
                nameof(value)
            );
        }

        var change = new MapChange(KeyOf(key), json, hub.Context.Date)
        {
            IfVersion = options is { IfNew: true } ? 0 : options?.IfVersion,
            Age = options?.Age,
        };
        return hub.Publisher.ChangeAsync(room, change, key: null, fingerprint: 0, cancellationToken);
    }

    public async ValueTask<MapResult> UpdateAsync(string key, Func<T, T> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        MapResult result = new(MapOutcome.Conflict, 0);
        for (int attempt = 0; attempt < MaxAttempts && !result.Succeeded; attempt++)
        {
            if (await GetAsync(key, cancellationToken).ConfigureAwait(false) is not { } known)
            {
                return new MapResult(MapOutcome.Conflict, 0);
            }

            var options = new MapPutOptions { IfVersion = known.Version };
            result = await PutAsync(key, change(known.Value), options, cancellationToken).ConfigureAwait(false);
            if (result.Outcome != MapOutcome.Conflict)
            {
                break;
            }
        }

        return result;
    }

    public ValueTask<MapResult> RemoveAsync(string key, long? ifVersion = null, CancellationToken cancellationToken = default)
    {
        var change = new MapChange(KeyOf(key), Value: null, hub.Context.Date) { IfVersion = ifVersion };
        return hub.Publisher.ChangeAsync(room, change, key: null, fingerprint: 0, cancellationToken);
    }

    private string KeyOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string whole = prefix + key;
        return whole.Length is > 0 and <= MapRequests.MaxKeyLength && whole[0] != '$' && JsonText.IsUnicode(whole)
            ? whole
            : throw new ArgumentException("A key has from 1 to 128 UTF-16 units, is Unicode, and does not begin with \"$\".", nameof(key));
    }
}
