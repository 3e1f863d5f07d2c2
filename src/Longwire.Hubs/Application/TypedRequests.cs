namespace Longwire.Hubs;

/// <summary>The clients' messages of the application's types: published, relayed or handled.</summary>
internal sealed class TypedRequests(Hub hub, HubApplication application) : ITypedRequests
{
    public bool Knows(string type) => application.FindHandler(type) is not null || application.IsOfRooms(type);

    public ValueTask Handle(HubSession session, in ClientMessage message)
    {
        string type = message.TypeName!;
        if (message.Room.IsPresentAndNotNull && hub.Requests.Rooms.TryGetName(message, out string name))
        {
            if (application.Router?.Find(name)?.FindHandler(type) is { } ofRoom)
            {
                return session.FindMembership(name) is { } member
                    ? HandleInRoom(session, message, member, ofRoom)
                    : hub.Requests.Refusals.Refuse(session, hub.Requests.Rooms.NotAMember(name), message.Id);
            }
        }

        if (application.FindHandler(type) is { } ofHub)
        {
            return Handle(session, message, membership: null, ofHub);
        }

        if (!application.IsOfRooms(type))
        {
            return hub.Requests.Refusals.Refuse(session, HubError.UnknownType, message.Id);
        }

        return !message.Room.IsPresentAndNotNull && FindOnly(session, type) is { } only
            ? HandleInRoom(session, message, only, EndpointOf(only)!.FindHandler(type)!)
            : hub.Requests.Refusals.Refuse(session, HubError.NotInRoom, message.Id);
    }

    /// <summary>The one membership in a room that handles messages of a type; null where there is none or more than one.</summary>
    private static Membership? FindOnly(HubSession session, string type)
    {
        Membership? found = null;
        for (int index = 0; index < session.Joined.Count; index++)
        {
            Membership membership = session.Joined[index];
            if (EndpointOf(membership)?.FindHandler(type) is not null)
            {
                if (found is not null)
                {
                    return null;
                }

                found = membership;
            }
        }

        return found;
    }

    private static RoomEndpoint? EndpointOf(Membership membership) => (RoomEndpoint?)membership.Room.Settings.Endpoint;

    private ValueTask HandleInRoom(HubSession session, in ClientMessage message, Membership membership, MessageHandler handler) =>
        hub.Requests.Refusals.TryTakeOfRoom(session, membership.Room, message) ? Handle(session, message, membership, handler) : default;

    /// <summary>Deals with a message for which there is a handler.</summary>
    public ValueTask Handle(HubSession session, in ClientMessage message, Membership? membership, MessageHandler handler)
    {
        bool isContent = handler.Contract.Type == MessageContract.ContentType;
        HubError? error = handler.Contract.Read(isContent ? message.Raw(message.Content) : message.Whole, out object? content);
        if (error is not null)
        {
            return hub.Requests.Refusals.Refuse(session, error, message.Id);
        }

        string type = handler.Contract.Type;
        byte[] json = message.Whole.ToArray();
        if (handler.Kind != MessageHandlerKind.Publish)
        {
            return handler.Kind == MessageHandlerKind.Relay
                ? RelayAsync(session, membership!, handler, json, content!, message.Id)
                : HandleAsync(session, membership, handler, type, message.Id, json, content!);
        }

        string? key = null;
        long? version = null;
        return isContent && !MessageRequests.TryReadKey(message, out key, out version)
            ? hub.Requests.Refusals.Refuse(session, HubError.InvalidFormat, message.Id)
            : PublishAsync(session, membership!, handler, message.Id, json, content!, key, version);
    }

    private async ValueTask HandleAsync(
        HubSession session,
        Membership? membership,
        MessageHandler handler,
        string type,
        string? id,
        byte[] json,
        object content
    )
    {
        (object? reply, bool isAnswered, HubDecision decision) = await CallAsync(session, membership, handler, type, id, json, content)
            .ConfigureAwait(false);
        if (decision.Reason is { } reason)
        {
            await hub.Requests.Refusals.Refuse(session, HubError.Forbidden with { Message = reason }, id).ConfigureAwait(false);
            return;
        }

        if (id is not null && !isAnswered)
        {
            session.Answer(ServerMessages.Ack(id, content: (byte[]?)reply));
        }
    }

    private async ValueTask RelayAsync(
        HubSession session,
        Membership membership,
        MessageHandler handler,
        byte[] json,
        object content,
        string? id
    )
    {
        Room room = membership.Room;
        RoomEndpoint endpoint = EndpointOf(membership)!;
        if (endpoint.HasFilters)
        {
            (_, _, HubDecision decision) = await CallAsync(session, membership, handler, handler.Contract.Type, id, json, content)
                .ConfigureAwait(false);
            if (decision.Reason is { } reason)
            {
                await hub.Requests.Refusals.Refuse(session, HubError.Forbidden with { Message = reason }, id).ConfigureAwait(false);
                return;
            }
        }

        PublicationDraft draft = Draft(session, endpoint, handler, content);
        var command = new NodeCommand(NodeCommandTarget.Room, room.Name) { Message = draft, ExceptClientId = session.ClientId };
        await hub.Publisher.SendAsync(command, hub.Context.Stopping).ConfigureAwait(false);
        if (id is not null)
        {
            session.Answer(ServerMessages.Ack(id));
        }
    }

    private async ValueTask PublishAsync(
        HubSession session,
        Membership membership,
        MessageHandler handler,
        string? id,
        byte[] json,
        object content,
        string? key,
        long? version
    )
    {
        (_, _, HubDecision decision) = await CallAsync(session, membership, handler, handler.Contract.Type, id, json, content)
            .ConfigureAwait(false);
        if (decision.Reason is { } reason)
        {
            await hub.Requests.Refusals.Refuse(session, HubError.Forbidden with { Message = reason }, id).ConfigureAwait(false);
            return;
        }

        // Of what the client said, not of what the hook made of it: the hook may make something else of it the next time.
        ulong fingerprint = id is null ? 0 : Fingerprint.Of(handler.Contract.Write(content));
        Room room = membership.Room;
        PublicationDraft draft = Draft(session, EndpointOf(membership)!, handler, decision.Value ?? content) with
        {
            Key = key,
            Version = version,
        };
        await hub.Requests.Messages.PublishAsync(session, room.Name, draft, id, fingerprint).ConfigureAwait(false);
    }

    private PublicationDraft Draft(HubSession session, RoomEndpoint endpoint, MessageHandler handler, object content) =>
        hub.Requests.Messages.Draft(
            endpoint.Show(session.Identity!),
            handler.Contract.Type,
            endpoint.Show(handler.Contract.Write(content))
        );

    private async ValueTask<(object? Result, bool IsAnswered, HubDecision Decision)> CallAsync(
        HubSession session,
        Membership? membership,
        MessageHandler handler,
        string type,
        string? id,
        byte[] json,
        object content
    )
    {
        using var turn = Turn.Enter(session);
        RoomEndpoint? endpoint = membership is null ? null : EndpointOf(membership);
        await using HubCall call = application.Call(session, endpoint, membership?.Room.Name);
        IHubRoom? room = membership is null ? null : application.RoomOf(call, membership.Room.Name, endpoint!);
        object? result = null;
        HubDecision decision = endpoint is null
            ? await HandleAsync().ConfigureAwait(false)
            : await endpoint.FilterAsync(call, room!, type, HandleAsync).ConfigureAwait(false);
        return (result, !call.TryAnswer(), decision);

        async ValueTask<HubDecision> HandleAsync()
        {
            result = await handler.CallAsync(new IncomingMessage(call, type, id, json, content, room)).ConfigureAwait(false);
            return handler.Kind != MessageHandlerKind.Publish
                ? HubDecision.Accepted
                : (HubDecision?)result ?? throw new InvalidOperationException("OnMessage has to return a decision.");
        }
    }
}
