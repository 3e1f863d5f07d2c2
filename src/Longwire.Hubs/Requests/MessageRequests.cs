namespace Longwire.Hubs;

/// <summary>What clients say: to a room, to a user, to everyone.</summary>
internal sealed class MessageRequests(Hub hub, IHubEngine engine)
{
    public ValueTask Message(HubSession session, in ClientMessage message)
    {
        if (!hub.RoomRequests.TryGetRoomName(message, out string name) || !message.Content.IsPresent)
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

        if (membership.Room.Settings.MayPublish is { } mayPublish && !mayPublish(session, name))
        {
            return hub.Dispatcher.Refuse(session, HubError.Forbidden, message.Id);
        }

        RoomEndpoint? endpoint = membership.Room.Settings.Endpoint;
        if (endpoint is { IsReadOnly: true })
        {
            return hub.Dispatcher.Refuse(session, HubError.ReadOnly, message.Id);
        }

        if (endpoint?.FindHandler(MessageContract.ContentType) is { } handler)
        {
            return hub.TypedRequests!.Handle(session, message, membership, handler);
        }

        if (TryAnswerAgain(session, message, membership.Room.Name, message.Content, out RememberedRequest? request))
        {
            return default;
        }

        ReadOnlySpan<byte> content = message.Raw(message.Content);
        byte[] json = BroadcastMessages.Message(
            name,
            endpoint?.Show(session.Identity!) ?? session.Identity!,
            endpoint is { HasSafeText: true } ? SafeText.Encode(content) : content,
            hub.Timestamp
        );
        return PublishAsync(session, name, json, request);
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

        if (TryAnswerAgain(session, message, "", message.Message, out RememberedRequest? request))
        {
            return default;
        }

        var signal = new HubSignal
        {
            Target = HubSignalTarget.All,
            Json = BroadcastMessages.Chat(session.Identity!, message.Raw(message.Message), hub.Timestamp),
        };
        return SignalAsync(session, signal, request);
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

        if (TryAnswerAgain(session, message, userId, message.Content, out RememberedRequest? request))
        {
            return default;
        }

        var signal = new HubSignal
        {
            Target = HubSignalTarget.User,
            Name = userId,
            Json = BroadcastMessages.Direct(session.Identity!, message.Raw(message.Content), hub.Timestamp),
        };
        return SignalAsync(session, signal, request);
    }

    /// <summary>
    /// Gives a request that was carried out already its first ack again, and an error to another request by the same id. Else the request
    /// is what to remember, if it has an id.
    /// </summary>
    public bool TryAnswerAgain(
        HubSession session,
        in ClientMessage message,
        string target,
        JsonSlice content,
        out RememberedRequest? request
    )
    {
        request = null;
        if (message.Id is not { } id)
        {
            return false;
        }

        var asked = new RememberedRequest(message.Type, target, id, RememberedRequest.FingerprintOf(message.Raw(content)));
        request = asked;
        switch (session.FindRequest(asked, out long? offset))
        {
            case RequestNovelty.Repeated:
                SendAck(session, asked, offset);
                return true;
            case RequestNovelty.IdReused:
                hub.Dispatcher.Refuse(session, HubError.IdReused, id);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Publishes a message, and gives the sender its ack.</summary>
    public async ValueTask PublishAsync(HubSession session, string room, byte[] json, RememberedRequest? request)
    {
        RoomPosition position = await engine.PublishAsync(room, json, hub.Stopping).ConfigureAwait(false);
        Acknowledge(session, request, position.Offset);
    }

    private async ValueTask SignalAsync(HubSession session, HubSignal signal, RememberedRequest? request)
    {
        await engine.SignalAsync(signal, hub.Stopping).ConfigureAwait(false);
        Acknowledge(session, request, offset: null);
    }

    private static void Acknowledge(HubSession session, RememberedRequest? request, long? offset)
    {
        if (request is { } carriedOut)
        {
            session.Remember(carriedOut, offset);
            SendAck(session, carriedOut, offset);
        }
    }

    private static void SendAck(HubSession session, in RememberedRequest request, long? offset) =>
        ServerMessages.SendAck(session, request.Id, offset is null ? null : request.Target, offset);
}
