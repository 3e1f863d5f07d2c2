using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Longwire.Hubs;

/// <summary>How a class of the application's looks on the wire: its type, and its properties beside those that the hub writes.</summary>
internal sealed class MessageContract
{
    /// <summary>The built-in type whose record is the content, and does not lie flat.</summary>
    public const string ContentType = "message";

    /// <summary>The properties that the hub writes into a room's messages.</summary>
    private static readonly string[] _reservedInRooms =
    [
        "type",
        "room",
        "userId",
        "username",
        "epoch",
        "offset",
        "tag",
        "id",
        "afterId",
        "traceparent",
    ];

    /// <summary>The properties that the hub reads of every message.</summary>
    private static readonly string[] _reserved = ["type", "id", "afterId", "traceparent"];

    /// <summary>The hub's own message types, beside those of <see cref="ClientMessageType"/>.</summary>
    private static readonly FrozenSet<string> _typesOfTheHub = FrozenSet.Create(
        StringComparer.Ordinal,
        [
            "ack",
            "ask",
            "auth-failed",
            "auth-success",
            "connected",
            "drain",
            "error",
            "joined-room",
            "left-room",
            "map",
            "map-changed",
            "map-put",
            "map-read",
            "map-remove",
            "notification",
            "pong",
            "presence-changed",
            "presence-reset",
            "presence-update",
            "read",
            "reply",
            "room-reset",
            "user-joined",
            "user-left",
            "welcome",
        ]
    );

    public MessageContract(JsonTypeInfo json)
    {
        Json = json;
        Type = TypeOf(json.Type);
    }

    /// <summary>The class, as System.Text.Json sees it.</summary>
    public JsonTypeInfo Json { get; }

    /// <summary>The messages' <c>type</c>.</summary>
    public string Type { get; }

    /// <summary>The type of a class's messages on the wire.</summary>
    public static string TypeOf(Type type) => HubMessageAttribute.TypeOf(type);

    /// <summary>Whether a type's messages are the hub's own.</summary>
    public static bool IsOfTheHub(string type) => ClientMessage.TypeOf(type) != ClientMessageType.Other || _typesOfTheHub.Contains(type);

    /// <summary>Guards what the hub says itself: clients must be able to believe it.</summary>
    /// <exception cref="ArgumentException">The class is no message of the application's.</exception>
    public void ThrowIfNotSendable()
    {
        if (FindFault(inRooms: true) is { } fault)
        {
            throw new ArgumentException($"This can't be sent: {fault}");
        }
    }

    /// <summary>The fault of the class as a message; null for none.</summary>
    /// <param name="inRooms">Whether it is a message of rooms.</param>
    public string? FindFault(bool inRooms)
    {
        string name = Json.Type.Name;
        if (Json.Kind != JsonTypeInfoKind.Object)
        {
            return $"{name} is no object in JSON. A message is a class or a record with properties.";
        }

        if (Type.Length == 0 || !JsonText.IsUnicode(Type))
        {
            return $"the type of {name} is no text. Name it, as [HubMessage(\"edit\")].";
        }

        if (Type == ContentType && inRooms)
        {
            return null;
        }

        if (IsOfTheHub(Type))
        {
            return $"the hub itself has messages of type \"{Type}\". Name {name} otherwise, as [HubMessage(\"my-{Type}\")].";
        }

        return Json.Properties.FirstOrDefault(property => (inRooms ? _reservedInRooms : _reserved).Contains(property.Name)) is { } taken
            ? $"{name} has a property {Capitalized(taken.Name)}, which the hub writes. Rename it."
            : null;
    }

    /// <summary>Writes a message's properties as a JSON object.</summary>
    public byte[] Write(object message) => JsonSerializer.SerializeToUtf8Bytes(message, Json);

    /// <summary>Reads a message; or says what is wrong with it.</summary>
    /// <param name="json">An object with the message's properties among others.</param>
    /// <param name="message">The message, valid by its annotations.</param>
    public HubError? Read(ReadOnlySpan<byte> json, out object? message) => Read(json, Json, out message);

    /// <summary>Reads a value of any type; or says what is wrong with it.</summary>
    /// <param name="json">The value.</param>
    /// <param name="type">The type.</param>
    /// <param name="value">The value, valid by its annotations.</param>
    public static HubError? Read(ReadOnlySpan<byte> json, JsonTypeInfo type, out object? value)
    {
        value = null;
        try
        {
            value = JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return HubError.InvalidFormat;
        }

        return value is null ? HubError.InvalidFormat : Validate(value);
    }

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2026",
        Justification = "The properties of messages are kept: On, OnMessage, Relay and Holds require them of their type arguments."
    )]
    private static HubError? Validate(object message)
    {
        List<ValidationResult> faults = [];
        return Validator.TryValidateObject(message, new ValidationContext(message), faults, validateAllProperties: true)
            ? null
            : HubError.InvalidFormat with
            {
                Message = string.Join(" ", faults.Select(static fault => fault.ErrorMessage)),
            };
    }

    private static string Capitalized(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
