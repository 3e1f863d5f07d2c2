using System.Text;
using System.Text.Json;

namespace Longwire.Hubs.Client;

// The room's map and users, which follow the hub's.
public sealed partial class HubClientRoom
{
    private static readonly TimeSpan _longestResetDelay = TimeSpan.FromSeconds(5);

    // Most rooms have none of these, and one that has not costs nothing for them.
    private Action<RoomMapChange>? _mapHandlers;
    private Replica<byte[]>? _map;
    private Replica<RoomPresence>? _users;

    /// <summary>
    /// The users in the room have changed, where the room was joined with <see cref="JoinOptions.Presence"/>. Called as
    /// <see cref="Reset"/> is.
    /// </summary>
    public event EventHandler? PresenceChanged;

    /// <summary>
    /// The users in the room: a snapshot. It follows the hub's where the room was joined with <see cref="JoinOptions.Presence"/>, and is
    /// empty otherwise.
    /// </summary>
    public IReadOnlyList<RoomPresence> Users => [.. UserReplica.ToArray().Select(static user => user.Value)];

    internal Replica<byte[]> MapReplica => LazyInitializer.EnsureInitialized(ref _map);

    internal Replica<RoomPresence> UserReplica => LazyInitializer.EnsureInitialized(ref _users);

    /// <summary>The room's live map, or a part of it. The room is to be joined with <see cref="JoinOptions.Map"/>.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="prefix">The beginning of the keys, as <c>card/</c>; empty for all.</param>
    /// <exception cref="NotSupportedException">There is no JSON metadata for the type.</exception>
    public HubClientMap<T> Map<T>(string prefix = "")
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return new HubClientMap<T>(this, _client.Json.Of<T>(), prefix);
    }

    /// <summary>Says something about the user to those in the room, where it allows that.</summary>
    /// <typeparam name="T">The class of the metadata.</typeparam>
    /// <param name="metadata">The metadata: at most 4 KiB in JSON.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HubRefusedException">The room does not allow it, or the client is not in it.</exception>
    /// <exception cref="TimeoutException">No answer came within 30 s.</exception>
    public Task UpdatePresenceAsync<T>(T metadata, CancellationToken cancellationToken = default)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(metadata, _client.Json.Of<T>());
        return _client.AskAsync(
            "presence-update",
            writer =>
            {
                writer.WriteString("room"u8, Name);
                writer.WritePropertyName("metadata"u8);
                writer.WriteRawValue(json, skipInputValidation: true);
            },
            isRepeatable: true,
            timeout: null,
            cancellationToken
        );
    }

    internal IDisposable OnMapChange(Action<RoomMapChange> handler)
    {
        lock (_client.Gate)
        {
            _mapHandlers += handler;
        }

        return new MapHandler(this, handler);
    }

    internal void RemoveMapHandler(Action<RoomMapChange> handler)
    {
        lock (_client.Gate)
        {
            _mapHandlers -= handler;
        }
    }

    /// <summary>Changes the map. Asked again after a reconnect: the hub makes it once.</summary>
    internal async Task<long> ChangeMapAsync(string type, string key, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        byte[] answer = await _client
            .AskAsync(
                type,
                json =>
                {
                    json.WriteString("room"u8, Name);
                    json.WriteString("key"u8, key);
                    write(json);
                },
                isRepeatable: true,
                timeout: null,
                cancellationToken
            )
            .ConfigureAwait(false);
        return HubFrame.TryRead(answer, out HubFrame frame) ? frame.Version : 0;
    }

    /// <summary>Reads a page of the map.</summary>
    internal async Task ReadMapAsync(long after, CancellationToken cancellationToken)
    {
        int beginnings = MapReplica.Beginnings;
        MapReplica.BeginPage();
        try
        {
            using JsonDocument page = await AskPageAsync("map-read", after, cancellationToken).ConfigureAwait(false);
            MapReplica.TakePage(beginnings, () => TakeEntries(page.RootElement.GetProperty("entries"u8)));
        }
        finally
        {
            MapReplica.EndPage();
        }
    }

    /// <summary>Takes what a join shows. On the thread that receives.</summary>
    internal void TakeShown(in HubFrame joined)
    {
        _map?.DropPart();
        if (joined.Map.Length > 0)
        {
            using JsonDocument map = JsonDocument.Parse(joined.Map.ToArray());
            bool isWhole = map.RootElement.GetProperty("whole"u8).GetBoolean();
            MapReplica.Begin(isWhole);
            TakeEntries(map.RootElement.GetProperty("entries"u8));
            MapReplica.End(NextOf(map.RootElement), 0, isWhole);
            RaiseMapChange(new RoomMapChange(Key: null, IsRemoved: false));
        }

        if (joined.Presence.Length > 0)
        {
            using JsonDocument presence = JsonDocument.Parse(joined.Presence.ToArray());
            bool isWhole = presence.RootElement.GetProperty("whole"u8).GetBoolean();
            UserReplica.Begin(isWhole);
            TakeUsers(presence.RootElement, "joined"u8);
            UserReplica.End(NextOf(presence.RootElement), presence.RootElement.GetProperty("version"u8).GetInt64(), isWhole);
            RaisePresenceChanged();
        }

        if (joined.Read >= 0)
        {
            TakeRead(joined.Read, joined.Unread);
        }

        ReadOn();
    }

    /// <summary>Takes a message of the room's order: a change of the map, or one that may be unread. On the thread that receives.</summary>
    internal void TakePublication(in HubFrame frame, bool isRecovered)
    {
        if (frame.Type.SequenceEqual("map-changed"u8))
        {
            if (JoinOptions.Map)
            {
                using JsonDocument change = JsonDocument.Parse(frame.Json.ToArray());
                TakeEntry(change.RootElement, isTold: true);
            }

            return;
        }

        // Of those that are recovered the hub says how many are unread, where the room has markers.
        if (!isRecovered && _unread is { } unread)
        {
            bool isOwn = frame.UserId.Length > 0 && _client.Name(frame.UserId) == _client.UserId;
            TakeRead(isOwn ? frame.Offset : unread.Offset, isOwn ? 0 : unread.Unread + 1);
        }
    }

    /// <summary>Takes <c>presence-changed</c> or <c>presence-reset</c>. On the thread that receives.</summary>
    internal void TakePresence(in HubFrame frame)
    {
        if (frame.Type.SequenceEqual("presence-reset"u8))
        {
            UserReplica.Reset();
            _ = ReadLaterAsync();
            return;
        }

        using JsonDocument changed = JsonDocument.Parse(frame.Json.ToArray());
        TakeUsers(changed.RootElement, "joined"u8);
        UserReplica.End(next: null, frame.Version, isWhole: false);
        RaisePresenceChanged();
    }

    /// <summary>The map can't be followed any more, and is read anew after a random part of five seconds.</summary>
    internal void ResetMap()
    {
        if (JoinOptions.Map)
        {
            MapReplica.Reset();
            _ = ReadLaterAsync();
        }
    }

    private async Task ReadLaterAsync()
    {
        await Task.Delay(_longestResetDelay * _client.Options.Random(), _client.Options.TimeProvider).ConfigureAwait(false);
        ReadOn();
    }

    /// <summary>Reads the pages that are missing.</summary>
    private void ReadOn()
    {
        if (JoinOptions.Map)
        {
            _ = ReadPagesAsync(MapReplica, "map-read");
        }

        if (JoinOptions.Presence)
        {
            _ = ReadPagesAsync(UserReplica, "presence");
        }
    }

    private async Task ReadPagesAsync<T>(Replica<T> replica, string type)
        where T : class
    {
        if (!replica.TryBeginReading())
        {
            return;
        }

        try
        {
            while (replica.Next is { } from && IsJoined)
            {
                int beginnings = replica.Beginnings;
                using JsonDocument page = await AskPageAsync(type, from, CancellationToken.None).ConfigureAwait(false);
                replica.TakePage(
                    beginnings,
                    () =>
                    {
                        TakePage(page.RootElement);
                        replica.End(NextOf(page.RootElement), 0, isWhole: true);
                    }
                );
            }
        }
        catch (Exception exception) when (exception is TimeoutException or LongwireException)
        {
            // The connection or the room was lost meanwhile. The next join goes on from here.
        }
        finally
        {
            replica.EndReading();
        }

        if (type == "presence")
        {
            RaisePresenceChanged();
        }
        else
        {
            RaiseMapChange(new RoomMapChange(Key: null, IsRemoved: false));
        }
    }

    private void RaisePresenceChanged() => _client.Raise(() => PresenceChanged?.Invoke(this, EventArgs.Empty));

    private async Task<JsonDocument> AskPageAsync(string type, long after, CancellationToken cancellationToken)
    {
        byte[] answer = await _client
            .AskAsync(
                type,
                json =>
                {
                    json.WriteString("room"u8, Name);
                    json.WriteNumber("after"u8, after);
                },
                isRepeatable: false,
                timeout: null,
                cancellationToken
            )
            .ConfigureAwait(false);
        return JsonDocument.Parse(answer);
    }

    private static long? NextOf(JsonElement page) => page.TryGetProperty("next"u8, out JsonElement next) ? next.GetInt64() : null;

    private void TakePage(JsonElement page)
    {
        if (page.TryGetProperty("entries"u8, out JsonElement entries))
        {
            TakeEntries(entries);
        }
        else
        {
            TakeUsers(page, "members"u8);
        }
    }

    private void TakeEntries(JsonElement entries)
    {
        foreach (JsonElement entry in entries.EnumerateArray())
        {
            TakeEntry(entry, isTold: false);
        }
    }

    private void TakeEntry(JsonElement entry, bool isTold)
    {
        string key = entry.GetProperty("key"u8).GetString()!;
        byte[]? value = entry.TryGetProperty("value"u8, out JsonElement json) ? Encoding.UTF8.GetBytes(json.GetRawText()) : null;
        if (MapReplica.Take(key, value, entry.GetProperty("version"u8).GetInt64()) && isTold)
        {
            RaiseMapChange(new RoomMapChange(key, value is null));
        }
    }

    private void TakeUsers(JsonElement page, ReadOnlySpan<byte> there)
    {
        foreach (JsonElement user in page.GetProperty(there).EnumerateArray())
        {
            var shown = new RoomPresence(
                user.GetProperty("userId"u8).GetString()!,
                user.GetProperty("username"u8).GetString()!,
                user.GetProperty("connections"u8).GetInt32(),
                user.GetProperty("metadata"u8).Clone()
            );
            UserReplica.Take(shown.UserId, shown, user.GetProperty("version"u8).GetInt64());
        }

        if (page.TryGetProperty("left"u8, out JsonElement left))
        {
            foreach (JsonElement user in left.EnumerateArray())
            {
                UserReplica.Take(user.GetProperty("userId"u8).GetString()!, value: null, user.GetProperty("version"u8).GetInt64());
            }
        }
    }

    private void RaiseMapChange(RoomMapChange change)
    {
        foreach (Action<RoomMapChange> handler in Delegate.EnumerateInvocationList(_mapHandlers))
        {
            _client.Raise(() => handler(change));
        }
    }
}
