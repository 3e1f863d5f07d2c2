using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Longwire.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Routing;

namespace Longwire.Hubs;

/// <summary>
/// The administrator's page and API. A request is let in by a token in <c>Authorization: Bearer</c> and by nothing else, so that no page
/// can have a browser send it; the page itself needs none, and says nothing.
/// </summary>
internal sealed class HubAdmin
{
    private const int MaxBodyBytes = 4 * 1024;

    private readonly Hub _hub;
    private readonly AdminAudit _audit;
    private readonly AdminQueries _queries;
    private readonly AdminActions _actions;
    private readonly AdminTracing _tracing;

    public HubAdmin(Hub hub, IHub application)
    {
        _hub = hub;
        HubAdminOptions options = hub.Settings.Admin;
        _audit = new AdminAudit(options.AuditEntries, hub.Log, hub.TimeProvider);
        Gate = new AdminGate(options, _audit, hub.Clock);
        _queries = new AdminQueries(hub, new AdminRates(hub));
        _actions = new AdminActions(hub, application, _audit);
        _tracing = new AdminTracing(hub, _audit);
    }

    /// <summary>The way in for those who have a token; applications of this repository let their own requests in by it, too.</summary>
    public AdminGate Gate { get; }

    /// <summary>Maps the page and the API; nothing where no token is set.</summary>
    public void Map(IEndpointRouteBuilder endpoints, IServiceProvider services)
    {
        if (!Gate.IsOn)
        {
            return;
        }

        var pages = new PageRule(OriginRule.SameHost, services);
        foreach (string name in AdminPages.Names)
        {
            RequestDelegate serve = AdminPages.Serve(name);
            Add(HttpMethods.Get, name == "index.html" ? "/" : "/" + name, name == "index.html" ? AtFolder(serve) : serve);
        }

        Look("status", AdminJson.Default.AdminStatus, (caller, _) => _queries.Status(caller));
        Look("connections", AdminJson.Default.AdminConnections, (_, context) => _queries.Connections(context.Request.Query));
        Look("rooms", AdminJson.Default.AdminRooms, (_, context) => _queries.Rooms(context.Request.Query));
        Look("bans", AdminJson.Default.AdminBans, (_, context) => _queries.Bans(context.Request.Query));
        Look("audit", AdminJson.Default.AdminAuditLog, (_, _) => new AdminAuditLog(_audit.ToArray()));
        Add(HttpMethods.Get, "/api/trace", context => LetInAsync(context, pages, AdminRights.Read, TraceAsync));
        Act("kick", _actions.KickAsync);
        Act("revoke", _actions.RevokeAsync);
        Act("ban", _actions.BanAsync);
        Act("drain", _actions.DrainAsync);

        void Look<T>(string name, JsonTypeInfo<T> json, Func<AdminCaller, HttpContext, T> answer) =>
            Add(
                HttpMethods.Get,
                "/api/" + name,
                context =>
                    LetInAsync(
                        context,
                        pages,
                        AdminRights.Read,
                        (_, caller) => AnswerAsync(context, StatusCodes.Status200OK, answer(caller, context), json)
                    )
            );

        void Act(string name, Func<AdminCaller, AdminAction, CancellationToken, Task<(AdminDone?, AdminRefusal?)>> act) =>
            Add(
                HttpMethods.Post,
                "/api/" + name,
                context => LetInAsync(context, pages, AdminRights.Act, (_, caller) => ActAsync(context, caller, act))
            );

        void Add(string method, string path, RequestDelegate serve) =>
            endpoints
                .MapMethods(path, [method], context => GuardedAsync(context, serve))
                .WithDisplayName($"Longwire administration {method} {path}")
                .WithMetadata(new OutputCacheAttribute { NoStore = true });
    }

    private static Task GuardedAsync(HttpContext context, RequestDelegate serve)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        return serve(context);
    }

    /// <summary>The page names its files relative to itself, so that its address ends with a slash.</summary>
    private static RequestDelegate AtFolder(RequestDelegate serve) =>
        context =>
        {
            if (context.Request.Path.Value is { } path && path.EndsWith('/'))
            {
                return serve(context);
            }

            context.Response.Redirect(context.Request.PathBase.Add(context.Request.Path) + "/");
            return Task.CompletedTask;
        };

    private async Task LetInAsync(HttpContext context, PageRule pages, AdminRights needed, Func<HttpContext, AdminCaller, Task> serve)
    {
        if (pages.JudgeRequest(context) is { } refusal)
        {
            await RefuseAsync(context, refusal.StatusCode, new AdminRefusal("forbidden", refusal.Reason)).ConfigureAwait(false);
        }
        else if (Gate.LetIn(context) is not { } caller)
        {
            int statusCode = context.Response.StatusCode;
            AdminRefusal answer =
                statusCode == StatusCodes.Status429TooManyRequests
                    ? new("rate-limited", "Too many wrong tokens came from this address. Try again later.")
                    : new("unauthenticated", "Send the token as Authorization: Bearer. Nothing else is read.");
            await RefuseAsync(context, statusCode, answer).ConfigureAwait(false);
        }
        else
        {
            await (caller.Rights.HasFlag(needed) ? serve(context, caller) : ForbidAsync(context, caller)).ConfigureAwait(false);
        }
    }

    private Task ForbidAsync(HttpContext context, AdminCaller caller)
    {
        _audit.Add(AdminEvent.Forbidden, caller, context.Request.Path.Value ?? "");
        return RefuseAsync(context, StatusCodes.Status403Forbidden, new AdminRefusal("forbidden", "This token does not allow that."));
    }

    private static async Task ActAsync(
        HttpContext context,
        AdminCaller caller,
        Func<AdminCaller, AdminAction, CancellationToken, Task<(AdminDone?, AdminRefusal?)>> act
    )
    {
        (byte[]? body, int statusCode) = await JsonBody.ReadAsync(context, MaxBodyBytes).ConfigureAwait(false);
        if (body is null)
        {
            await HttpAnswers.RefuseBodyAsync(context, statusCode).ConfigureAwait(false);
            return;
        }

        AdminDone? done = null;
        AdminRefusal? refusal;
        try
        {
            AdminAction? action = JsonSerializer.Deserialize(body, AdminJson.Default.AdminAction);
            (done, refusal) = action is null
                ? (null, new AdminRefusal("invalid-json", "The body is a JSON object."))
                : await act(caller, action, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            refusal = new AdminRefusal("invalid-json", "The body is no JSON, or has a field that is not known.");
        }
        catch (HubUnavailableException)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, new AdminRefusal("unavailable", "The engine is away."))
                .ConfigureAwait(false);
            return;
        }
        catch (InvalidOperationException exception)
        {
            refusal = new AdminRefusal("forbidden", exception.Message);
        }

        await (
            done is null
                ? RefuseAsync(context, StatusCodes.Status400BadRequest, refusal!)
                : AnswerAsync(context, StatusCodes.Status200OK, done, AdminJson.Default.AdminDone)
        ).ConfigureAwait(false);
    }

    private async Task TraceAsync(HttpContext context, AdminCaller caller)
    {
        IQueryCollection query = context.Request.Query;
        bool isRoom = query["room"].Count == 1;
        string name = query[isRoom ? "room" : "user"].ToString();
        bool withContents = query["contents"].Count > 0;
        bool isNamed = isRoom
            ? query["user"].Count == 0 && Names.TryNormalize(name, _hub.Settings.MaxRoomNameLength, out name)
            : name.Length is > 0 and <= LongwireHubOptions.MaxUserIdLength;
        if (!isNamed)
        {
            var answer = new AdminRefusal("invalid-format", "Say whom: ?user= or ?room=, one of them.");
            await RefuseAsync(context, StatusCodes.Status400BadRequest, answer).ConfigureAwait(false);
        }
        else if (withContents && !caller.Rights.HasFlag(AdminRights.Contents))
        {
            await ForbidAsync(context, caller).ConfigureAwait(false);
        }
        else if (_tracing.Begin(caller, isRoom, name, withContents) is { } trace)
        {
            await _tracing.WriteAsync(context, caller, trace).ConfigureAwait(false);
        }
        else
        {
            await RefuseAsync(context, StatusCodes.Status409Conflict, AdminTracing.Busy).ConfigureAwait(false);
        }
    }

    private static Task RefuseAsync(HttpContext context, int statusCode, AdminRefusal refusal) =>
        AnswerAsync(context, statusCode, refusal, AdminJson.Default.AdminRefusal);

    private static Task AnswerAsync<T>(HttpContext context, int statusCode, T answer, JsonTypeInfo<T> json) =>
        HttpAnswers.WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(answer, json), statusCode);
}
