using System.Collections.Concurrent;

namespace Longwire.Hubs;

/// <summary>
/// The way of every client's message: rate, size, JSON, format, authentication, type. Every fault in it becomes an error
/// to the client; nothing that a client can send makes this throw.
/// </summary>
internal sealed class MessageDispatcher(Hub hub)
{
    /// <summary>
    /// Of how many refusals in a row a client learns the requests' ids when there is no rate limit to take the number from.
    /// </summary>
    private const int MaxRefusalsWithId = 200;

    private static readonly TimeSpan _retryWhenBusy = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, HubMessageHandler> _handlers = new(StringComparer.Ordinal);
    private readonly int _maxMessageBytes = (int)
        Math.Min(int.MaxValue, (long)hub.Settings.MaxContentBytes + LongwireHubOptions.EnvelopeBytes);

    /// <summary>The largest message that this connection's client may send.</summary>
    public int MaxMessageBytes(HubLink connection) => Math.Min(_maxMessageBytes, connection.MaxMessageBytes);

    public bool TryRegister(string type, HubMessageHandler handler) => _handlers.TryAdd(type, handler);

    /// <summary>Deals with one message. The payload is not needed any more when this returns.</summary>
    public ValueTask Dispatch(HubSession session, MessageType type, ReadOnlySpan<byte> payload)
    {
        hub.Metrics.MessageReceived();
        if (!session.TryTakeToken(out TimeSpan retryAfter, out int rejectedInARow))
        {
            return RefuseForRate(session, payload, retryAfter, rejectedInARow);
        }

        if (payload.Length > _maxMessageBytes)
        {
            return Refuse(session, HubError.TooLarge, id: null);
        }

        if (type != MessageType.Text)
        {
            return HandleBinary(session, payload);
        }

        if (ClientMessage.Read(payload, hub.Settings.MaxJsonDepth, out ClientMessage message) is { } error)
        {
            return Refuse(session, error, message.Id);
        }

        if (!session.MayAct && message.Type is not (ClientMessageType.Auth or ClientMessageType.Ping))
        {
            return Refuse(session, HubError.Unauthenticated, message.Id);
        }

        try
        {
            return Guard(session, message.Id, Handle(session, message));
        }
        catch (Exception exception)
        {
            return Fail(session, exception, message.Id);
        }
    }

    /// <summary>Tells the client that a message found no room to wait for the session's earlier ones.</summary>
    public void RefuseToWait(HubSession session, ReadOnlySpan<byte> payload, int refusedInARow) =>
        RefuseForRate(session, payload, _retryWhenBusy, refusedInARow);

    /// <summary>Tells the client what is wrong with its message.</summary>
    public ValueTask Refuse(HubSession session, HubError error, string? id)
    {
        hub.Metrics.MessageRejected(error);
        hub.Log.MessageRejected(session.ClientId, error.Code);
        session.Send(ServerMessages.Error(error, id));
        return default;
    }

    private ValueTask Handle(HubSession session, in ClientMessage message)
    {
        switch (message.Type)
        {
            case ClientMessageType.Message:
                return hub.MessageRequests.Message(session, message);
            case ClientMessageType.JoinRoom:
                return hub.RoomRequests.Join(session, message);
            case ClientMessageType.LeaveRoom:
                return hub.RoomRequests.Leave(session, message);
            case ClientMessageType.Chat:
                return hub.MessageRequests.Chat(session, message);
            case ClientMessageType.Direct:
                return hub.MessageRequests.Direct(session, message);
            case ClientMessageType.History:
                return hub.RoomRequests.History(session, message);
            case ClientMessageType.Presence:
                return hub.RoomRequests.Presence(session, message);
            case ClientMessageType.Auth:
                return hub.AuthenticationRequests.Authenticate(session, message);
            case ClientMessageType.Ping:
                session.Send(ServerMessages.Pong(hub.Timestamp, message.Id));
                return default;
            default:
                return _handlers.TryGetValue(message.TypeName!, out HubMessageHandler? handler)
                    ? CallAsync(
                        handler,
                        new HubRequest(
                            new HubCall(hub, hub.Application?.Services, session),
                            message.TypeName!,
                            message.Id,
                            message.Whole.ToArray()
                        )
                    )
                    : HandleTyped(session, message);
        }
    }

    private ValueTask HandleBinary(HubSession session, ReadOnlySpan<byte> payload)
    {
        if (!session.MayAct)
        {
            return Refuse(session, HubError.Unauthenticated, id: null);
        }

        try
        {
            return Guard(session, id: null, hub.BinaryRequests.Handle(session, payload));
        }
        catch (Exception exception)
        {
            return Fail(session, exception, id: null);
        }
    }

    private ValueTask HandleTyped(HubSession session, in ClientMessage message)
    {
        if (message.TypeName == "reply")
        {
            return session.TryAnswer(message.Whole) ? default : Refuse(session, HubError.UnknownAsk, message.Id);
        }

        return hub.TypedRequests is { } typed ? typed.Handle(session, message) : Refuse(session, HubError.UnknownType, message.Id);
    }

    private static async ValueTask CallAsync(HubMessageHandler handler, HubRequest request)
    {
        await handler(request).ConfigureAwait(false);
        request.Acknowledge();
    }

    /// <summary>
    /// A client that is refused for its rate still learns which request it was, as long as it is only a little too fast. One that
    /// floods is not read at all: reading what is no JSON costs a hundred times what sending it does.
    /// </summary>
    private ValueTask RefuseForRate(HubSession session, ReadOnlySpan<byte> payload, TimeSpan retryAfter, int rejectedInARow)
    {
        string? id = null;
        if (rejectedInARow <= (hub.Settings.RateLimit?.Burst ?? MaxRefusalsWithId) && payload.Length <= _maxMessageBytes)
        {
            ClientMessage.Read(payload, hub.Settings.MaxJsonDepth, out ClientMessage message);
            id = message.Id;
        }

        hub.Metrics.MessageRejected(HubError.RateLimited);
        session.Send(ServerMessages.Error(HubError.RateLimited, id, retryAfter));
        return default;
    }

    private ValueTask Guard(HubSession session, string? id, ValueTask handling) =>
        handling.IsCompletedSuccessfully ? default : GuardAsync(session, id, handling);

    private async ValueTask GuardAsync(HubSession session, string? id, ValueTask handling)
    {
        try
        {
            await handling.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await Fail(session, exception, id).ConfigureAwait(false);
        }
    }

    private ValueTask Fail(HubSession session, Exception exception, string? id)
    {
        switch (exception)
        {
            case UnknownRoomException:
                return Refuse(session, HubError.UnknownRoom, id);
            case HubUnavailableException:
                hub.Log.EngineUnavailable(exception, "request");
                return Refuse(session, HubError.Unavailable, id);
            case OperationCanceledException when hub.IsStopping:
                return Refuse(session, HubError.Unavailable, id);
            default:
                hub.Log.RequestFailed(exception, session.ClientId);
                return Refuse(session, HubError.Internal, id);
        }
    }
}
