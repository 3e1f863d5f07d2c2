using System.Collections.Concurrent;
using System.Diagnostics;

namespace Longwire.Hubs;

/// <summary>
/// The way of every client's message: rate, size, JSON, format, authentication, type. Every fault in it becomes an error
/// to the client; nothing that a client can send makes this throw.
/// </summary>
internal sealed class MessageDispatcher(
    NodeContext node,
    Refusals refusals,
    MessageRequests messages,
    RoomRequests rooms,
    MapRequests maps,
    PresenceRequests presence,
    MarkerRequests markers,
    BinaryRequests binary,
    AuthenticationRequests authentication
) : IMessageDispatcher
{
    /// <summary>
    /// Of how many refusals in a row a client learns the requests' ids when there is no rate limit to take the number from.
    /// </summary>
    private const int MaxRefusalsWithId = 200;

    private static readonly TimeSpan _retryWhenBusy = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, RequestHandler> _handlers = new(StringComparer.Ordinal);
    private readonly int _maxMessageBytes = (int)
        Math.Min(int.MaxValue, (long)node.Settings.MaxContentBytes + LongwireHubOptions.EnvelopeBytes);

    /// <summary>The application's handling of the types that have no handler; null where there is no application.</summary>
    public ITypedRequests? Typed { get; set; }

    public int MaxMessageBytes(HubLink connection) => Math.Min(_maxMessageBytes, connection.MaxMessageBytes);

    public bool TryRegister(string type, RequestHandler handler) => _handlers.TryAdd(type, handler);

    public ValueTask Dispatch(HubSession session, MessageType type, ReadOnlySpan<byte> payload)
    {
        node.Metrics.MessageReceived();
        session.Link?.Trace?.Received(session.ClientId, type, payload);
        TimeSpan now = node.Clock.Now;
        if (!session.TryTakeToken(payload.Length, now, out TimeSpan retryAfter, out int rejectedInARow))
        {
            session.Answer(RefusalForRate(session, payload, retryAfter, rejectedInARow));
            return default;
        }

        if (payload.Length > _maxMessageBytes)
        {
            return refusals.Refuse(session, HubError.TooLarge, id: null);
        }

        if (type != MessageType.Text)
        {
            return HandleBinary(session, payload, now);
        }

        if (ClientMessage.Read(payload, node.Settings.MaxJsonDepth, out ClientMessage message) is { } error)
        {
            return refusals.Refuse(session, error, message.Id);
        }

        message.At = now;
        if (!session.MayAct && message.Type is not (ClientMessageType.Auth or ClientMessageType.Ping))
        {
            return refusals.Refuse(session, HubError.Unauthenticated, message.Id);
        }

        if (session.MustWait(message.Id, message.AfterId))
        {
            return refusals.RefuseForNow(session, message.Id, TimeSpan.Zero);
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

    public void RefuseToWait(HubSession session, ReadOnlySpan<byte> payload, int refusedInARow) =>
        // Beside the session's turn, and so on the connection that it came on.
        session.Send(RefusalForRate(session, payload, _retryWhenBusy, refusedInARow));

    private ValueTask Handle(HubSession session, in ClientMessage message)
    {
        switch (message.Type)
        {
            case ClientMessageType.Message:
                return messages.Message(session, message);
            case ClientMessageType.JoinRoom:
                return rooms.Join(session, message);
            case ClientMessageType.LeaveRoom:
                return rooms.Leave(session, message);
            case ClientMessageType.Chat:
                return messages.Chat(session, message);
            case ClientMessageType.Direct:
                return messages.Direct(session, message);
            case ClientMessageType.History:
                return rooms.History(session, message);
            case ClientMessageType.MapPut:
            case ClientMessageType.MapRemove:
                return maps.Change(session, message);
            case ClientMessageType.MapRead:
                return maps.Read(session, message);
            case ClientMessageType.Presence:
                return presence.Read(session, message);
            case ClientMessageType.PresenceUpdate:
                return presence.Update(session, message);
            case ClientMessageType.Read:
                return markers.Read(session, message);
            case ClientMessageType.Auth:
                return authentication.Authenticate(session, message);
            case ClientMessageType.Ping:
                session.Answer(ServerMessages.Pong(node.Timestamp, message.Id));
                return default;
            default:
                return _handlers.TryGetValue(message.TypeName!, out RequestHandler? handler)
                    ? handler(session, message)
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
        Activity? span = HubTracing.BeginRequest(session.ClientId, session.Link?.Transport, type, message.TraceParent);
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
    private bool IsHandled(string type) => _handlers.ContainsKey(type) || Typed?.Knows(type) == true;

    private ValueTask HandleBinary(HubSession session, ReadOnlySpan<byte> payload, TimeSpan now)
    {
        if (!session.MayAct)
        {
            return refusals.Refuse(session, HubError.Unauthenticated, id: null);
        }

        string? id = binary.IdOf(payload);
        session.MustWait(id, afterId: null);
        Activity? outer = Activity.Current;
        Activity? span = HubTracing.IsOn
            ? HubTracing.BeginRequest(session.ClientId, session.Link?.Transport, "binary", traceParent: null)
            : null;
        try
        {
            return Guard(session, id, EndAsync(span, binary.Handle(session, payload, id, now)));
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
            return session.TryAnswer(message.Whole) ? default : refusals.Refuse(session, HubError.UnknownAsk, message.Id);
        }

        return Typed is { } typed ? typed.Handle(session, message) : refusals.Refuse(session, HubError.UnknownType, message.Id);
    }

    /// <summary>
    /// A client that is refused for its rate still learns which request it was, as long as it is only a little too fast. One that
    /// floods is not read at all: reading what is no JSON costs a hundred times what sending it does.
    /// </summary>
    private JsonBuffer RefusalForRate(HubSession session, ReadOnlySpan<byte> payload, TimeSpan retryAfter, int rejectedInARow)
    {
        string? id = null;
        if (rejectedInARow <= (node.Settings.RateLimit?.Burst ?? MaxRefusalsWithId) && payload.Length <= _maxMessageBytes)
        {
            id = IdOf(payload);
        }

        session.RefuseForNow(id);
        node.Metrics.MessageRejected(HubError.RateLimited);
        return ServerMessages.Error(HubError.RateLimited, id, retryAfter);
    }

    private string? IdOf(ReadOnlySpan<byte> payload)
    {
        // No JSON begins with the byte that a binary message begins with.
        if (payload is [BinaryMessages.Version, ..])
        {
            return binary.IdOf(payload);
        }

        ClientMessage.Read(payload, node.Settings.MaxJsonDepth, out ClientMessage message);
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
                return refusals.Refuse(session, HubError.UnknownRoom, id);
            case HubUnavailableException:
                node.Log.EngineUnavailable(exception, "request");
                return refusals.RefuseForNow(session, id, retryAfter: null);
            case OperationCanceledException when node.IsStopping:
                return refusals.RefuseForNow(session, id, retryAfter: null);
            default:
                node.Log.RequestFailed(exception, session.ClientId);
                return refusals.Refuse(session, HubError.Internal, id);
        }
    }
}
