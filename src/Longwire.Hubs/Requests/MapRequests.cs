using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>The clients' reading and writing of rooms' maps.</summary>
internal sealed class MapRequests(NodeContext node, RequestedRooms requested, Refusals refusals, Publisher publisher)
{
    /// <summary>The greatest length of a key, in UTF-16 units.</summary>
    public const int MaxKeyLength = 128;

    private readonly IMapStore _maps = node.Engine.Maps;

    /// <summary>Puts or removes a key.</summary>
    public ValueTask Change(HubSession session, in ClientMessage message)
    {
        bool isRemoval = message.Type == ClientMessageType.MapRemove;
        if (
            !requested.TryGetName(message, out string name)
            || !message.TryGetString(message.Key, MaxKeyLength, out string key)
            || key.Length == 0
            || (!isRemoval && !message.Value.IsPresent)
            || !ClientMessage.IsFlag(message.IfNew)
            || !message.TryGetOptionalCount(message.IfVersion, out long? ifVersion)
            || !message.TryGetOptionalCount(message.TtlMs, out long? age)
            || age == 0
        )
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Value.Length > node.Settings.MaxContentBytes)
        {
            return refusals.Refuse(session, HubError.TooLarge, message.Id);
        }

        // The rooms of the hub's own have no map, and keys that begin like their names are the hub's.
        if (RoomNames.IsOwn(name) || RoomNames.IsOwn(key))
        {
            return refusals.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (session.FindMembership(name) is not { } membership)
        {
            return refusals.Refuse(session, requested.NotAMember(name), message.Id);
        }

        if (membership.Room.Settings.MapKeys == 0)
        {
            return refusals.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (!refusals.TryTakeOfRoom(session, membership.Room, message))
        {
            return default;
        }

        ReadOnlyMemory<byte>? value = isRemoval ? (ReadOnlyMemory<byte>?)null : message.Raw(message.Value).ToArray();
        var change = new MapChange(key, value, node.Date)
        {
            IfVersion = !isRemoval && message.IfNew.Kind == JsonTokenType.True ? 0 : ifVersion,
            Age = age is { } milliseconds && !isRemoval ? AgeOf(milliseconds) : null,
        };
        return ChangeAsync(session, membership, change, message.Id);
    }

    /// <summary>Answers with a page of a room's map.</summary>
    public ValueTask Read(HubSession session, in ClientMessage message)
    {
        if (
            !requested.TryGetName(message, out string name)
            || !message.TryGetOptionalCount(message.After, out long? after)
            || !message.TryGetOptionalCount(message.Limit, out long? limit)
        )
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (RoomNames.IsOwn(name))
        {
            return refusals.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (session.FindMembership(name) is not { } membership)
        {
            return refusals.Refuse(session, requested.NotAMember(name), message.Id);
        }

        return membership.Room.Settings.MapKeys == 0
            ? refusals.Refuse(session, HubError.Forbidden, message.Id)
            : AnswerAsync(session, membership, after ?? 0, (int)Math.Clamp(limit ?? MaxKeys, 1, MaxKeys), message.Id);
    }

    /// <summary>
    /// Reads a page of a room's map, as large as one answer may be. It has no entries where it is ahead of the position of the member that
    /// it is for: the engine may lose those, and nothing that the member is told then would show it.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="since">The position from which the map is known; null for none.</param>
    /// <param name="position">The member's position.</param>
    public async ValueTask<ShownMap> ShowAsync(string room, RoomPosition? since, RoomPosition position)
    {
        long after = since?.Offset ?? 0;
        MapPage page = await _maps.ReadAsync(room, after, MaxKeys, node.Stopping).ConfigureAwait(false);
        bool isWhole = since is null || page.KnowsSince > after;
        if (isWhole && after > 0)
        {
            page = await _maps.ReadAsync(room, 0, MaxKeys, node.Stopping).ConfigureAwait(false);
        }

        return page.Position.IsPartOf(position) ? PageOf(page, isWhole) : new ShownMap(isWhole, [], isWhole ? 0 : after);
    }

    private int MaxKeys => Math.Clamp(node.Settings.MaxHistoryMessages, 1, PageLimits.MaxEntries);

    private async ValueTask AnswerAsync(HubSession session, Membership membership, long after, int limit, string? id)
    {
        Room room = membership.Room;
        for (int attempt = 0; attempt < RoomRequests.MaxReads; attempt++)
        {
            int verification = room.Verification;
            MapPage page = await _maps.ReadAsync(room.Name, after, limit, node.Stopping).ConfigureAwait(false);
            // The member is told first what the page is made of: what the engine loses of that shows in the member's position.
            if (await room.TryReachAsync(membership, page.Position, verification).ConfigureAwait(false))
            {
                session.Answer(ServerMessages.Map(room.Name, page.Position, PageOf(page, isWhole: after == 0), id));
                return;
            }
        }

        throw new HubUnavailableException("The engine was away each time that the map of a room was read.");
    }

    private async ValueTask ChangeAsync(HubSession session, Membership membership, MapChange change, string? id)
    {
        if (membership.Room.Settings.Endpoint?.Conform(ref change) is { } wrong)
        {
            await refusals.Refuse(session, wrong, id).ConfigureAwait(false);
            return;
        }

        if (await MayChangeAsync(session, membership.Room, change).ConfigureAwait(false) is { } refusal)
        {
            await refusals.Refuse(session, refusal, id).ConfigureAwait(false);
            return;
        }

        IdempotencyKey? key = id is null ? null : session.KeyOf(change.Value is null ? "map-remove" : "map-put", id);
        ulong fingerprint = id is null ? 0 : FingerprintOf(change);
        if (change.Value is { } value && membership.Room.Settings.Endpoint is { } endpoint)
        {
            change = change with { Value = endpoint.Show(value.ToArray()) };
        }

        MapResult result = await publisher.ChangeAsync(membership.Room.Name, change, key, fingerprint, node.Stopping).ConfigureAwait(false);
        HubError? error = result.Outcome switch
        {
            MapOutcome.Conflict => HubError.Conflict,
            MapOutcome.Full => HubError.Forbidden with { Message = "Map is full" },
            MapOutcome.IdReused => HubError.IdReused,
            _ => null,
        };
        if (error is not null)
        {
            long? version = result.Outcome == MapOutcome.Conflict ? result.Version : null;
            await refusals.Refuse(session, error, id, version).ConfigureAwait(false);
        }
        else if (id is not null)
        {
            session.Answer(ServerMessages.MapAck(id, result.Version, result.Outcome == MapOutcome.Repeated));
        }
    }

    /// <summary>The server alone changes maps, until the application allows more. Returns null when the change is allowed.</summary>
    private static ValueTask<HubError?> MayChangeAsync(HubSession session, Room room, MapChange change) =>
        room.Settings switch
        {
            { MayPut: { } mayPut } => new(mayPut(session, room.Name, change.Key) ? null : HubError.Forbidden),
            { Endpoint: { } endpoint } => endpoint.MayChangeAsync(session, room.Name, change),
            _ => new(HubError.Forbidden),
        };

    private ShownMap PageOf(MapPage page, bool isWhole)
    {
        MapEntry[] entries = PageLimits.Oldest(
            page.Entries,
            node.Settings.MaxHistoryBytes,
            static entry => PageLimits.EntryBytes + entry.Key.Length + (entry.Value?.Length ?? 0)
        );
        bool hasMore = page.HasMore || entries.Length < page.Entries.Count;
        return new ShownMap(isWhole, entries, hasMore ? entries[^1].Version : null);
    }

    private static TimeSpan AgeOf(long milliseconds) =>
        milliseconds < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.MaxValue;

    private static ulong FingerprintOf(MapChange change)
    {
        string conditions = string.Create(CultureInfo.InvariantCulture, $"{change.IfVersion} {change.Age?.Ticks} {change.Key}\n");
        return Fingerprint.Of([.. Encoding.UTF8.GetBytes(conditions), .. change.Value.GetValueOrDefault().Span]);
    }
}
