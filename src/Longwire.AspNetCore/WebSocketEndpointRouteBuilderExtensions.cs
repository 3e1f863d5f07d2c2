using System.Diagnostics.CodeAnalysis;
using Longwire;
using Longwire.AspNetCore;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>
/// Maps WebSocket endpoints. They work with routing, authorization, CORS-like origin rules and everything else that endpoints work with.
/// </summary>
public static class WebSocketEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps an endpoint whose connections are served by a function. The connection is closed with 1000 when the function returns, with 1011
    /// when it throws.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path's pattern.</param>
    /// <param name="serve">Serves one connection. The token is cancelled when the connection is over.</param>
    /// <param name="configure">Sets the endpoint's options.</param>
    public static IEndpointConventionBuilder MapWebSocket(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Func<WebSocketConnection, CancellationToken, Task> serve,
        Action<WebSocketEndpointOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(serve);
        return Map(endpoints, pattern, new WebSocketHandlerSource(serve), configure);
    }

    /// <summary>
    /// Maps an endpoint whose connections are served by a function that sees the request too. The connection is closed with 1000 when the
    /// function returns, with 1011 when it throws.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path's pattern.</param>
    /// <param name="serve">Serves one connection. The token is cancelled when the connection is over.</param>
    /// <param name="configure">Sets the endpoint's options.</param>
    public static IEndpointConventionBuilder MapWebSocket(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Func<WebSocketConnection, HttpContext, CancellationToken, Task> serve,
        Action<WebSocketEndpointOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(serve);
        return Map(endpoints, pattern, new WebSocketHandlerSource(serve), configure);
    }

    /// <summary>Maps an endpoint whose connections are all served by one handler: the fastest way.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path's pattern.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Sets the endpoint's options.</param>
    public static IEndpointConventionBuilder MapWebSocket(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        WebSocketHandler handler,
        Action<WebSocketEndpointOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Map(endpoints, pattern, new WebSocketHandlerSource(handler), configure);
    }

    /// <summary>
    /// Maps an endpoint whose connections are all served by one handler, which dependency injection makes: the fastest way.
    /// </summary>
    /// <typeparam name="THandler">The handler's type; one that isn't registered is made with its constructor's services.</typeparam>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path's pattern.</param>
    /// <param name="configure">Sets the endpoint's options.</param>
    public static IEndpointConventionBuilder MapWebSocket<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler
    >(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Action<WebSocketEndpointOptions>? configure = null)
        where THandler : WebSocketHandler
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.MapWebSocket(
            pattern,
            ActivatorUtilities.GetServiceOrCreateInstance<THandler>(endpoints.ServiceProvider),
            configure
        );
    }

    private static IEndpointConventionBuilder Map(
        IEndpointRouteBuilder endpoints,
        string pattern,
        WebSocketHandlerSource source,
        Action<WebSocketEndpointOptions>? configure
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        IServiceProvider services = endpoints.ServiceProvider;
        WebSocketConnections connections =
            services.GetService<WebSocketConnections>()
            ?? throw new InvalidOperationException(
                "WebSocket endpoints need their services: call builder.Services.AddLongwire() before building the application."
            );
        WebSocketEndpointOptions options = services.GetRequiredService<IOptions<WebSocketEndpointOptions>>().Value.Copy();
        configure?.Invoke(options);
        options.Check();
        var endpoint = new WebSocketEndpoint(
            source,
            options,
            connections,
            pattern,
            services.GetRequiredService<ILoggerFactory>().CreateLogger<WebSocketEndpoint>()
        );
        return endpoints
            .Map(pattern, endpoint.InvokeAsync)
            .WithMetadata(WebSocketEndpointMetadata.Instance)
            .WithDisplayName($"WebSocket {pattern}");
    }
}
