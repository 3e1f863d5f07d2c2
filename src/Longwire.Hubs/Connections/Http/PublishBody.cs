using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Longwire.Hubs;

/// <summary>The body of a <c>POST …/publish</c>: to whom, and what.</summary>
internal sealed class PublishBody
{
    private const int MaxTypeLength = 64;

    private static readonly PublicationSender _server = new("server", "server");

    /// <summary>The room to publish in: one of the application's, of a user, or everyone's.</summary>
    public required string Room { get; init; }

    public required PublicationDraft Draft { get; init; }

    /// <summary>Reads a body; or returns the error in it.</summary>
    public static HubError? Read(ReadOnlyMemory<byte> body, Hub hub, out PublishBody? read)
    {
        read = null;
        try
        {
            if (!Utf8.IsValid(body.Span))
            {
                return HubError.InvalidJson;
            }

            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = hub.Context.Settings.MaxJsonDepth });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || JsonText.HasHalfOfPair(body.Span))
            {
                return HubError.InvalidFormat;
            }

            if (ReadRoom(root, hub.Context.Settings) is not { } room)
            {
                return HubError.InvalidFormat with { Message = "One of room, user and all has to say to whom" };
            }

            string type = Text(root, "type") ?? PublicationTypes.Message;
            bool mayBe = type is PublicationTypes.Message or PublicationTypes.Notification || !MessageContract.IsOfTheHub(type);
            if (type.Length is 0 or > MaxTypeLength || !mayBe)
            {
                return HubError.InvalidFormat with { Message = "Messages of this type can't be published" };
            }

            HubError? error = ReadContent(root, type, hub.Context.Settings.MaxContentBytes, out ContentKind kind, out byte[] content);
            if (error is not null)
            {
                return error;
            }

            string? key = Text(root, "key");
            long? version = root.TryGetProperty("version", out JsonElement number) ? number.GetInt64() : null;
            if (key?.Length > MessageRequests.MaxKeyLength || version < 0)
            {
                return HubError.InvalidFormat;
            }

            if (kind == ContentKind.Json && hub.Context.Settings.Rooms.Find(room)?.Endpoint is { } endpoint)
            {
                content = endpoint.Show(content);
            }

            PublicationSender? sender = ReadSender(root, hub.Context.Settings) ?? (type == PublicationTypes.Message ? _server : null);
            var draft = new PublicationDraft(type, sender, kind, content, hub.Context.Date) { Key = key, Version = version };
            read = new PublishBody { Room = room, Draft = draft };
            return null;
        }
        catch (JsonException)
        {
            return HubError.InvalidJson;
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            // A field of another kind than it has to be.
            return HubError.InvalidFormat;
        }
    }

    private static string? ReadRoom(JsonElement root, LongwireHubOptions settings)
    {
        string? room = Text(root, "room");
        string? user = Text(root, "user");
        bool all = root.TryGetProperty("all", out JsonElement everyone) && everyone.GetBoolean();
        if ((room is null ? 0 : 1) + (user is null ? 0 : 1) + (all ? 1 : 0) != 1)
        {
            return null;
        }

        return all ? RoomNames.All
            : user is { Length: > 0 and <= LongwireHubOptions.MaxUserIdLength } ? RoomNames.OfUser(user)
            : room is not null && Names.TryNormalize(room, settings.MaxRoomNameLength, out string name) && !RoomNames.IsOwn(name) ? name
            : null;
    }

    private static HubError? ReadContent(JsonElement root, string type, int maxBytes, out ContentKind kind, out byte[] content)
    {
        kind = ContentKind.Json;
        content = [];
        if (root.TryGetProperty("binary", out JsonElement binary))
        {
            kind = ContentKind.Binary;
            content = binary.GetBytesFromBase64();
            return type != PublicationTypes.Message || root.TryGetProperty("content", out _) ? HubError.InvalidFormat
                : content.Length > maxBytes ? HubError.TooLarge
                : null;
        }

        JsonElement json = root.GetProperty("content");
        if (type == PublicationTypes.Notification)
        {
            var notification = new HubNotification(json.GetProperty("title").GetString()!, json.GetProperty("message").GetString()!)
            {
                Data = json.TryGetProperty("data", out JsonElement data) ? data : null,
            };
            content = (Text(json, "priority") is { } priority ? notification with { Priority = priority } : notification).ToUtf8Json();
        }
        else if (type != PublicationTypes.Message && json.ValueKind != JsonValueKind.Object)
        {
            return HubError.InvalidFormat with { Message = "The content of a type of the application's has to be an object" };
        }
        else
        {
            content = Encoding.UTF8.GetBytes(json.GetRawText());
        }

        return content.Length > maxBytes ? HubError.TooLarge : null;
    }

    private static PublicationSender? ReadSender(JsonElement root, LongwireHubOptions settings)
    {
        if (!root.TryGetProperty("sender", out JsonElement sender))
        {
            return null;
        }

        string userId = sender.GetProperty("userId").GetString()!;
        string username = Text(sender, "username") ?? userId;
        return userId.Length is > 0 and <= LongwireHubOptions.MaxUserIdLength && username.Length <= settings.MaxUsernameLength
            ? new PublicationSender(userId, username)
            : throw new FormatException("The sender is none.");
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement text) && text.ValueKind != JsonValueKind.Null ? text.GetString() : null;
}
