using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>Something the application tells a user, a room or everyone.</summary>
/// <param name="Title">The headline.</param>
/// <param name="Message">The text.</param>
public sealed record HubNotification(string Title, string Message)
{
    /// <summary>How urgent it is; the clients decide what it means. Default: <c>normal</c>.</summary>
    public string Priority { get; init; } = "normal";

    /// <summary>Anything else, as JSON.</summary>
    public JsonElement? Data { get; init; }

    /// <summary><c>{title, message, priority, data?}</c></summary>
    internal byte[] ToUtf8Json()
    {
        using JsonBuffer json = JsonBuffer.Begin();
        json.Writer.WriteStartObject();
        json.Writer.WriteString("title"u8, Title);
        json.Writer.WriteString("message"u8, Message);
        json.Writer.WriteString("priority"u8, Priority);
        if (Data is { } data)
        {
            json.Writer.WritePropertyName("data"u8);
            data.WriteTo(json.Writer);
        }

        return json.End().ToArray();
    }

    internal void ThrowIfNotUnicode()
    {
        if (!JsonText.IsUnicode(Title) || !JsonText.IsUnicode(Message) || !JsonText.IsUnicode(Priority))
        {
            throw new ArgumentException("A notification must not have half of a surrogate pair, which is no text.");
        }

        JsonText.ThrowIfNotUnicode(Data);
    }
}
