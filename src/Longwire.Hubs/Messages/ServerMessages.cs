namespace Longwire.Hubs;

/// <summary>
/// Writes what the hub says to one client, field for field as <c>docs/protocol/hub.md</c> has it. It knows no sessions: they send what it
/// returns, and end it.
/// </summary>
internal static class ServerMessages
{
    /// <summary>
    /// <c>connected {clientId, session, resumed, node, pingInterval, maxMessageBytes, idempotencyMs, userId?, username?}</c>
    /// </summary>
    public static JsonBuffer Connected(
        string clientId,
        HubIdentity? user,
        string secret,
        bool resumed,
        string node,
        TimeSpan pingInterval,
        int maxMessageBytes,
        TimeSpan idempotencyAge
    )
    {
        JsonBuffer json = JsonBuffer.Rent("connected"u8);
        json.Writer.WriteString("clientId"u8, clientId);
        json.Writer.WriteString("session"u8, secret);
        json.Writer.WriteBoolean("resumed"u8, resumed);
        json.Writer.WriteString("node"u8, node);
        json.Writer.WriteNumber("pingInterval"u8, Milliseconds(pingInterval));
        json.Writer.WriteNumber("maxMessageBytes"u8, maxMessageBytes);
        json.Writer.WriteNumber("idempotencyMs"u8, (long)idempotencyAge.TotalMilliseconds);
        if (user is { } identity)
        {
            json.Writer.WriteString("userId"u8, identity.UserId);
            json.Writer.WriteString("username"u8, identity.Username);
        }

        return json;
    }

    /// <summary><c>welcome {message, clients}</c></summary>
    public static JsonBuffer Welcome(string text, int clients)
    {
        JsonBuffer json = JsonBuffer.Rent("welcome"u8);
        json.Writer.WriteString("message"u8, text);
        json.Writer.WriteNumber("clients"u8, clients);
        return json;
    }

    /// <summary><c>auth-success {username, userId, session?, id?}</c></summary>
    public static JsonBuffer AuthSuccess(HubIdentity identity, string? newSecret, string? id)
    {
        JsonBuffer json = JsonBuffer.Rent("auth-success"u8);
        json.Writer.WriteString("username"u8, identity.Username);
        json.Writer.WriteString("userId"u8, identity.UserId);
        if (newSecret is not null)
        {
            json.Writer.WriteString("session"u8, newSecret);
        }

        WriteId(json, id);
        return json;
    }

    /// <summary><c>auth-failed {message, id?}</c></summary>
    public static JsonBuffer AuthFailed(string? reason, string? id)
    {
        JsonBuffer json = JsonBuffer.Rent("auth-failed"u8);
        json.Writer.WriteString("message"u8, reason ?? "Invalid token");
        WriteId(json, id);
        return json;
    }

    /// <summary><c>left-room {room, reason?, id?}</c></summary>
    public static JsonBuffer LeftRoom(string room, string? reason, string? id)
    {
        JsonBuffer json = JsonBuffer.Rent("left-room"u8);
        json.Writer.WriteString("room"u8, room);
        if (reason is not null)
        {
            json.Writer.WriteString("reason"u8, reason);
        }

        WriteId(json, id);
        return json;
    }

    /// <summary><c>history {room, epoch, offset, messages, id?}</c></summary>
    public static JsonBuffer History(string room, RoomPosition position, IReadOnlyList<Publication> messages, string? id)
    {
        JsonBuffer json = JsonBuffer.Rent("history"u8);
        json.Writer.WriteString("room"u8, RoomNames.Shown(room));
        RoomEventJson.WritePosition(json.Writer, position);
        RoomEventJson.WritePublications(json.Writer, room, messages);
        WriteId(json, id);
        return json;
    }

    /// <summary><c>presence {room, members, left?, next?, version, connections, users, id?}</c></summary>
    public static JsonBuffer Presence(string room, ShownPresence presence, string? id)
    {
        JsonBuffer json = JsonBuffer.Rent("presence"u8);
        json.Writer.WriteString("room"u8, room);
        json.Writer.WriteStartArray("members"u8);
        RoomEventJson.WriteUsers(json.Writer, presence.Page.Entries);
        json.Writer.WriteEndArray();
        if (!presence.IsWhole)
        {
            json.Writer.WriteStartArray("left"u8);
            RoomEventJson.WriteLeft(json.Writer, presence.Page.Entries);
            json.Writer.WriteEndArray();
        }

        RoomEventJson.WriteNext(json.Writer, presence.Next);
        json.Writer.WriteNumber("version"u8, presence.Page.Version);
        json.Writer.WriteNumber("connections"u8, presence.Page.Members);
        json.Writer.WriteNumber("users"u8, presence.Page.Users);
        WriteId(json, id);
        return json;
    }

    /// <summary><c>read {room, epoch, offset, unread}</c>, or the same as <c>ack</c> with the id</summary>
    public static JsonBuffer Read(string room, string? epoch, ReadMarker marker, string? id)
    {
        JsonBuffer json = JsonBuffer.Rent(id is null ? "read"u8 : "ack"u8);
        WriteId(json, id);
        json.Writer.WriteString("room"u8, room);
        if (epoch is not null)
        {
            json.Writer.WriteString("epoch"u8, epoch);
        }

        json.Writer.WriteNumber("offset"u8, marker.Offset);
        json.Writer.WriteNumber("unread"u8, marker.Unread);
        return json;
    }

    /// <summary><c>ack {id, room?, offset?, repeated?, content?}</c></summary>
    public static JsonBuffer Ack(string id, string? room = null, long? offset = null, bool isRepeated = false, byte[]? content = null)
    {
        JsonBuffer json = JsonBuffer.Rent("ack"u8);
        json.Writer.WriteString("id"u8, id);
        if (room is not null)
        {
            json.Writer.WriteString("room"u8, room);
        }

        if (offset is { } value)
        {
            json.Writer.WriteNumber("offset"u8, value);
        }

        if (isRepeated)
        {
            json.Writer.WriteBoolean("repeated"u8, true);
        }

        if (content is not null)
        {
            json.Writer.WritePropertyName("content"u8);
            json.Writer.WriteRawValue(content, skipInputValidation: true);
        }

        return json;
    }

    /// <summary><c>ack {id, version, repeated?}</c>, of a change of a map</summary>
    public static JsonBuffer MapAck(string id, long version, bool isRepeated)
    {
        JsonBuffer json = JsonBuffer.Rent("ack"u8);
        json.Writer.WriteString("id"u8, id);
        json.Writer.WriteNumber("version"u8, version);
        if (isRepeated)
        {
            json.Writer.WriteBoolean("repeated"u8, true);
        }

        return json;
    }

    /// <summary><c>map {room, entries, next?, epoch, offset, tag, id?}</c></summary>
    public static JsonBuffer Map(string room, RoomPosition position, ShownMap map, string? id)
    {
        JsonBuffer json = JsonBuffer.Rent("map"u8);
        json.Writer.WriteString("room"u8, room);
        RoomEventJson.WriteEntries(json.Writer, map);
        RoomEventJson.WritePosition(json.Writer, position);
        WriteId(json, id);
        return json;
    }

    /// <summary><c>pong {timestamp, id?}</c></summary>
    public static JsonBuffer Pong(long timestamp, string? id)
    {
        JsonBuffer json = JsonBuffer.Rent("pong"u8);
        json.Writer.WriteNumber("timestamp"u8, timestamp);
        WriteId(json, id);
        return json;
    }

    /// <summary><c>drain {reconnectAfterMs}</c></summary>
    public static JsonBuffer Drain(TimeSpan reconnectAfter)
    {
        JsonBuffer json = JsonBuffer.Rent("drain"u8);
        json.Writer.WriteNumber("reconnectAfterMs"u8, Milliseconds(reconnectAfter));
        return json;
    }

    /// <summary><c>error {code, message, retryAfterMs?, version?, id?}</c></summary>
    public static JsonBuffer Error(HubError error, string? id, TimeSpan? retryAfter = null, long? version = null)
    {
        JsonBuffer json = JsonBuffer.Rent("error"u8);
        json.Writer.WriteString("code"u8, error.Code);
        json.Writer.WriteString("message"u8, error.Message);
        if (retryAfter is { } delay)
        {
            json.Writer.WriteNumber("retryAfterMs"u8, Milliseconds(delay));
        }

        if (version is { } number)
        {
            json.Writer.WriteNumber("version"u8, number);
        }

        WriteId(json, id);
        return json;
    }

    /// <summary>Writes the request's id into its answer, if it had one.</summary>
    public static void WriteId(JsonBuffer json, string? id)
    {
        if (id is not null)
        {
            json.Writer.WriteString("id"u8, id);
        }
    }

    /// <summary>Rounds up: told to wait 0 ms, a client would be refused once more. Infinite is told as 0, which is "none".</summary>
    private static long Milliseconds(TimeSpan time) => time < TimeSpan.Zero ? 0 : (long)Math.Ceiling(time.TotalMilliseconds);
}
