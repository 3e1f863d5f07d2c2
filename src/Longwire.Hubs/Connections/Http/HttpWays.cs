using System.Globalization;
using Longwire.AspNetCore;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Net.Http.Headers;

namespace Longwire.Hubs;

/// <summary>The ways into the hub over plain HTTP, at one path and with its rule for pages.</summary>
internal sealed class HttpWays(Hub hub, PageRule pages)
{
    private const int DefaultWaitSeconds = 25;

    private static readonly HttpAnswer _unknown = HttpAnswers.Refused(StatusCodes.Status404NotFound, HttpAnswers.UnknownSession);

    private readonly SessionQuestions _questions = new(hub);

    private HubHttpOptions Options => hub.Context.Settings.Http;

    /// <summary><c>GET …/events</c></summary>
    public async Task EventsAsync(HttpContext context)
    {
        if (!await MayAsync(context))
        {
            return;
        }

        if (HttpHello.Read(context, hub.Context.Settings) is not { } hello)
        {
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, HubError.InvalidFormat);
            return;
        }

        var link = new EventStreamLink(hub, hello);
        try
        {
            link.Begin(hello.Handshake);
            if (!await link.IsLetInAsync())
            {
                await HttpAnswers.RefuseAsync(context, link.Refusal);
                return;
            }

            context.Response.ContentType = "text/event-stream; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            // A proxy that collects answers would keep them back; nginx takes its orders from this header.
            context.Response.Headers["X-Accel-Buffering"] = "no";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
            await link.WriteAsync(context.Response.BodyWriter, context.RequestAborted);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The client is gone, which its session learns below.
        }
        finally
        {
            hub.Release(link, CloseStatus.Abnormal);
        }
    }

    /// <summary><c>GET …/poll</c></summary>
    public async Task PollAsync(HttpContext context)
    {
        if (!await MayAsync(context))
        {
            return;
        }

        if (
            !TryReadNumber(context, "wait", DefaultWaitSeconds, (long)Options.MaxWait.TotalSeconds, out long seconds)
            || !TryReadNumber(context, "after", 0, long.MaxValue - 1, out long after)
            || HttpHello.Read(context, hub.Context.Settings) is not { } hello
        )
        {
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, HubError.InvalidFormat);
            return;
        }

        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        var wait = TimeSpan.FromSeconds(seconds);
        string? secret = HandshakeReader.Session(context);
        HttpAnswer? answer = null;
        try
        {
            answer = await AskAsync(context, secret, hash => new(SessionQuestionKind.Poll, hash) { After = after, Wait = wait });
        }
        catch (HubUnavailableException)
        {
            // The node of the session is gone, perhaps: then it goes on here.
        }

        if (answer is null)
        {
            var link = new PollLink(hub, hello, after);
            link.Begin(hello.Handshake);
            if (!await link.IsLetInAsync())
            {
                link.End();
                await HttpAnswers.RefuseAsync(context, link.Refusal);
                return;
            }

            byte[]? first = await link.AnswerAsync(after, wait, context.RequestAborted);
            answer = new HttpAnswer(StatusCodes.Status200OK, first);
        }

        await HttpAnswers.WriteAsync(context, answer);
    }

    /// <summary><c>POST …/send</c></summary>
    public async Task SendAsync(HttpContext context)
    {
        if (!await MayAsync(context) || await ReadMessagesAsync(context) is not { } messages)
        {
            return;
        }

        if (HandshakeReader.Session(context) is { } secret)
        {
            await WriteAsync(
                context,
                () =>
                    hub.Sessions.FindResumable(secret) is { Link: { ClosedWith: null } link } session
                        ? SessionQuestions.SendAsync(session, link, messages, context.RequestAborted)
                        : _questions.AskAsync(
                            secret,
                            hash => new(SessionQuestionKind.Send, hash) { Body = messages.Body },
                            context.RequestAborted
                        )
            );
        }
        else
        {
            await SendOnceAsync(context, messages);
        }
    }

    /// <summary><c>DELETE …/session</c></summary>
    public async Task EndAsync(HttpContext context)
    {
        if (!await MayAsync(context))
        {
            return;
        }

        string? secret = HandshakeReader.Session(context);
        await WriteAsync(context, () => AskAsync(context, secret, static hash => new(SessionQuestionKind.End, hash)));
    }

    /// <summary>A browser asks, before a request of another origin that is not a simple one (Fetch §3.2, CORS-preflight).</summary>
    public async Task PreflightAsync(HttpContext context)
    {
        if (await MayAsync(context))
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.AccessControlAllowMethods = "GET, POST, DELETE";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type, Longwire-Session, Last-Event-ID";
            headers.AccessControlMaxAge = "600";
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    /// <summary>A session for the length of a request.</summary>
    private async Task SendOnceAsync(HttpContext context, PostedMessages messages)
    {
        if (HttpHello.Read(context, hub.Context.Settings) is not { } hello)
        {
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, HubError.InvalidFormat);
            return;
        }

        var link = new OneRequestLink(hub, hello);
        try
        {
            hub.Accept(link, hello.Handshake);
            if (!await link.IsLetInAsync())
            {
                await HttpAnswers.RefuseAsync(context, link.Refusal);
                return;
            }

            PostedMessages joins = PostedMessages.Of([.. hello.Joins()]);
            if (joins.Count > 0)
            {
                await joins.SendToAsync(link.Session!, link).WaitAsync(context.RequestAborted);
            }

            if (joins.Answers.FirstOrDefault(static answer => answer is not null) is { } refusal)
            {
                await HttpAnswers.WriteAsync(context, refusal, StatusCodes.Status403Forbidden);
                return;
            }

            await WriteAsync(context, () => SessionQuestions.SendAsync(link.Session!, link, messages, context.RequestAborted));
        }
        finally
        {
            hub.Release(link, CloseStatus.NormalClosure);
        }
    }

    /// <summary>Writes the answer that a session's node gives, this one or another.</summary>
    private static async Task WriteAsync(HttpContext context, Func<ValueTask<HttpAnswer?>> answer)
    {
        try
        {
            await HttpAnswers.WriteAsync(context, await answer() ?? _unknown);
        }
        catch (HubUnavailableException)
        {
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, HubError.Unavailable);
        }
    }

    /// <summary>Has the session's node deal with a request, this one or another; null where there is no such session.</summary>
    private async ValueTask<HttpAnswer?> AskAsync(HttpContext context, string? secret, Func<SecretHash, SessionQuestion> ask) =>
        await _questions.AnswerAsync(secret, ask, context.RequestAborted) ?? await _questions.AskAsync(secret, ask, context.RequestAborted);

    /// <summary>
    /// Refuses what a foreign page has sent, and lets an allowed page of another origin read the answer. With its visitor's cookies only
    /// where the application has named the origins.
    /// </summary>
    private async Task<bool> MayAsync(HttpContext context)
    {
        if (pages.JudgeRequest(context) is { } refusal)
        {
            await HttpAnswers.RefuseAsync(context, refusal.StatusCode, HubError.Forbidden with { Message = refusal.Reason });
            return false;
        }

        if (context.Request.Headers.Origin is { Count: 1 } origin)
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlExposeHeaders = HeaderNames.RetryAfter;
            headers.Append(HeaderNames.Vary, HeaderNames.Origin);
            if (!pages.TakesAny)
            {
                headers.AccessControlAllowCredentials = "true";
            }
        }

        return true;
    }

    private async Task<PostedMessages?> ReadMessagesAsync(HttpContext context)
    {
        (byte[]? body, int statusCode) = await JsonBody.ReadAsync(context, Options.MaxRequestBytes);
        if (body is null)
        {
            await HttpAnswers.RefuseBodyAsync(context, statusCode);
            return null;
        }

        if (PostedMessages.Read(body, hub.Context.Settings.MaxJsonDepth) is not { } messages)
        {
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, HubError.InvalidJson);
            return null;
        }

        if (messages.Count > Options.MaxRequestMessages)
        {
            await HttpAnswers.RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, HubError.TooLarge);
            return null;
        }

        return messages;
    }

    private static bool TryReadNumber(HttpContext context, string name, long otherwise, long max, out long number)
    {
        number = otherwise;
        return context.Request.Query[name] is not [{ } text]
            || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= max);
    }
}
