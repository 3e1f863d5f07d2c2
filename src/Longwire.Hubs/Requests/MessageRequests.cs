namespace Longwire.Hubs;

/// <summary>Clients' messages to a room, to a user, to everyone.</summary>
internal sealed class MessageRequests(
    NodeContext node,
    RequestedRooms requested,
    Refusals refusals,
    MarkerRequests markers,
    Publisher publisher
)
{
    public const int MaxKeyLength = 128;

    public ValueTask Message(HubSession session, in ClientMessage message)
    {
        if (
            !requested.TryGetName(message, out string name)
            || !message.Content.IsPresent
            || !TryReadKey(message, out string? key, out long? version)
        )
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Content.Length > node.Settings.MaxContentBytes)
        {
            return refusals.Refuse(session, HubError.TooLarge, message.Id);
        }

        // The hub's own rooms are not written to by name.
        if (RoomNames.IsOwn(name))
        {
            return refusals.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (session.FindMembership(name) is not { } membership)
        {
            return refusals.Refuse(session, requested.NotAMember(name), message.Id);
        }

        if (!refusals.TryTakeOfRoom(session, membership.Room, message))
        {
            return default;
        }

        if (membership.Room.Settings.Endpoint is { TakesContent: true } endpoint)
        {
            return RefuseToPublish(session, membership) is { } error
                ? refusals.Refuse(session, error, message.Id)
                : endpoint.TakeContent(session, message, membership);
        }

        return Publish(session, membership, ContentKind.Json, message.Raw(message.Content), message.Id, key, version);
    }

    /// <summary>Publishes what a member says as it is, if it may.</summary>
    public ValueTask Publish(
        HubSession session,
        Membership membership,
        ContentKind kind,
        ReadOnlySpan<byte> content,
        string? id,
        string? key = null,
        long? version = null
    )
    {
        HubError? error = content.Length > node.Settings.MaxContentBytes ? HubError.TooLarge : RefuseToPublish(session, membership);
        if (error is not null)
        {
            return refusals.Refuse(session, error, id);
        }

        IRoomEndpoint? endpoint = membership.Room.Settings.Endpoint;
        PublicationDraft draft = Draft(
            endpoint?.Show(session.Identity!) ?? session.Identity!,
            PublicationTypes.Message,
            kind == ContentKind.Json && endpoint is { HasSafeText: true } ? SafeText.Encode(content) : content
        ) with
        {
            Kind = kind,
            Key = key,
            Version = version,
        };
        ulong fingerprint = FingerprintOf(draft, id);
        return endpoint is { HasFilters: true }
            ? FilterAndPublishAsync(session, membership.Room.Name, endpoint, draft, id, fingerprint)
            : PublishAsync(session, membership.Room.Name, draft, id, fingerprint);
    }

    private async ValueTask FilterAndPublishAsync(
        HubSession session,
        string room,
        IRoomEndpoint endpoint,
        PublicationDraft draft,
        string? id,
        ulong fingerprint
    )
    {
        HubError? error = await endpoint.MayPublishAsync(session, room, draft.Type).ConfigureAwait(false);
        await (error is null ? PublishAsync(session, room, draft, id, fingerprint) : refusals.Refuse(session, error, id)).ConfigureAwait(
            false
        );
    }

    private static HubError? RefuseToPublish(HubSession session, Membership membership) =>
        membership.Room.Settings switch
        {
            { MayPublish: { } mayPublish } when !mayPublish(session, membership.Room.Name) => HubError.Forbidden,
            { Endpoint.IsReadOnly: true } => HubError.ReadOnly,
            _ => null,
        };

    public ValueTask Chat(HubSession session, in ClientMessage message)
    {
        if (!node.Settings.AllowChat)
        {
            return refusals.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (!message.Message.IsPresent)
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Message.Length > node.Settings.MaxContentBytes)
        {
            return refusals.Refuse(session, HubError.TooLarge, message.Id);
        }

        PublicationDraft draft = Draft(session.Identity!, PublicationTypes.Chat, message.Raw(message.Message));
        return PublishAsync(session, RoomNames.All, draft, message.Id, FingerprintOf(draft, message.Id));
    }

    public ValueTask Direct(HubSession session, in ClientMessage message)
    {
        if (
            !message.TryGetString(message.UserId, LongwireHubOptions.MaxUserIdLength, out string userId)
            || userId.Length == 0
            || !message.Content.IsPresent
        )
        {
            return refusals.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Content.Length > node.Settings.MaxContentBytes)
        {
            return refusals.Refuse(session, HubError.TooLarge, message.Id);
        }

        PublicationDraft draft = Draft(session.Identity!, PublicationTypes.Direct, message.Raw(message.Content));
        return PublishAsync(session, RoomNames.OfUser(userId), draft, message.Id, FingerprintOf(draft, message.Id));
    }

    /// <summary>Something that a user says.</summary>
    public PublicationDraft Draft(HubIdentity identity, string type, ReadOnlySpan<byte> content)
    {
        var sender = new PublicationSender(identity.UserId, identity.Username);
        return new PublicationDraft(type, sender, ContentKind.Json, content.ToArray(), node.Date);
    }

    /// <summary>Reads what a publication is about, and the version of that; null for none.</summary>
    public static bool TryReadKey(in ClientMessage message, out string? key, out long? version)
    {
        key = null;
        version = null;
        long number = 0;
        if (
            (message.Key.IsPresentAndNotNull && !message.TryGetString(message.Key, MaxKeyLength, out key))
            || (message.Version.IsPresentAndNotNull && !message.TryGetCount(message.Version, out number))
        )
        {
            return false;
        }

        version = message.Version.IsPresentAndNotNull ? number : null;
        return true;
    }

    /// <summary>Publishes what a client said, and gives it its ack.</summary>
    /// <param name="session">The client's session.</param>
    /// <param name="room">The room.</param>
    /// <param name="draft">The publication.</param>
    /// <param name="id">The request's id.</param>
    /// <param name="fingerprint">A hash of what the client said, by which another message with the same id is found out.</param>
    public async ValueTask PublishAsync(HubSession session, string room, PublicationDraft draft, string? id, ulong fingerprint)
    {
        IdempotencyKey? key = id is null ? null : session.KeyOf(draft.Type, id);
        PublishResult result = await publisher.PublishAsync(room, draft, key, fingerprint, node.Stopping).ConfigureAwait(false);
        switch (result.Outcome)
        {
            case PublishOutcome.Stale:
                await refusals.Refuse(session, HubError.Stale, id).ConfigureAwait(false);
                break;
            case PublishOutcome.IdReused:
                await refusals.Refuse(session, HubError.IdReused, id).ConfigureAwait(false);
                break;
            default:
                await markers.OnPublishedAsync(session, room, result.Position).ConfigureAwait(false);
                Acknowledge(session, room, result, id);
                break;
        }
    }

    private static ulong FingerprintOf(PublicationDraft draft, string? id) => id is null ? 0 : Fingerprint.Of(draft.Content.Span);

    private static void Acknowledge(HubSession session, string room, PublishResult result, string? id)
    {
        if (id is not null)
        {
            bool isOwn = RoomNames.IsOwn(room);
            bool isRepeated = result.Outcome == PublishOutcome.Repeated;
            session.Answer(ServerMessages.Ack(id, isOwn ? null : room, isOwn ? null : result.Position.Offset, isRepeated));
        }
    }
}
