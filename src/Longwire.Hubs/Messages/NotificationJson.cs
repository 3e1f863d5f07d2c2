namespace Longwire.Hubs;

/// <summary>A notification as clients get it.</summary>
internal static class NotificationJson
{
    /// <summary><c>{title, message, priority, data?}</c></summary>
    public static byte[] ToUtf8Json(this HubNotification notification)
    {
        using JsonBuffer json = JsonBuffer.Begin();
        json.Writer.WriteStartObject();
        json.Writer.WriteString("title"u8, notification.Title);
        json.Writer.WriteString("message"u8, notification.Message);
        json.Writer.WriteString("priority"u8, notification.Priority);
        if (notification.Data is { } data)
        {
            json.Writer.WritePropertyName("data"u8);
            data.WriteTo(json.Writer);
        }

        return json.End().ToArray();
    }

    public static void ThrowIfNotUnicode(this HubNotification notification)
    {
        if (
            !JsonText.IsUnicode(notification.Title)
            || !JsonText.IsUnicode(notification.Message)
            || !JsonText.IsUnicode(notification.Priority)
        )
        {
            throw new ArgumentException("A notification must not have half of a surrogate pair, which is no text.");
        }

        JsonText.ThrowIfNotUnicode(notification.Data);
    }
}
