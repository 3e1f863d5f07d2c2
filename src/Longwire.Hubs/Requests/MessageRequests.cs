namespace Longwire.Hubs;

/// <summary>What clients say: to a room, to a user, to everyone.</summary>
internal sealed class MessageRequests(Hub hub, Publisher publisher)
{
    private const int MaxKeyLength = 128;

    public ValueTask Message(HubSession session, in ClientMessage message)
    {
        string? key = null;
        long version = 0;
        if (
            !hub.RoomRequests.TryGetRoomName(message, out string name)
            || !message.Content.IsPresent
            || (message.Key.IsPresentAndNotNull && !message.TryGetString(message.Key, MaxKeyLength, out key))
            || (message.Version.IsPresentAndNotNull && !message.TryGetCount(message.Version, out version))
        )
        {
            return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Content.Length > hub.Settings.MaxContentBytes)
        {
            return hub.Dispatcher.Refuse(session, HubError.TooLarge, message.Id);
        }

        if (session.FindMembership(name) is not { } membership)
        {
            return hub.Dispatcher.Refuse(session, hub.RoomRequests.NotAMember(name), message.Id);
        }

        // The hub's own rooms are not written to by name.
        if (RoomNames.IsOwn(name) || (membership.Room.Settings.MayPublish is { } mayPublish && !mayPublish(session, name)))
        {
            return hub.Dispatcher.Refuse(session, HubError.Forbidden, message.Id);
        }

        PublicationDraft draft = Draft(session, PublicationTypes.Message, message.Raw(message.Content)) with
        {
            Key = key,
            Version = message.Version.IsPresentAndNotNull ? version : null,
        };
        return PublishAsync(session, name, draft, message.Id);
    }

    public ValueTask Chat(HubSession session, in ClientMessage message)
    {
        if (!hub.Settings.AllowChat)
        {
            return hub.Dispatcher.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (!message.Message.IsPresent)
        {
            return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Message.Length > hub.Settings.MaxContentBytes)
        {
            return hub.Dispatcher.Refuse(session, HubError.TooLarge, message.Id);
        }

        PublicationDraft draft = Draft(session, PublicationTypes.Chat, message.Raw(message.Message));
        return PublishAsync(session, RoomNames.All, draft, message.Id);
    }

    public ValueTask Direct(HubSession session, in ClientMessage message)
    {
        if (
            !message.TryGetString(message.UserId, HubOptions.MaxUserIdLength, out string userId)
            || userId.Length == 0
            || !message.Content.IsPresent
        )
        {
            return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Content.Length > hub.Settings.MaxContentBytes)
        {
            return hub.Dispatcher.Refuse(session, HubError.TooLarge, message.Id);
        }

        PublicationDraft draft = Draft(session, PublicationTypes.Direct, message.Raw(message.Content));
        return PublishAsync(session, RoomNames.OfUser(userId), draft, message.Id);
    }

    private PublicationDraft Draft(HubSession session, string type, ReadOnlySpan<byte> content)
    {
        HubIdentity identity = session.Identity!;
        var sender = new PublicationSender(identity.UserId, identity.Username);
        return new PublicationDraft(type, sender, ContentKind.Json, content.ToArray(), hub.Date);
    }

    private async ValueTask PublishAsync(HubSession session, string room, PublicationDraft draft, string? id)
    {
        IdempotencyKey? key = id is null ? null : session.KeyOf(draft.Type, id);
        ulong fingerprint = id is null ? 0 : Fingerprint.Of(draft.Content.Span);
        PublishResult result = await publisher.PublishAsync(room, draft, key, fingerprint, hub.Stopping).ConfigureAwait(false);
        switch (result.Outcome)
        {
            case PublishOutcome.Stale:
                await hub.Dispatcher.Refuse(session, HubError.Stale, id).ConfigureAwait(false);
                break;
            case PublishOutcome.IdReused:
                await hub.Dispatcher.Refuse(session, HubError.IdReused, id).ConfigureAwait(false);
                break;
            default:
                Acknowledge(session, room, result, id);
                break;
        }
    }

    private static void Acknowledge(HubSession session, string room, PublishResult result, string? id)
    {
        if (id is not null)
        {
            bool isOwn = RoomNames.IsOwn(room);
            bool isRepeated = result.Outcome == PublishOutcome.Repeated;
            ServerMessages.SendAck(session, id, isOwn ? null : room, isOwn ? null : result.Position.Offset, isRepeated);
        }
    }
}
