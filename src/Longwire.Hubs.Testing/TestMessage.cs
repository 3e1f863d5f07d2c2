using System.Buffers;
using System.Text.Json;

namespace Longwire.Hubs.Testing;

/// <summary>Writes what test clients say.</summary>
internal static class TestMessage
{
    public static byte[] Write(string type, string? id, Action<Utf8JsonWriter> writeFields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            if (id is not null)
            {
                json.WriteString("id"u8, id);
            }

            writeFields(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Bytes(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            value.WriteTo(json);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
