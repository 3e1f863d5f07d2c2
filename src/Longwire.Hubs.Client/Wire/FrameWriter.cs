using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs.Client;

/// <summary>Writes what the client says.</summary>
internal static class FrameWriter
{
    /// <summary>A request of the protocol's own.</summary>
    public static byte[] Request(string type, string? id, Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            Begin(json, type, id);
            fields(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// A message of the application's: the built-in types have it as their content, in all others its properties lie flat.
    /// </summary>
    /// <exception cref="ArgumentException">It is no object in JSON, where its properties are to lie flat.</exception>
    public static byte[] Message(
        string type,
        string? id,
        string? room,
        object message,
        JsonTypeInfo metadata,
        Action<Utf8JsonWriter>? fields = null
    )
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = metadata.Options.Encoder });
        Begin(json, type, id);
        if (room is not null)
        {
            json.WriteString("room"u8, room);
        }

        fields?.Invoke(json);
        switch (type)
        {
            case "chat":
                json.WritePropertyName("message"u8);
                JsonSerializer.Serialize(json, message, metadata);
                break;
            case "message" or "direct":
                json.WritePropertyName("content"u8);
                JsonSerializer.Serialize(json, message, metadata);
                break;
            default:
                WriteFlat(json, type, JsonSerializer.SerializeToUtf8Bytes(message, metadata));
                break;
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Begin(Utf8JsonWriter json, string type, string? id)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        if (id is not null)
        {
            json.WriteString("id"u8, id);
        }

        // A span that is kept is the parent of those that the hub makes for the request.
        if (Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } span)
        {
            json.WriteString("traceparent"u8, span.Id);
        }
    }

    private static void WriteFlat(Utf8JsonWriter json, string type, byte[] message)
    {
        var reader = new Utf8JsonReader(message, new JsonReaderOptions { MaxDepth = 1_000 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ArgumentException($"A message of type \"{type}\" is no object in JSON: make it a class or record with properties.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (name is "type" or "room" or "userId" or "username" or "epoch" or "offset" or "tag" or "id" or "traceparent")
            {
                throw new ArgumentException($"A message of type \"{type}\" has a property \"{name}\", which the hub writes: rename it.");
            }

            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            json.WritePropertyName(name);
            json.WriteRawValue(message.AsSpan(start, (int)reader.BytesConsumed - start), skipInputValidation: true);
        }
    }
}
