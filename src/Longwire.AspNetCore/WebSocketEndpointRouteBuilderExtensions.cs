using System.Diagnostics.CodeAnalysis;
using Longwire;
using Longwire.AspNetCore;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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
    /// Maps an endpoint that is served by a handler which dependency injection makes. One handler serves all connections, which is the
    /// fastest way, unless it is registered as scoped or transient: then there is one for each connection, with the services of
    /// its request, which live as long as the connection.
    /// </summary>
    /// <typeparam name="THandler">The handler's type; one that isn't registered is made with its constructor's services.</typeparam>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path's pattern.</param>
    /// <param name="configure">Sets the endpoint's options.</param>
    /// <exception cref="InvalidOperationException">A handler for all connections takes a scoped service.</exception>
    public static IEndpointConventionBuilder MapWebSocket<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler
    >(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Action<WebSocketEndpointOptions>? configure = null)
        where THandler : WebSocketHandler
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        RegisteredServices registered = GetRequired<RegisteredServices>(endpoints.ServiceProvider);
        if (registered.LifetimeOf(typeof(THandler)) is ServiceLifetime.Scoped or ServiceLifetime.Transient)
        {
            return Map(endpoints, pattern, new WebSocketHandlerSource(typeof(THandler)), configure);
        }

        string name = typeof(THandler).Name;
        return registered.FindScoped(typeof(THandler)) is { } scoped
            ? throw new InvalidOperationException(
                $"MapWebSocket<{name}>(\"{pattern}\"): one {name} serves all connections, so it can't take the scoped service {scoped}. "
                    + $"Write builder.Services.AddScoped<{name}>() to have one for each connection."
            )
            : endpoints.MapWebSocket(
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
        _ = GetRequired<WebSocketConnections>(endpoints.ServiceProvider);
        var marker = new WebSocketEndpointMetadata();
        IEndpointConventionBuilder builder = endpoints
            .Map(pattern, static _ => Task.CompletedTask)
            .WithMetadata(marker)
            .WithDisplayName($"WebSocket {pattern}");
        if (configure is not null)
        {
            builder.WithMetadata(new WebSocketOptionsMetadata(configure));
        }

        // Last, when all is known that the application says of this endpoint and of its group.
        builder.Finally(endpoint => Build(endpoint, pattern, source, marker));
        return builder;
    }

    private static void Build(EndpointBuilder endpoint, string pattern, WebSocketHandlerSource source, WebSocketEndpointMetadata marker)
    {
        IServiceProvider services = endpoint.ApplicationServices;
        WebSocketEndpointOptions options = services.GetRequiredService<IOptions<WebSocketEndpointOptions>>().Value.Copy();
        foreach (WebSocketOptionsMetadata own in endpoint.Metadata.OfType<WebSocketOptionsMetadata>())
        {
            own.Configure(options);
        }

        options.Check(pattern);
        marker.Options = options;
        // A handshake's answer is for one client, and another one must not wait for it.
        endpoint.Metadata.Add(new OutputCacheAttribute { NoStore = true });
        endpoint.RequestDelegate = new WebSocketEndpoint(
            source,
            options,
            services,
            new EndpointMetadataCollection(endpoint.Metadata),
            pattern
        ).InvokeAsync;
    }

    private static T GetRequired<T>(IServiceProvider services)
        where T : class =>
        services.GetService<T>()
        ?? throw new InvalidOperationException(
            "WebSocket endpoints need their services: call builder.Services.AddLongwire() before building the application."
        );
}
