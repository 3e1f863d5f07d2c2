using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Longwire;
using Longwire.Yjs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps endpoints for Yjs.</summary>
public static class YjsEndpointRouteBuilderExtensions
{
    private const string DocumentParameter = "document";
    private const int DefaultMaxMessageBytes = 16 << 20;

    /// <summary>
    /// Maps an endpoint that serves Yjs documents to the provider of npm's <c>y-websocket</c>. Needs <c>builder.Services.AddLongwire()</c>.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">
    /// The path's pattern with a parameter <c>{document}</c>, the name; <c>{**document}</c> for names with slashes.
    /// </param>
    /// <param name="configure">Sets the options.</param>
    /// <exception cref="ArgumentException">The pattern names no document.</exception>
    public static YjsEndpointBuilder MapYjs(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Action<YjsOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (RoutePatternFactory.Parse(pattern).GetParameter(DocumentParameter) is null)
        {
            throw new ArgumentException(
                $"MapYjs(\"{pattern}\"): the pattern doesn't say where the document's name stands. Write \"{pattern.TrimEnd('/')}/{{document}}\".",
                nameof(pattern)
            );
        }

        YjsEndpointBuilder? builder = null;
        IEndpointConventionBuilder endpoint = endpoints.MapWebSocket(
            pattern,
            new YjsHandler(),
            endpointOptions =>
            {
                endpointOptions.Connection = endpointOptions.Connection with { MaxMessageBytes = DefaultMaxMessageBytes };
                var options = new YjsOptions(endpointOptions);
                configure?.Invoke(options);
                options.Check();
                endpointOptions.Connection = endpointOptions.Connection with { SendQueueFullMode = SendQueueFullMode.Wait };
                ILogger logger = endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("Longwire.Yjs");
                var metrics = new YjsMetrics(endpoints.ServiceProvider.GetRequiredService<IMeterFactory>(), pattern);
                var documents = new LiveDocuments(options, metrics, logger);
                endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(documents.CloseAll);
                endpointOptions.CreateUserState = context => JoinAsync(context, documents, options, builder!.JoinHook);
            }
        );
        return builder = new YjsEndpointBuilder(endpoint);
    }

    private static async ValueTask<object?> JoinAsync(
        HttpContext context,
        LiveDocuments documents,
        YjsOptions options,
        Func<YjsJoinRequest, ValueTask<YjsDecision>> hook
    )
    {
        string name = (string?)context.Request.RouteValues[DocumentParameter] ?? "";
        if (name.Length == 0 || name.Length > options.MaxDocumentNameLength || name.Any(char.IsControl))
        {
            await RefuseAsync(
                context,
                StatusCodes.Status400BadRequest,
                $"A document's name has 1 to {options.MaxDocumentNameLength} characters, and no control characters."
            );
            return null;
        }

        YjsDecision decision = await hook(new YjsJoinRequest(name, context));
        if (decision.Refusal is not null)
        {
            // Browsers don't show pages why a handshake was refused; so it is accepted, and the provider told.
            return new YjsMember(null, decision);
        }

        (LiveDocument? document, string? refusal) = await documents.OpenAsync(name, context.RequestAborted);
        if (document is null)
        {
            context.Response.Headers.RetryAfter = "5";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, refusal!);
            return null;
        }

        return new YjsMember(document, decision);
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason + "\n", context.RequestAborted);
    }
}
