namespace Longwire.Hubs;

/// <summary>Binary messages: the room's handler takes them, or they are published.</summary>
internal sealed class BinaryRequests(NodeContext node, RequestedRooms requested, Refusals refusals, MessageRequests messages)
{
    /// <summary>The id of a message; null for none.</summary>
    public string? IdOf(ReadOnlySpan<byte> message) =>
        BinaryMessages.TryRead(message, node.Settings.MaxRoomNameLength, out _, out string id, out _) && id.Length > 0 ? id : null;

    public ValueTask Handle(HubSession session, ReadOnlySpan<byte> message, string? id, TimeSpan now)
    {
        int maxLength = node.Settings.MaxRoomNameLength;
        if (
            !BinaryMessages.TryRead(message, maxLength, out string room, out _, out ReadOnlySpan<byte> payload)
            || !Names.TryNormalize(room, maxLength, out room)
        )
        {
            return refusals.Refuse(session, HubError.InvalidFormat, id: null);
        }

        if (RoomNames.IsOwn(room))
        {
            return refusals.Refuse(session, HubError.Forbidden, id);
        }

        if (session.FindMembership(room) is not { } membership)
        {
            return refusals.Refuse(session, requested.NotAMember(room), id);
        }

        if (!refusals.TryTakeOfRoom(session, membership.Room, message.Length, now, id))
        {
            return default;
        }

        return membership.Room.Settings.Endpoint is { TakesBytes: true } endpoint
            ? TakeAsync(session, room, endpoint, id, payload.ToArray())
            : messages.Publish(session, membership, ContentKind.Binary, payload, id);
    }

    private static async ValueTask TakeAsync(HubSession session, string room, IRoomEndpoint endpoint, string? id, byte[] payload)
    {
        await endpoint.TakeBytesAsync(session, room, id, payload).ConfigureAwait(false);
        if (id is not null)
        {
            session.Answer(ServerMessages.Ack(id));
        }
    }
}
