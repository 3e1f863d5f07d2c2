using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>The members of a room, and what they say about themselves.</summary>
internal sealed class PresenceRequests(NodeContext node, RequestedRooms requested, Refusals refusals)
{
    private const int MaxMetadataBytes = 4 * 1024;

    private readonly IPresenceStore _presence = node.Engine.Presence;

    /// <summary>Whether members are told of each other.</summary>
    public static bool IsKept(Room room) => !RoomNames.IsOwn(room.Name) && room.Settings.Endpoint is not { HasPresence: false };

    /// <summary>Answers with the members of a room.</summary>
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

        return Refuse(session, name) is { } error
            ? refusals.Refuse(session, error, message.Id)
            : AnswerAsync(session, name, after ?? 0, (int)Math.Clamp(limit ?? MaxUsers, 1, MaxUsers), message.Id);
    }

    /// <summary>A member says something about itself.</summary>
    public ValueTask Update(HubSession session, in ClientMessage message)
    {
        if (!requested.TryGetName(message, out string name) || !message.Metadata.IsPresent)
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Metadata.Length > MaxMetadataBytes)
        {
            return refusals.Refuse(session, HubError.TooLarge, message.Id);
        }

        if (Refuse(session, name) is { } error)
        {
            return refusals.Refuse(session, error, message.Id);
        }

        Membership membership = session.FindMembership(name)!;
        return membership.Room.Settings.MayUpdatePresence
            ? UpdateAsync(session, membership, message.Raw(message.Metadata).ToArray(), message.Id)
            : refusals.Refuse(session, HubError.Forbidden, message.Id);
    }

    /// <summary>Reads the differences since a version, or the first page where they are not known any more.</summary>
    public async ValueTask<ShownPresence> ShowAsync(string room, long? since)
    {
        PresencePage page = await ReadAsync(room, since ?? 0, MaxUsers).ConfigureAwait(false);
        bool isWhole = since is not { } known || known < page.KnowsSince || known > page.Version;
        if (isWhole && since > 0)
        {
            page = await ReadAsync(room, 0, MaxUsers).ConfigureAwait(false);
        }

        return PageOf(page, isWhole);
    }

    private int MaxUsers => Math.Clamp(node.Settings.MaxPresenceMembers, 1, PageLimits.MaxEntries);

    private HubError? Refuse(HubSession session, string name) =>
        RoomNames.IsOwn(name) ? HubError.Forbidden
        : session.FindMembership(name) is not { } membership ? requested.NotAMember(name)
        : IsKept(membership.Room) ? null
        : HubError.Forbidden;

    private async ValueTask AnswerAsync(HubSession session, string room, long after, int limit, string? id)
    {
        PresencePage page = await ReadAsync(room, after, limit).ConfigureAwait(false);
        session.Answer(ServerMessages.Presence(room, PageOf(page, isWhole: after == 0), id));
    }

    private async ValueTask UpdateAsync(HubSession session, Membership membership, byte[] metadata, string? id)
    {
        using var document = JsonDocument.Parse(
            membership.Room.Settings.Endpoint?.Show(metadata) ?? metadata,
            new JsonDocumentOptions { MaxDepth = node.Settings.MaxJsonDepth }
        );
        RoomMember member = membership.Presence! with { Metadata = document.RootElement.Clone() };
        await _presence.UpdateAsync(membership.Room.Name, member, node.Stopping).ConfigureAwait(false);
        membership.Presence = member;
        session.SaveSoon();
        if (id is not null)
        {
            session.Answer(ServerMessages.Ack(id));
        }
    }

    private ValueTask<PresencePage> ReadAsync(string room, long after, int limit) => _presence.ReadAsync(room, after, limit, node.Stopping);

    private ShownPresence PageOf(PresencePage page, bool isWhole)
    {
        // The metadata of an application may be large, and is not counted exactly.
        PresenceEntry[] entries = PageLimits.Oldest(
            page.Entries,
            node.Settings.MaxHistoryBytes,
            static user => PageLimits.EntryBytes + user.UserId.Length + user.Username.Length + (user.Metadata?.GetRawText().Length ?? 0)
        );
        bool hasMore = page.HasMore || entries.Length < page.Entries.Count;
        return new ShownPresence(page with { Entries = entries }, isWhole, hasMore ? entries[^1].Version : null);
    }
}
