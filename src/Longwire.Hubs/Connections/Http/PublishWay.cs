using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>The way in for other servers: they publish by an API key, without a session.</summary>
internal sealed class PublishWay(Hub hub)
{
    private const int MaxIdLength = 64;

    /// <summary><c>POST …/publish</c></summary>
    public async Task PublishAsync(HttpContext context)
    {
        if (hub.ApiKeys.Find(HandshakeReader.Bearer(context)) is not { } key)
        {
            hub.Context.Log.ApiKeyUnknown(context.Connection.RemoteIpAddress);
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status401Unauthorized, HubError.Unauthenticated);
            return;
        }

        if (!hub.ApiKeys.TryTake(key, out TimeSpan retryAfter))
        {
            hub.Context.Metrics.MessageRejected(HubError.RateLimited);
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status429TooManyRequests, HubError.RateLimited, retryAfter);
            return;
        }

        (byte[]? body, int statusCode) = await JsonBody.ReadAsync(context, hub.Context.Settings.Http.MaxRequestBytes);
        if (body is null)
        {
            await HttpAnswers.RefuseBodyAsync(context, statusCode);
            return;
        }

        string? id = context.Request.Headers["Idempotency-Key"] is { Count: > 0 } given ? given.ToString() : null;
        HubError? error = id?.Length is 0 or > MaxIdLength ? HubError.InvalidFormat : null;
        PublishBody? published = null;
        error ??= PublishBody.Read(body, hub, out published);
        if (error is not null)
        {
            await HttpAnswers.RefuseAsync(context, error == HubError.TooLarge ? 413 : 400, error);
            return;
        }

        string room = published!.Room;
        bool may =
            room == RoomNames.All ? key.Key.All
            : RoomNames.IsOwn(room) ? key.Key.Users
            : key.MayPublishIn(room);
        if (!may)
        {
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status403Forbidden, HubError.Forbidden);
        }
        else if (!RoomNames.IsOwn(room) && hub.Context.Settings.Rooms.Find(room) is null)
        {
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status404NotFound, HubError.UnknownRoom);
        }
        else
        {
            await PublishAsync(context, published, key.Key.Name, id, body);
        }
    }

    private async Task PublishAsync(HttpContext context, PublishBody published, string keyName, string? id, byte[] body)
    {
        // Producers of clients begin with the length of the user's id.
        IdempotencyKey? idempotency = id is null ? null : new IdempotencyKey("key:" + keyName, id);
        ulong fingerprint = id is null ? 0 : Fingerprint.Of(body);
        PublishResult result;
        try
        {
            result = await hub.Publisher.PublishAsync(published.Room, published.Draft, idempotency, fingerprint, context.RequestAborted);
        }
        catch (HubUnavailableException exception)
        {
            hub.Context.Log.EngineUnavailable(exception, "publish");
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, HubError.Unavailable);
            return;
        }

        switch (result.Outcome)
        {
            case PublishOutcome.Stale:
                await HttpAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, HubError.Stale);
                break;
            case PublishOutcome.IdReused:
                await HttpAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, HubError.IdReused);
                break;
            default:
                await HttpAnswers.WriteAsync(context, Answer(published.Room, result));
                break;
        }
    }

    /// <summary><c>{room?, epoch, offset, tag, repeated?}</c></summary>
    private static byte[] Answer(string room, PublishResult result)
    {
        using JsonBuffer json = JsonBuffer.Begin();
        json.Writer.WriteStartObject();
        if (!RoomNames.IsOwn(room))
        {
            json.Writer.WriteString("room"u8, room);
        }

        RoomEventJson.WritePosition(json.Writer, result.Position);
        if (result.Outcome == PublishOutcome.Repeated)
        {
            json.Writer.WriteBoolean("repeated"u8, true);
        }

        return json.End().ToArray();
    }
}
