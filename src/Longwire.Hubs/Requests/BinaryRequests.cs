namespace Longwire.Hubs;

/// <summary>Binary messages: the room's handler takes them, or they are published.</summary>
internal sealed class BinaryRequests(Hub hub)
{
    /// <summary>The id of a message; null for none.</summary>
    public string? IdOf(ReadOnlySpan<byte> message) =>
        BinaryMessages.TryRead(message, hub.Settings.MaxRoomNameLength, out _, out string id, out _) && id.Length > 0 ? id : null;

    public ValueTask Handle(HubSession session, ReadOnlySpan<byte> message, string? id, TimeSpan now)
    {
        int maxLength = hub.Settings.MaxRoomNameLength;
        if (
            !BinaryMessages.TryRead(message, maxLength, out string room, out _, out ReadOnlySpan<byte> payload)
            || !Names.TryNormalize(room, maxLength, out room)
        )
        {
            return hub.Dispatcher.Refuse(session, HubError.InvalidFormat, id: null);
        }

        if (RoomNames.IsOwn(room))
        {
            return hub.Dispatcher.Refuse(session, HubError.Forbidden, id);
        }

        if (session.FindMembership(room) is not { } membership)
        {
            return hub.Dispatcher.Refuse(session, hub.RoomRequests.NotAMember(room), id);
        }

        if (!hub.Dispatcher.TryTakeOfRoom(session, membership.Room, message.Length, now, id))
        {
            return default;
        }

        return membership.Room.Settings.Endpoint is { TakesBytes: true } endpoint
            ? hub.TypedRequests!.HandleBinaryAsync(session, room, endpoint, id, payload.ToArray())
            : hub.MessageRequests.Publish(session, membership, ContentKind.Binary, payload, id);
    }
}
