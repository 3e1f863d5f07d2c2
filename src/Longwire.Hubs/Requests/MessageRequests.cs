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

        if (message.Content.Length > hub.Options.MaxContentBytes)
        {
            return hub.Dispatcher.Refuse(session, HubError.TooLarge, message.Id);
        }

        if (session.FindMembership(name) is not { } membership)
        {
            return hub.Dispatcher.Refuse(session, hub.RoomRequests.NotAMember(name), message.Id);
        }

        if (membership.Room.Options.MayPublish is { } mayPublish && !mayPublish(session, name))
        {
            return hub.Dispatcher.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (IsRepeated(session, message))
        {
            return default;
        }

        byte[] json = BroadcastMessages.Message(name, session.Identity!, message.Raw(message.Content), hub.Timestamp);
        return PublishAsync(session, name, json, message.Id);
    }

    public ValueTask Chat(HubSession session, in ClientMessage message)
    {
        if (!hub.Options.AllowChat)
        {
            return hub.Dispatcher.Refuse(session, HubError.Forbidden, message.Id);
        }

        if (!message.Message.IsPresent)
        {
            return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Message.Length > hub.Options.MaxContentBytes)
        {
            return hub.Dispatcher.Refuse(session, HubError.TooLarge, message.Id);
        }

        if (IsRepeated(session, message))
        {
            return default;
        }

        var signal = new HubSignal
        {
            Target = HubSignalTarget.All,
            Json = BroadcastMessages.Chat(session.Identity!, message.Raw(message.Message), hub.Timestamp),
        };
        return SignalAsync(session, signal, ClientMessageType.Chat, message.Id);
    }

    public ValueTask Direct(HubSession session, in ClientMessage message)
    {
        if (!message.TryGetString(message.UserId, int.MaxValue, out string userId) || userId.Length == 0 || !message.Content.IsPresent)
        {
            return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, message.Id);
        }

        if (message.Content.Length > hub.Options.MaxContentBytes)
        {
            return hub.Dispatcher.Refuse(session, HubError.TooLarge, message.Id);
        }

        if (IsRepeated(session, message))
        {
            return default;
        }

        var signal = new HubSignal
        {
            Target = HubSignalTarget.User,
            Name = userId,
            Json = BroadcastMessages.Direct(session.Identity!, message.Raw(message.Content), hub.Timestamp),
        };
        return SignalAsync(session, signal, ClientMessageType.Direct, message.Id);
    }

    /// <summary>Gives a request that was carried out already its first ack again.</summary>
    private bool IsRepeated(HubSession session, in ClientMessage message)
    {
        if (message.Id is not { } id || !session.RecentRequests.TryGet(message.Type, id, hub.Now, out RecentRequests.Acknowledged ack))
        {
            return false;
        }

        ServerMessages.SendAck(session, id, ack.Room, ack.Offset);
        return true;
    }

    private async ValueTask PublishAsync(HubSession session, string room, byte[] json, string? id)
    {
        RoomPosition position = await engine.PublishAsync(room, json, hub.Stopping).ConfigureAwait(false);
        if (id is not null)
        {
            session.RecentRequests.Add(ClientMessageType.Message, id, hub.Now, new(room, position.Offset));
            ServerMessages.SendAck(session, id, room, position.Offset);
        }
    }

    private async ValueTask SignalAsync(HubSession session, HubSignal signal, ClientMessageType type, string? id)
    {
        await engine.SignalAsync(signal, hub.Stopping).ConfigureAwait(false);
        if (id is not null)
        {
            session.RecentRequests.Add(type, id, hub.Now, default);
            ServerMessages.SendAck(session, id);
        }
    }
}
