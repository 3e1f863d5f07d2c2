using System.Collections.Concurrent;
using System.Diagnostics;

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
        session.Link?.Trace?.Received(session.ClientId, type, payload);
        TimeSpan now = hub.Clock.Now;
        if (!session.TryTakeToken(payload.Length, now, out TimeSpan retryAfter, out int rejectedInARow))
        {
            session.Answer(RefusalForRate(session, payload, retryAfter, rejectedInARow));
            return default;
        }

        if (payload.Length > _maxMessageBytes)
        {
            return Refuse(session, HubError.TooLarge, id: null);
        }

        if (type != MessageType.Text)
        {
            return HandleBinary(session, payload, now);
        }

        if (ClientMessage.Read(payload, hub.Settings.MaxJsonDepth, out ClientMessage message) is { } error)
        {
            return Refuse(session, error, message.Id);
        }

        message.At = now;
        if (!session.MayAct && message.Type is not (ClientMessageType.Auth or ClientMessageType.Ping))
        {
            return Refuse(session, HubError.Unauthenticated, message.Id);
        }

        if (session.MustWait(message.Id, message.AfterId))
        {
            return RefuseForNow(session, message.Id, TimeSpan.Zero);
        }

        try
        {
            return Guard(session, message.Id, HubTracing.IsOn ? HandleTraced(session, message) : Handle(session, message));
        }
        catch (Exception exception)
        {
            return Fail(session, exception, message.Id);
        }
    }

    /// <summary>Tells the client that a message found no room to wait for the session's earlier ones.</summary>
    public void RefuseToWait(HubSession session, ReadOnlySpan<byte> payload, int refusedInARow) =>
        // Beside the session's turn, and so on the connection that it came on.
        session.Send(RefusalForRate(session, payload, _retryWhenBusy, refusedInARow));

    /// <summary>Tells the client what is wrong with its message.</summary>
    /// <param name="session">The client's session.</param>
    /// <param name="error">The error.</param>
    /// <param name="id">The request's id.</param>
    /// <param name="version">The version in the way, of a conflict.</param>
    public ValueTask Refuse(HubSession session, HubError error, string? id, long? version = null)
    {
        hub.Metrics.MessageRejected(error);
        HubTracing.Refused(error);
        hub.Log.MessageRejected(session.ClientId, error.Code);
        session.Answer(ServerMessages.Error(error, id, version: version));
        return default;
    }

    /// <summary>Whether a member may say so much more in its room now. The client is told when it may not.</summary>
    public bool TryTakeOfRoom(HubSession session, Room room, int bytes, TimeSpan now, string? id) =>
        room.Rates is not { } rates || rates.TryTake(bytes, now, out TimeSpan retryAfter) || RefuseForRate(session, id, retryAfter);

    /// <summary>The same for a message.</summary>
    public bool TryTakeOfRoom(HubSession session, Room room, in ClientMessage message) =>
        room.Rates is null || TryTakeOfRoom(session, room, message.Whole.Length, message.At, message.Id);

    /// <summary>Whether a session may join now. The client is told when it may not.</summary>
    public bool TryTakeJoin(HubSession session, Room? room, in ClientMessage message)
    {
        return (session.TryTakeJoin(message.At, out TimeSpan retryAfter) && room?.Rates?.TryTakeJoin(message.At, out retryAfter) != false)
            || RefuseForRate(session, message.Id, retryAfter);
    }

    /// <returns>False.</returns>
    private bool RefuseForRate(HubSession session, string? id, TimeSpan retryAfter)
    {
        session.RefuseForNow(id);
        hub.Metrics.MessageRejected(HubError.RateLimited);
        session.Answer(ServerMessages.Error(HubError.RateLimited, id, retryAfter));
        return false;
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
            case ClientMessageType.MapPut:
            case ClientMessageType.MapRemove:
                return hub.MapRequests.Change(session, message);
            case ClientMessageType.MapRead:
                return hub.MapRequests.Read(session, message);
            case ClientMessageType.Presence:
                return hub.PresenceRequests.Read(session, message);
            case ClientMessageType.PresenceUpdate:
                return hub.PresenceRequests.Update(session, message);
            case ClientMessageType.Read:
                return hub.MarkerRequests.Read(session, message);
            case ClientMessageType.Auth:
                return hub.AuthenticationRequests.Authenticate(session, message);
            case ClientMessageType.Ping:
                session.Answer(ServerMessages.Pong(hub.Timestamp, message.Id));
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

    private ValueTask HandleTraced(HubSession session, in ClientMessage message)
    {
        if (message.Type == ClientMessageType.Ping)
        {
            return Handle(session, message);
        }

        Activity? outer = Activity.Current;
        string type = message.Type != ClientMessageType.Other || IsHandled(message.TypeName!) ? message.TypeName! : "other";
        Activity? span = HubTracing.BeginRequest(session, type, message.TraceParent);
        try
        {
            return EndAsync(span, Handle(session, message));
        }
        catch (Exception exception)
        {
            EndFailed(span, exception);
            throw;
        }
        finally
        {
            Activity.Current = outer;
        }
    }

    private static ValueTask EndAsync(Activity? span, ValueTask handling)
    {
        if (span is null)
        {
            return handling;
        }

        if (handling.IsCompletedSuccessfully)
        {
            HubTracing.End(span);
            return default;
        }

        return WaitAsync();

        async ValueTask WaitAsync()
        {
            try
            {
                await handling.ConfigureAwait(false);
                HubTracing.End(span);
            }
            catch (Exception exception)
            {
                EndFailed(span, exception);
                throw;
            }
        }
    }

    private static void EndFailed(Activity? span, Exception exception)
    {
        if (span is not null)
        {
            HubTracing.Fail(span, exception.GetType().FullName!);
            HubTracing.End(span);
        }
    }

    /// <summary>Whether the application has messages of a type.</summary>
    private bool IsHandled(string type) =>
        _handlers.ContainsKey(type)
        || (hub.Application is { } application && (application.FindHandler(type) is not null || application.IsOfRooms(type)));

    private ValueTask HandleBinary(HubSession session, ReadOnlySpan<byte> payload, TimeSpan now)
    {
        if (!session.MayAct)
        {
            return Refuse(session, HubError.Unauthenticated, id: null);
        }

        string? id = hub.BinaryRequests.IdOf(payload);
        session.MustWait(id, afterId: null);
        Activity? outer = Activity.Current;
        Activity? span = HubTracing.IsOn ? HubTracing.BeginRequest(session, "binary", traceParent: null) : null;
        try
        {
            return Guard(session, id, EndAsync(span, hub.BinaryRequests.Handle(session, payload, id, now)));
        }
        catch (Exception exception)
        {
            EndFailed(span, exception);
            return Fail(session, exception, id);
        }
        finally
        {
            if (span is not null)
            {
                Activity.Current = outer;
            }
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
    private JsonBuffer RefusalForRate(HubSession session, ReadOnlySpan<byte> payload, TimeSpan retryAfter, int rejectedInARow)
    {
        string? id = null;
        if (rejectedInARow <= (hub.Settings.RateLimit?.Burst ?? MaxRefusalsWithId) && payload.Length <= _maxMessageBytes)
        {
            id = IdOf(payload);
        }

        session.RefuseForNow(id);
        hub.Metrics.MessageRejected(HubError.RateLimited);
        return ServerMessages.Error(HubError.RateLimited, id, retryAfter);
    }

    private ValueTask RefuseForNow(HubSession session, string? id, TimeSpan? retryAfter)
    {
        session.RefuseForNow(id);
        hub.Metrics.MessageRejected(HubError.Unavailable);
        hub.Log.MessageRejected(session.ClientId, HubError.Unavailable.Code);
        session.Answer(ServerMessages.Error(HubError.Unavailable, id, retryAfter));
        return default;
    }

    private string? IdOf(ReadOnlySpan<byte> payload)
    {
        // No JSON begins with the byte that a binary message begins with.
        if (payload is [BinaryMessages.Version, ..])
        {
            return hub.BinaryRequests.IdOf(payload);
        }

        ClientMessage.Read(payload, hub.Settings.MaxJsonDepth, out ClientMessage message);
        return message.Id;
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
                return RefuseForNow(session, id, retryAfter: null);
            case OperationCanceledException when hub.IsStopping:
                return RefuseForNow(session, id, retryAfter: null);
            default:
                hub.Log.RequestFailed(exception, session.ClientId);
                return Refuse(session, HubError.Internal, id);
        }
    }
}
