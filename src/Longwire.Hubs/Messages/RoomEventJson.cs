using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>Writes what members of a room are told, as <c>docs/protocol/hub.md</c> has it.</summary>
internal static class RoomEventJson
{
    /// <summary>Frames an event, once for all who get it.</summary>
    public static PreparedMessage Frame(RoomEvent told)
    {
        switch (told)
        {
            case PublicationEvent { Publication: { Draft.Kind: ContentKind.Binary } bytes }:
                return BinaryMessages.Frame(
                    RoomNames.Shown(told.Room),
                    bytes.Draft.Sender,
                    bytes.Position,
                    bytes.Draft.Time.ToUnixTimeMilliseconds(),
                    bytes.Draft.Content.Span
                );
            case PublicationEvent publication:
                using (JsonBuffer json = JsonBuffer.Begin())
                {
                    WritePublication(json.Writer, publication.Room, publication.Publication);
                    return Frame(json);
                }

            case PassingEvent { Message.Type.Length: 0 } passing:
                // The application wrote all of it.
                return new PreparedMessage(passing.Message.Content.Span, MessageType.Text);
            case PassingEvent passing:
                using (JsonBuffer json = JsonBuffer.Begin())
                {
                    json.Writer.WriteStartObject();
                    // To a user, a session or all it belongs to no room.
                    WriteDraft(json.Writer, RoomNames.IsOwn(passing.Room) ? "" : passing.Room, passing.Message);
                    json.Writer.WriteEndObject();
                    return Frame(json);
                }

            case PresenceEvent presence:
                return Frame(presence.Room, presence.Change);
            case PresenceDifferenceEvent difference:
                using (JsonBuffer json = JsonBuffer.Rent("presence-changed"u8))
                {
                    json.Writer.WriteString("room"u8, difference.Room);
                    json.Writer.WriteNumber("version"u8, difference.Users[^1].Version);
                    WriteDifferences(json.Writer, difference.Users);
                    json.Writer.WriteNumber("members"u8, difference.Members);
                    json.Writer.WriteNumber("users"u8, difference.Total);
                    json.Writer.WriteEndObject();
                    return Frame(json);
                }

            case PresenceResetEvent:
                using (JsonBuffer json = JsonBuffer.Rent("presence-reset"u8))
                {
                    json.Writer.WriteString("room"u8, told.Room);
                    json.Writer.WriteEndObject();
                    return Frame(json);
                }

            case ResetEvent reset:
                using (JsonBuffer json = JsonBuffer.Rent("room-reset"u8))
                {
                    json.Writer.WriteString("room"u8, RoomNames.Shown(reset.Room));
                    WritePosition(json.Writer, reset.Position);
                    json.Writer.WriteBoolean("recovered"u8, false);
                    json.Writer.WriteEndObject();
                    return Frame(json);
                }

            default:
                return Frame((JoinedEvent)told);
        }
    }

    /// <summary>Frames a publication of bytes as text.</summary>
    public static PreparedMessage FrameAsText(string room, Publication publication)
    {
        using JsonBuffer json = JsonBuffer.Begin();
        WritePublication(json.Writer, room, publication);
        return Frame(json);
    }

    /// <summary><c>epoch, offset, tag</c></summary>
    public static void WritePosition(Utf8JsonWriter writer, RoomPosition position)
    {
        writer.WriteString("epoch"u8, position.Epoch);
        writer.WriteNumber("offset"u8, position.Offset);
        Span<byte> tag = stackalloc byte[16];
        position.Tag.TryFormat(tag, out int length, "x16");
        writer.WriteString("tag"u8, tag[..length]);
    }

    /// <summary><c>messages: […]</c></summary>
    public static void WritePublications(Utf8JsonWriter writer, string room, IReadOnlyList<Publication> publications)
    {
        writer.WriteStartArray("messages"u8);
        foreach (Publication publication in publications)
        {
            WritePublication(writer, room, publication);
        }

        writer.WriteEndArray();
    }

    /// <summary><c>entries: [{key, value, version}, {key, removed, version}], next?</c></summary>
    public static void WriteEntries(Utf8JsonWriter writer, ShownMap map)
    {
        writer.WriteStartArray("entries"u8);
        foreach (MapEntry entry in map.Entries)
        {
            writer.WriteStartObject();
            WriteEntry(writer, entry.Key, entry.Value ?? default, entry.Version);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteNext(writer, map.Next);
    }

    /// <summary><c>joined: [{userId, username, connections, metadata, version}], left: [{userId, version}]</c></summary>
    private static void WriteDifferences(Utf8JsonWriter writer, IReadOnlyList<PresenceEntry> users)
    {
        writer.WriteStartArray("joined"u8);
        WriteUsers(writer, users);
        writer.WriteEndArray();
        writer.WriteStartArray("left"u8);
        WriteLeft(writer, users);
        writer.WriteEndArray();
    }

    /// <summary>Writes the users who are there.</summary>
    public static void WriteUsers(Utf8JsonWriter writer, IReadOnlyList<PresenceEntry> users)
    {
        foreach (PresenceEntry user in users)
        {
            if (user.Connections == 0)
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("userId"u8, user.UserId);
            writer.WriteString("username"u8, user.Username);
            writer.WriteNumber("connections"u8, user.Connections);
            writer.WritePropertyName("metadata"u8);
            if (user.Metadata is { } metadata)
            {
                metadata.WriteTo(writer);
            }
            else
            {
                writer.WriteStartObject();
                writer.WriteEndObject();
            }

            writer.WriteNumber("version"u8, user.Version);
            writer.WriteEndObject();
        }
    }

    /// <summary>Writes the users who have left.</summary>
    public static void WriteLeft(Utf8JsonWriter writer, IReadOnlyList<PresenceEntry> users)
    {
        foreach (PresenceEntry user in users)
        {
            if (user.Connections == 0)
            {
                writer.WriteStartObject();
                writer.WriteString("userId"u8, user.UserId);
                writer.WriteNumber("version"u8, user.Version);
                writer.WriteEndObject();
            }
        }
    }

    /// <summary><c>next?</c></summary>
    public static void WriteNext(Utf8JsonWriter writer, long? next)
    {
        if (next is { } after)
        {
            writer.WriteNumber("next"u8, after);
        }
    }

    private static PreparedMessage Frame(JsonBuffer json) => new(json.Written, MessageType.Text);

    /// <summary><c>user-joined {room, userId, username, members}</c>, or the same as <c>user-left</c></summary>
    private static PreparedMessage Frame(string room, PresenceChange change)
    {
        using JsonBuffer json = JsonBuffer.Rent(change.Kind == PresenceChangeKind.Joined ? "user-joined"u8 : "user-left"u8);
        json.Writer.WriteString("room"u8, room);
        json.Writer.WriteString("userId"u8, change.Member.UserId);
        json.Writer.WriteString("username"u8, change.Member.Username);
        json.Writer.WriteNumber("members"u8, change.Members);
        json.Writer.WriteEndObject();
        return Frame(json);
    }

    /// <summary>
    /// <c>joined-room {room, members, epoch, offset, tag, recovered, messages, state?, stateVersion?, map?, presence?, read?, unread?,
    /// id?}</c>
    /// </summary>
    private static PreparedMessage Frame(JoinedEvent joined)
    {
        using JsonBuffer json = JsonBuffer.Rent("joined-room"u8);
        json.Writer.WriteString("room"u8, RoomNames.Shown(joined.Room));
        json.Writer.WriteNumber("members"u8, joined.Members);
        WritePosition(json.Writer, joined.Position);
        json.Writer.WriteBoolean("recovered"u8, joined.Recovered);
        WritePublications(json.Writer, joined.Room, joined.Publications);
        if (joined.State is { } state)
        {
            json.Writer.WritePropertyName("state"u8);
            json.Writer.WriteRawValue(state.Json.Span, skipInputValidation: true);
            if (state.Version is { } version)
            {
                json.Writer.WriteNumber("stateVersion"u8, version);
            }
        }

        if (joined.Map is { } map)
        {
            json.Writer.WriteStartObject("map"u8);
            json.Writer.WriteBoolean("whole"u8, map.IsWhole);
            WriteEntries(json.Writer, map);
            json.Writer.WriteEndObject();
        }

        if (joined.Presence is { } presence)
        {
            json.Writer.WriteStartObject("presence"u8);
            json.Writer.WriteBoolean("whole"u8, presence.IsWhole);
            json.Writer.WriteNumber("version"u8, presence.Page.Version);
            WriteDifferences(json.Writer, presence.Page.Entries);
            json.Writer.WriteNumber("members"u8, presence.Page.Members);
            json.Writer.WriteNumber("users"u8, presence.Page.Users);
            WriteNext(json.Writer, presence.Next);
            json.Writer.WriteEndObject();
        }

        if (joined.Marker is { } marker)
        {
            json.Writer.WriteNumber("read"u8, marker.Offset);
            json.Writer.WriteNumber("unread"u8, marker.Unread);
        }

        ServerMessages.WriteId(json, joined.Id);
        json.Writer.WriteEndObject();
        return Frame(json);
    }

    private static void WritePublication(Utf8JsonWriter writer, string room, Publication publication)
    {
        writer.WriteStartObject();
        if (publication.Draft.IsMapChange)
        {
            writer.WriteString("type"u8, "map-changed"u8);
            writer.WriteString("room"u8, room);
            WriteEntry(writer, publication.Draft.Key!, publication.Draft.Content, publication.Position.Offset);
            WritePosition(writer, publication.Position);
            writer.WriteEndObject();
            return;
        }

        WriteDraft(writer, room, publication.Draft);
        WritePosition(writer, publication.Position);
        if (publication.Draft.Key is { } key)
        {
            writer.WriteString("key"u8, key);
        }

        if (publication.Draft.Version is { } version)
        {
            writer.WriteNumber("version"u8, version);
        }

        writer.WriteEndObject();
    }

    /// <summary><c>key, value, version</c>, or <c>removed</c> where there is no value</summary>
    private static void WriteEntry(Utf8JsonWriter writer, string key, ReadOnlyMemory<byte> value, long version)
    {
        writer.WriteString("key"u8, key);
        if (value.Length > 0)
        {
            writer.WritePropertyName("value"u8);
            writer.WriteRawValue(value.Span, skipInputValidation: true);
        }
        else
        {
            writer.WriteBoolean("removed"u8, true);
        }

        writer.WriteNumber("version"u8, version);
    }

    private static void WriteDraft(Utf8JsonWriter writer, string room, PublicationDraft draft)
    {
        writer.WriteString("type"u8, draft.Type);
        bool isTimed = false;
        switch (draft.Type)
        {
            case PublicationTypes.Message:
                writer.WriteString("room"u8, RoomNames.Shown(room));
                WriteSender(writer, "userId"u8, draft.Sender);
                WriteContent(writer, draft);
                break;
            case PublicationTypes.Chat:
                WriteContent(writer, draft);
                WriteSender(writer, "userId"u8, draft.Sender);
                break;
            case PublicationTypes.Direct:
                WriteSender(writer, "from"u8, draft.Sender);
                WriteContent(writer, draft);
                break;
            default:
                if (room.Length > 0 && (draft.Type != PublicationTypes.Notification || !RoomNames.IsOwn(room)))
                {
                    writer.WriteString("room"u8, RoomNames.Shown(room));
                }

                WriteSender(writer, "userId"u8, draft.Sender);
                isTimed = WriteFields(writer, draft.Content.Span);
                break;
        }

        if (!isTimed)
        {
            writer.WriteNumber("timestamp"u8, draft.Time.ToUnixTimeMilliseconds());
        }
    }

    private static void WriteSender(Utf8JsonWriter writer, ReadOnlySpan<byte> name, PublicationSender? sender)
    {
        if (sender is not null)
        {
            writer.WriteString(name, sender.UserId);
            writer.WriteString("username"u8, sender.Username);
        }
    }

    private static void WriteContent(Utf8JsonWriter writer, PublicationDraft draft)
    {
        switch (draft.Kind)
        {
            case ContentKind.Json:
                writer.WritePropertyName("message"u8);
                writer.WriteRawValue(draft.Content.Span, skipInputValidation: true);
                break;
            case ContentKind.Text:
                writer.WriteString("message"u8, draft.Content.Span);
                break;
            default:
                writer.WriteBase64String("binary"u8, draft.Content.Span);
                break;
        }
    }

    /// <summary>Writes the fields of an object beside the hub's own. Returns whether one of them is <c>timestamp</c>.</summary>
    private static bool WriteFields(Utf8JsonWriter writer, ReadOnlySpan<byte> content)
    {
        bool isTimed = false;
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 1_000 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (name is "type" or "room" or "userId" or "username" or "epoch" or "offset" or "tag" or "id")
            {
                continue;
            }

            isTimed |= name == "timestamp";
            writer.WritePropertyName(name);
            writer.WriteRawValue(content[start..(int)reader.BytesConsumed], skipInputValidation: true);
        }

        return isTimed;
    }
}
