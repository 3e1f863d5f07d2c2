using System.Text.Unicode;

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
        if (ClientMessage.TypeOf(type) != ClientMessageType.Other || !Dispatcher.TryRegister(type, handler))
        {
            throw new ArgumentException($"Messages of type \"{type}\" have a handler already.", nameof(type));
        }

        return this;
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
        ThrowIfNotJson(content.Span);
        sender ??= _server;
        var draft = new PublicationDraft(
            PublicationTypes.Message,
            new PublicationSender(sender.UserId, sender.Username),
            ContentKind.Json,
            content.ToArray(),
            Date
        );
        return (
            await PublishAsync(Names.Normalize(room), draft, key: null, fingerprint: 0, cancellationToken).ConfigureAwait(false)
        ).Position;
    }

    /// <summary>Publishes anything in any room, the hub's own included.</summary>
    internal ValueTask<PublishResult> PublishAsync(
        string room,
        PublicationDraft draft,
        IdempotencyKey? key,
        ulong fingerprint,
        CancellationToken cancellationToken
    ) => _publisher.PublishAsync(room, draft, key, fingerprint, cancellationToken);

    /// <summary>Sends a command to all nodes.</summary>
    internal ValueTask SendAsync(NodeCommand command, CancellationToken cancellationToken) =>
        _publisher.SendAsync(command, cancellationToken);

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
        return SendAsync(new NodeCommand(NodeCommandTarget.User, userId), cancellationToken);
    }

    /// <summary>Closes one session, on whichever node it is, with 4002 "Kicked". It can't be resumed.</summary>
    /// <param name="clientId">The client's id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask KickSessionAsync(string clientId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        return SendAsync(new NodeCommand(NodeCommandTarget.Session, clientId), cancellationToken);
    }

    /// <summary>Sends a command's message to the sessions it is for, or closes them.</summary>
    internal void Carry(NodeCommand command)
    {
        if (command.Message is { } message)
        {
            Carry(command, message);
            return;
        }

        if (command.TakenGeneration is { } generation)
        {
            if (FindSession(command.Name) is { } taken && taken.Generation < generation)
            {
                taken.Post(new SessionEvent(SessionEventKind.Taken));
            }

            return;
        }

        IEnumerable<HubSession> sessions = command.Target switch
        {
            NodeCommandTarget.User => Accounts.SessionsOf(command.Name),
            NodeCommandTarget.Session when FindSession(command.Name) is { } session => [session],
            _ => [],
        };
        foreach (HubSession session in sessions)
        {
            session.Kick();
        }
    }

    private void Carry(NodeCommand command, PublicationDraft message)
    {
        switch (command.Target)
        {
            case NodeCommandTarget.Room:
                _rooms.Find(command.Name)?.Send(message, command.ExceptClientId);
                break;
            case NodeCommandTarget.All:
                Everyone.Send(message, command.ExceptClientId);
                break;
            case NodeCommandTarget.User when _rooms.Find(RoomNames.OfUser(command.Name)) is { } me:
                me.Send(message, command.ExceptClientId);
                break;
            default:
                Send(
                    command.Target == NodeCommandTarget.User ? Accounts.SessionsOf(command.Name)
                        : FindSession(command.Name) is { } session ? [session]
                        : [],
                    message,
                    command.ExceptClientId
                );
                break;
        }
    }

    /// <summary>Sends a message to sessions one by one.</summary>
    private void Send(HubSession[] sessions, PublicationDraft message, string? exceptClientId)
    {
        if (sessions.Length == 0)
        {
            return;
        }

        PreparedMessage frame = RoomEventJson.Frame(new PassingEvent("", message));
        foreach (HubSession session in sessions)
        {
            if (session.MayAct && session.ClientId != exceptClientId && session.Deliver(frame))
            {
                Metrics.MessagesSent(1);
            }
        }
    }

    private async ValueTask NotifyAsync(string room, HubNotification notification, CancellationToken cancellationToken)
    {
        var draft = new PublicationDraft(PublicationTypes.Notification, Sender: null, ContentKind.Json, notification.ToUtf8Json(), Date);
        await PublishAsync(room, draft, key: null, fingerprint: 0, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask SendAsync(
        NodeCommandTarget target,
        string name,
        ReadOnlyMemory<byte> utf8Json,
        string? exceptClientId,
        CancellationToken cancellationToken
    )
    {
        ThrowIfNoMessage(utf8Json.Span);
        // Without a type of its own the draft goes out as the application wrote it.
        var message = new PublicationDraft("", Sender: null, ContentKind.Json, utf8Json, Date);
        return SendAsync(new NodeCommand(target, name) { Message = message, ExceptClientId = exceptClientId }, cancellationToken);
    }

    /// <summary>The application's messages are held to the same rules as the clients'.</summary>
    internal void ThrowIfNoMessage(ReadOnlySpan<byte> utf8Json)
    {
        if (!Utf8.IsValid(utf8Json) || ClientMessage.Read(utf8Json, Settings.MaxJsonDepth, out _) is not null)
        {
            throw new ArgumentException(
                "It has to be a JSON object with a string \"type\", in UTF-8 and without halves of surrogate pairs.",
                nameof(utf8Json)
            );
        }
    }

    private void ThrowIfNotJson(ReadOnlySpan<byte> content)
    {
        if (
            !Utf8.IsValid(content)
            || JsonText.HasHalfOfPair(content)
            || ClientMessage.Read(content, Settings.MaxJsonDepth, out _) == HubError.InvalidJson
        )
        {
            throw new ArgumentException("It has to be JSON, in UTF-8 and without halves of surrogate pairs.", nameof(content));
        }
    }
}
