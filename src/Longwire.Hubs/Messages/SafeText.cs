using System.Text.Encodings.Web;
using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>
/// Makes text safe for clients that put it into HTML as it comes: <c>&amp;</c>, <c>&lt;</c>, <c>&gt;</c> and quotes become references.
/// </summary>
internal static class SafeText
{
    /// <summary>Every string and name of a property in a JSON value.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> json)
    {
        using var output = new MemoryStream(json.Length);
        using (
            var writer = new Utf8JsonWriter(
                output,
                new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1_000 }
            )
        )
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1_000 });
            while (reader.Read())
            {
                Write(writer, ref reader);
            }
        }

        return output.ToArray();
    }

    /// <summary>One text.</summary>
    public static string Encode(string text) =>
        text.AsSpan().ContainsAny("&<>\"'")
            ? text.Replace("&", "&amp;", StringComparison.Ordinal)
                .Replace("<", "&lt;", StringComparison.Ordinal)
                .Replace(">", "&gt;", StringComparison.Ordinal)
                .Replace("\"", "&quot;", StringComparison.Ordinal)
                .Replace("'", "&#39;", StringComparison.Ordinal)
            : text;

    /// <summary>The name that others see of a user. The id stays as it is: it is compared, not shown.</summary>
    public static HubIdentity Encode(HubIdentity identity) =>
        Encode(identity.Username) is var name && name == identity.Username ? identity : new HubIdentity(identity.UserId, name);

    private static void Write(Utf8JsonWriter writer, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.PropertyName:
                writer.WritePropertyName(Encode(reader.GetString()!));
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(Encode(reader.GetString()!));
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }
}
