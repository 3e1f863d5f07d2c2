namespace Longwire.Hubs;

/// <summary>Writes what the hub says to many: as an object to hand to the engine, or framed once for all receivers.</summary>
internal static class BroadcastMessages
{
    /// <summary><c>message {room, userId, username, message, timestamp}</c>; the position is put in on delivery.</summary>
    public static byte[] Message(string room, HubIdentity sender, ReadOnlySpan<byte> content, long timestamp)
    {
        using var json = JsonBuffer.Rent("message"u8);
        json.Writer.WriteString("room"u8, room);
        json.Writer.WriteString("userId"u8, sender.UserId);
        json.Writer.WriteString("username"u8, sender.Username);
        json.Writer.WritePropertyName("message"u8);
        json.Writer.WriteRawValue(content, skipInputValidation: true);
        json.Writer.WriteNumber("timestamp"u8, timestamp);
        return json.End().ToArray();
    }

    /// <summary><c>chat {message, userId, username, timestamp}</c></summary>
    public static byte[] Chat(HubIdentity sender, ReadOnlySpan<byte> message, long timestamp)
    {
        using var json = JsonBuffer.Rent("chat"u8);
        json.Writer.WritePropertyName("message"u8);
        json.Writer.WriteRawValue(message, skipInputValidation: true);
        json.Writer.WriteString("userId"u8, sender.UserId);
        json.Writer.WriteString("username"u8, sender.Username);
        json.Writer.WriteNumber("timestamp"u8, timestamp);
        return json.End().ToArray();
    }

    /// <summary><c>direct {from, username, message, timestamp}</c></summary>
    public static byte[] Direct(HubIdentity sender, ReadOnlySpan<byte> content, long timestamp)
    {
        using var json = JsonBuffer.Rent("direct"u8);
        json.Writer.WriteString("from"u8, sender.UserId);
        json.Writer.WriteString("username"u8, sender.Username);
        json.Writer.WritePropertyName("message"u8);
        json.Writer.WriteRawValue(content, skipInputValidation: true);
        json.Writer.WriteNumber("timestamp"u8, timestamp);
        return json.End().ToArray();
    }

    /// <summary><c>notification {title, message, priority, timestamp, data?}</c></summary>
    public static byte[] Notification(HubNotification notification, long timestamp)
    {
        using var json = JsonBuffer.Rent("notification"u8);
        json.Writer.WriteString("title"u8, notification.Title);
        json.Writer.WriteString("message"u8, notification.Message);
        json.Writer.WriteString("priority"u8, notification.Priority);
        json.Writer.WriteNumber("timestamp"u8, timestamp);
        if (notification.Data is { } data)
        {
            json.Writer.WritePropertyName("data"u8);
            data.WriteTo(json.Writer);
        }

        return json.End().ToArray();
    }

    /// <summary><c>user-joined {room, userId, username, members}</c>, or the same as <c>user-left</c></summary>
    public static PreparedMessage Membership(string room, MembershipChange change)
    {
        using var json = JsonBuffer.Rent(change.Joined ? "user-joined"u8 : "user-left"u8);
        json.Writer.WriteString("room"u8, room);
        json.Writer.WriteString("userId"u8, change.Member.UserId);
        json.Writer.WriteString("username"u8, change.Member.Username);
        json.Writer.WriteNumber("members"u8, change.Members);
        return new PreparedMessage(json.End(), MessageType.Text);
    }

    /// <summary><c>user-joined {clients}</c> or <c>user-left {clients}</c>, without a room: somebody connected or left.</summary>
    public static PreparedMessage Connections(bool joined, int clients)
    {
        using var json = JsonBuffer.Rent(joined ? "user-joined"u8 : "user-left"u8);
        json.Writer.WriteNumber("clients"u8, clients);
        return new PreparedMessage(json.End(), MessageType.Text);
    }
}
