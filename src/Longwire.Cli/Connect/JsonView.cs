using System.Text;
using System.Text.Json;
using Longwire.Cli.Terminal;

namespace Longwire.Cli.Connect;

/// <summary>
/// JSON for people: on one row where it fits, else indented; in colours if wanted. Numbers and escapes stay as they came.
/// </summary>
internal static class JsonView
{
    private const int MaxBytes = 8 << 20;
    private const string Key = "\e[34m";
    private const string Text = "\e[32m";
    private const string Number = "\e[33m";
    private const string Literal = "\e[35m";
    private const string Plain = "\e[39m";

    /// <summary>Formats an object or an array.</summary>
    /// <returns>Null when the text is none.</returns>
    public static string? Format(ReadOnlySpan<byte> utf8, int width, bool color)
    {
        ReadOnlySpan<byte> trimmed = utf8.Trim(" \t\r\n"u8);
        if (trimmed.IsEmpty || trimmed[0] is not ((byte)'{' or (byte)'[') || trimmed.Length > MaxBytes)
        {
            return null;
        }

        try
        {
            bool fits = trimmed.Length <= width && Cells.Of(Encoding.UTF8.GetString(trimmed)) <= width;
            return Write(trimmed, indented: !fits, color);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Write(ReadOnlySpan<byte> utf8, bool indented, bool color)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 512 });
        var text = new StringBuilder();
        JsonTokenType before = JsonTokenType.None;
        while (reader.Read())
        {
            JsonTokenType token = reader.TokenType;
            bool closes = token is JsonTokenType.EndObject or JsonTokenType.EndArray;
            bool first = before is JsonTokenType.StartObject or JsonTokenType.StartArray;
            if (before == JsonTokenType.PropertyName)
            {
                text.Append(": ");
            }
            else if (before != JsonTokenType.None)
            {
                text.Append(
                    closes || first ? ""
                    : indented ? ","
                    : ", "
                );
                if (indented && !(closes && first))
                {
                    text.Append('\n').Append(' ', 2 * reader.CurrentDepth);
                }
            }

            Append(text, reader, color);
            before = token;
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, in Utf8JsonReader reader, bool color)
    {
        string value = TerminalText.Harmless(Encoding.UTF8.GetString(reader.ValueSpan));
        (string? shade, string shown) = reader.TokenType switch
        {
            JsonTokenType.PropertyName => (Key, $"\"{value}\""),
            JsonTokenType.String => (Text, $"\"{value}\""),
            JsonTokenType.Number => (Number, value),
            JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null => (Literal, value),
            _ => (null, value),
        };
        text.Append(color ? shade : null).Append(shown).Append(color && shade is not null ? Plain : null);
    }
}
