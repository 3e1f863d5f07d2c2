namespace Longwire.Hubs;

/// <content>The application's messages and actions.</content>
public sealed partial class Hub
{
    private static readonly HubIdentity _server = new("server");

    /// <summary>
    /// Handles messages of a type that the hub doesn't know. Only authenticated sessions get there.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="handler">The handler.</param>
    /// <returns>This hub.</returns>
    /// <exception cref="ArgumentException">The type is one of the hub's own, or was registered already.</exception>
    public Hub On(string type, HubMessageHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentNullException.ThrowIfNull(handler);
        if (ClientMessage.TypeOf(type) != ClientMessageType.Other || !Requests.Dispatcher.TryRegister(type, Handle))
        {
            throw new ArgumentException($"Messages of type \"{type}\" have a handler already.", nameof(type));
        }

        return this;

        ValueTask Handle(HubSession session, in ClientMessage message)
        {
            var call = new HubCall(this, _services, session);
            return CallAsync(handler, new HubRequest(call, type, message.Id, message.Whole.ToArray()));
        }
    }

    private static async ValueTask CallAsync(HubMessageHandler handler, HubRequest request)
    {
        await handler(request).ConfigureAwait(false);
        request.Acknowledge();
    }

    /// <summary>Publishes a <c>message</c> in a room, in its order and its history, as a client does.</summary>
    /// <param name="room">The room's name; nobody needs to be in it.</param>
    /// <param name="content">The content: any JSON, in UTF-8. It is copied.</param>
    /// <param name="sender">In whose name. Default: a user with the id and name <c>server</c>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Where the publication is in the room's sequence.</returns>
    /// <exception cref="ArgumentException">The room's name is empty, or the content is no JSON.</exception>
    /// <exception cref="HubUnavailableException">The engine is away.</exception>
    public async ValueTask<RoomPosition> PublishAsync(
        string room,
        ReadOnlyMemory<byte> content,
        HubIdentity? sender = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(room);
        ApplicationMessages.ThrowIfNotJson(content.Span, Context.Settings.MaxJsonDepth);
        sender ??= _server;
        var draft = new PublicationDraft(
            PublicationTypes.Message,
            new PublicationSender(sender.UserId, sender.Username),
            ContentKind.Json,
            content.ToArray(),
            Context.Date
        );
        PublishResult result = await Publisher
            .PublishAsync(Names.Normalize(room), draft, key: null, fingerprint: 0, cancellationToken)
            .ConfigureAwait(false);
        return result.Position;
    }

    /// <summary>Sends a message to the members of a room, on all nodes, outside of its order and history.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="utf8Json">A JSON object with a string <c>type</c>, in UTF-8. It must not change any more.</param>
    /// <param name="exceptClientId">A client to leave out.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">The room's name is empty, or the message is no such object.</exception>
    public ValueTask SendToRoomAsync(
        string room,
        ReadOnlyMemory<byte> utf8Json,
        string? exceptClientId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(room);
        return SendAsync(NodeCommandTarget.Room, Names.Normalize(room), utf8Json, exceptClientId, cancellationToken);
    }

    /// <summary>Sends a message to every session of a user, on all nodes.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="utf8Json">A JSON object with a string <c>type</c>, in UTF-8. It must not change any more.</param>
    /// <param name="exceptClientId">A client to leave out.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">The user's id is empty, or the message is no such object.</exception>
    public ValueTask SendToUserAsync(
        string userId,
        ReadOnlyMemory<byte> utf8Json,
        string? exceptClientId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return SendAsync(NodeCommandTarget.User, userId, utf8Json, exceptClientId, cancellationToken);
    }

    /// <summary>Sends a message to every authenticated session, on all nodes.</summary>
    /// <param name="utf8Json">A JSON object with a string <c>type</c>, in UTF-8. It must not change any more.</param>
    /// <param name="exceptClientId">A client to leave out.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">The message is no such object.</exception>
    public ValueTask SendToAllAsync(
        ReadOnlyMemory<byte> utf8Json,
        string? exceptClientId = null,
        CancellationToken cancellationToken = default
    ) => SendAsync(NodeCommandTarget.All, "", utf8Json, exceptClientId, cancellationToken);

    /// <summary>Publishes a <c>notification</c> in a room, in its order and its history.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">A text in it has half of a surrogate pair.</exception>
    public ValueTask NotifyRoomAsync(string room, HubNotification notification, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(notification);
        notification.ThrowIfNotUnicode();
        return NotifyAsync(Names.Normalize(room), notification, cancellationToken);
    }

    /// <summary>Publishes a <c>notification</c> for a user: every session has it, and one that comes back can recover it.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">A text in it has half of a surrogate pair.</exception>
    public ValueTask NotifyUserAsync(string userId, HubNotification notification, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(notification);
        notification.ThrowIfNotUnicode();
        return NotifyAsync(RoomNames.OfUser(userId), notification, cancellationToken);
    }

    /// <summary>
    /// Publishes a <c>notification</c> for everyone: every authenticated session has it, and one that comes back can recover it.
    /// </summary>
    /// <param name="notification">The notification.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">A text in it has half of a surrogate pair.</exception>
    public ValueTask NotifyAllAsync(HubNotification notification, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(notification);
        notification.ThrowIfNotUnicode();
        return NotifyAsync(RoomNames.All, notification, cancellationToken);
    }

    /// <summary>Closes every session of a user, on all nodes, with 4002 "Kicked". None of them can be resumed.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask KickUserAsync(string userId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return Publisher.SendAsync(new NodeCommand(NodeCommandTarget.User, userId), cancellationToken);
    }

    /// <summary>Closes one session, on whichever node it is, with 4002 "Kicked". It can't be resumed.</summary>
    /// <param name="clientId">The client's id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask KickSessionAsync(string clientId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        return Publisher.SendAsync(new NodeCommand(NodeCommandTarget.Session, clientId), cancellationToken);
    }

    private async ValueTask NotifyAsync(string room, HubNotification notification, CancellationToken cancellationToken)
    {
        var draft = new PublicationDraft(
            PublicationTypes.Notification,
            Sender: null,
            ContentKind.Json,
            notification.ToUtf8Json(),
            Context.Date
        );
        await Publisher.PublishAsync(room, draft, key: null, fingerprint: 0, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask SendAsync(
        NodeCommandTarget target,
        string name,
        ReadOnlyMemory<byte> utf8Json,
        string? exceptClientId,
        CancellationToken cancellationToken
    )
    {
        ApplicationMessages.ThrowIfNoMessage(utf8Json.Span, Context.Settings.MaxJsonDepth);
        // Without a type of its own the draft goes out as the application wrote it.
        var message = new PublicationDraft("", Sender: null, ContentKind.Json, utf8Json, Context.Date);
        return Publisher.SendAsync(new NodeCommand(target, name) { Message = message, ExceptClientId = exceptClientId }, cancellationToken);
    }
}
