using System.Text.Json;

namespace Longwire.Hubs.Testing;

/// <summary>A message that a client got. Immutable.</summary>
public sealed class ReceivedMessage
{
    private readonly MessageContracts _contracts;

    internal ReceivedMessage(JsonElement json, MessageContracts contracts)
    {
        Json = json;
        _contracts = contracts;
    }

    /// <summary>The whole message.</summary>
    public JsonElement Json { get; }

    /// <summary>The message's type.</summary>
    public string Type => Text("type")!;

    /// <summary>The room it belongs to; null for none.</summary>
    public string? Room => Text("room");

    /// <summary>The user it came from; null for the application.</summary>
    public string? UserId => Text("userId");

    /// <summary>The name of the user it came from.</summary>
    public string? Username => Text("username");

    /// <summary>Its place in the room's sequence; null when it was not published.</summary>
    public long? Offset => Json.TryGetProperty("offset", out JsonElement offset) ? offset.GetInt64() : null;

    internal string? Id => Text("id");

    /// <summary>The message as the application's class; of the type <c>message</c> it is the content.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <exception cref="JsonException">It is not of the class.</exception>
    public T As<T>()
        where T : notnull => _contracts.ReadReply<T>(TestMessage.Bytes(Type == "message" ? Json.GetProperty("message") : Json));

    /// <inheritdoc/>
    public override string ToString() => Json.GetRawText();

    internal string? Text(string name) =>
        Json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
