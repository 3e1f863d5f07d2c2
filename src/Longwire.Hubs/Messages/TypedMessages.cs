using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>Writes the application's messages: their properties lie flat beside those of the hub.</summary>
internal static class TypedMessages
{
    /// <summary>
    /// <c>{type, room?, userId?, username?, …, timestamp}</c>; of the type <c>message</c> the record is the field <c>message</c>.
    /// A timestamp of the message's own goes before the hub's.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="room">The room; null for a message outside of rooms.</param>
    /// <param name="sender">Who sent it; null for the application.</param>
    /// <param name="content">The message's properties: a JSON object.</param>
    /// <param name="timestamp">Now.</param>
    public static byte[] Write(string type, string? room, HubIdentity? sender, ReadOnlySpan<byte> content, long timestamp)
    {
        using var json = JsonBuffer.Rent(System.Text.Encoding.UTF8.GetBytes(type));
        if (room is not null)
        {
            json.Writer.WriteString("room"u8, room);
        }

        if (sender is not null)
        {
            json.Writer.WriteString("userId"u8, sender.UserId);
            json.Writer.WriteString("username"u8, sender.Username);
        }

        bool hasTimestamp = false;
        if (type == MessageContract.ContentType)
        {
            json.Writer.WritePropertyName("message"u8);
            json.Writer.WriteRawValue(content, skipInputValidation: true);
        }
        else
        {
            WriteProperties(json.Writer, content, out hasTimestamp);
        }

        if (!hasTimestamp)
        {
            json.Writer.WriteNumber("timestamp"u8, timestamp);
        }

        return json.End().ToArray();
    }

    private static void WriteProperties(Utf8JsonWriter writer, ReadOnlySpan<byte> content, out bool hasTimestamp)
    {
        hasTimestamp = false;
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 1_000 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            hasTimestamp |= reader.ValueTextEquals("timestamp"u8);
            writer.WritePropertyName(reader.GetString()!);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            writer.WriteRawValue(content[start..(int)reader.BytesConsumed], skipInputValidation: true);
        }
    }
}
