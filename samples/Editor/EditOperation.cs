using System.Text.Json;

namespace Longwire.Samples.Editor;

/// <summary>Text that is put into a document.</summary>
/// <param name="Position">Where the selection stands after it, which is behind it.</param>
/// <param name="Text">The text.</param>
internal sealed record EditOperation(int Position, string Text)
{
    private const int MostCharacters = 1_000;

    /// <summary>Before which character it goes.</summary>
    public int Start => Math.Max(0, Position - Text.Length);

    /// <summary>Reads an edit; null when the message is none, or one of another document.</summary>
    public static EditOperation? From(ReadOnlySpan<byte> message, string documentId)
    {
        try
        {
            var reader = new Utf8JsonReader(message);
            using var json = JsonDocument.ParseValue(ref reader);
            JsonElement root = json.RootElement;
            JsonElement operation = root.GetProperty("operation");
            int position = operation.GetProperty("position").GetInt32();
            string? text = operation.GetProperty("text").GetString();
            bool isEdit =
                root.GetProperty("type").GetString() == "edit"
                && root.GetProperty("documentId").GetString() == documentId
                && operation.GetProperty("type").GetString() == "insert";
            return isEdit && position >= 0 && text is { Length: > 0 and <= MostCharacters } ? new EditOperation(position, text) : null;
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
