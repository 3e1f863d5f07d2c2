using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>Writes the answers to requests over HTTP, as <c>docs/protocol/hub.md</c> has it.</summary>
internal static class HttpAnswers
{
    public static readonly HubError UnknownSession = new("unknown-session", "No such session, or it has no connection");

    private static readonly TimeSpan _comeBackAfter = TimeSpan.FromSeconds(5);

    /// <summary><c>{code, reason}</c></summary>
    public static byte[] Close(CloseStatus status, string reason)
    {
        using JsonBuffer json = JsonBuffer.Begin();
        WriteClose(json, status, reason);
        return json.Written.ToArray();
    }

    /// <summary><c>{n, id, messages, close?}</c></summary>
    public static byte[] Poll(long n, string id, List<OutboxEntry> messages, CloseStatus? close, string reason)
    {
        using JsonBuffer json = JsonBuffer.Begin();
        json.Writer.WriteStartObject();
        json.Writer.WriteNumber("n"u8, n);
        json.Writer.WriteString("id"u8, id);
        json.Writer.WriteStartArray("messages"u8);
        foreach (OutboxEntry message in messages)
        {
            json.Writer.WriteRawValue(message.Json.Span, skipInputValidation: true);
        }

        json.Writer.WriteEndArray();
        if (close is { } status)
        {
            json.Writer.WritePropertyName("close"u8);
            WriteClose(json, status, reason);
        }

        return json.End().ToArray();
    }

    /// <summary>The answers to posted messages, as an array.</summary>
    public static byte[] Posted(IReadOnlyList<byte[]?> answers)
    {
        using JsonBuffer json = JsonBuffer.Begin();
        json.Writer.WriteStartArray();
        foreach (byte[]? answer in answers)
        {
            json.Writer.WriteRawValue(answer ?? "null"u8, skipInputValidation: true);
        }

        json.Writer.WriteEndArray();
        return json.Written.ToArray();
    }

    public static Task WriteAsync(HttpContext context, byte[] json, int statusCode = StatusCodes.Status200OK) =>
        WriteAsync(context, new HttpAnswer(statusCode, json));

    /// <summary>Writes an answer of this node's or of another one's.</summary>
    public static async Task WriteAsync(HttpContext context, HttpAnswer answer)
    {
        HttpResponse response = context.Response;
        response.StatusCode = answer.StatusCode;
        if (answer.RetryAfterSeconds > 0)
        {
            response.Headers.RetryAfter = answer.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        if (answer.StatusCode == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (answer.Body.Length > 0)
        {
            response.ContentType = "application/json; charset=utf-8";
            response.Headers.CacheControl = "no-store";
            response.ContentLength = answer.Body.Length;
            await response.Body.WriteAsync(answer.Body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Refuses a request as a whole.</summary>
    public static Task RefuseAsync(HttpContext context, int statusCode, HubError error, TimeSpan? retryAfter = null) =>
        WriteAsync(context, Refused(statusCode, error, retryAfter));

    /// <summary>The answer to a request that is refused as a whole.</summary>
    public static HttpAnswer Refused(int statusCode, HubError error, TimeSpan? retryAfter = null)
    {
        bool saysWhen =
            statusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
            || (statusCode == StatusCodes.Status403Forbidden && retryAfter is not null);
        double seconds = saysWhen ? Math.Ceiling((retryAfter ?? _comeBackAfter).TotalSeconds) : 0;
        using JsonBuffer json = ServerMessages.Error(error, id: null, retryAfter);
        return new HttpAnswer(statusCode, json.End().ToArray(), (int)Math.Min(seconds, int.MaxValue));
    }

    /// <summary>Refuses a request for its body: it is too large, or no JSON by its type.</summary>
    public static Task RefuseBodyAsync(HttpContext context, int statusCode) =>
        RefuseAsync(
            context,
            statusCode,
            statusCode == StatusCodes.Status413PayloadTooLarge
                ? HubError.TooLarge
                : HubError.InvalidFormat with
                {
                    Message = "The body has to be application/json",
                }
        );

    /// <summary>Says why the hub does not let a client in.</summary>
    public static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        (int statusCode, HubError error) =
            refusal.BannedFor is not null ? (StatusCodes.Status403Forbidden, HubError.Banned)
            : refusal == Refusal.InvalidAuthentication ? (StatusCodes.Status401Unauthorized, HubError.Unauthenticated)
            : refusal == Refusal.InvalidProducer ? (StatusCodes.Status400BadRequest, HubError.InvalidFormat)
            : refusal == Refusal.TooManyConnections
                ? (StatusCodes.Status429TooManyRequests, HubError.Forbidden with { Message = refusal.Reason })
            : (StatusCodes.Status503ServiceUnavailable, HubError.Unavailable with { Message = refusal.Reason });
        return RefuseAsync(context, statusCode, error, refusal.BannedFor);
    }

    private static void WriteClose(JsonBuffer json, CloseStatus status, string reason)
    {
        json.Writer.WriteStartObject();
        json.Writer.WriteNumber("code"u8, (int)status);
        json.Writer.WriteString("reason"u8, reason);
        json.Writer.WriteEndObject();
    }
}
