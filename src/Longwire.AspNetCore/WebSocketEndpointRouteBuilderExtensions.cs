using System.Diagnostics.CodeAnalysis;
using Longwire;
using Longwire.AspNetCore;
using Longwire.Protocol;
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
    /// Maps an endpoint whose connections are served by a function with parameters of its own, bound as minimal APIs bind theirs: the
    /// <see cref="WebSocketConnection"/>, values of the route and of the query by name, headers, services, the
    /// <see cref="System.Security.Claims.ClaimsPrincipal"/>, the <see cref="HttpContext"/>; a <see cref="CancellationToken"/> is cancelled
    /// when the connection is over. A request that lacks a value is refused with 400. The connection is closed with 1000 when the function
    /// returns, with 1011 when it throws.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path's pattern.</param>
    /// <param name="serve">
    /// Serves one connection; it returns <see cref="Task"/> or <see cref="ValueTask"/>. Its services are those of the request, which then
    /// lives as long as the connection, unless it takes singletons alone.
    /// </param>
    /// <param name="configure">Sets the endpoint's options.</param>
    /// <exception cref="InvalidOperationException">When the application starts: a parameter can't be bound.</exception>
    [RequiresUnreferencedCode("Parameters are bound by reflection. Trimmed applications use the overloads that take a Func.")]
    public static IEndpointConventionBuilder MapWebSocket(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Delegate serve,
        Action<WebSocketEndpointOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(serve);
        return Map(
            endpoints,
            pattern,
            endpoint =>
            {
                var binder = new FunctionBinder(serve, ((RouteEndpointBuilder)endpoint).RoutePattern, endpoint.ApplicationServices);
                return new WebSocketHandlerSource(binder.Bind, binder.KeepsRequest);
            },
            configure
        );
    }

    /// <summary>
    /// Maps an endpoint whose connections are served by a function. The connection is closed with 1000 when the function returns, with 1011
    /// when it throws.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path's pattern.</param>
    /// <param name="serve">Serves one connection.</param>
    /// <param name="configure">Sets the endpoint's options.</param>
    public static IEndpointConventionBuilder MapWebSocket(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Func<WebSocketConnection, Task> serve,
        Action<WebSocketEndpointOptions>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(serve);
        return endpoints.MapWebSocket(pattern, (WebSocketConnection connection, CancellationToken _) => serve(connection), configure);
    }

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
        var source = new WebSocketHandlerSource(serve);
        return Map(endpoints, pattern, _ => source, configure);
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
        var source = new WebSocketHandlerSource(Bind, keepsRequest: true);
        return Map(endpoints, pattern, _ => source, configure);

        HandshakeRefusal? Bind(HttpContext context, out Func<WebSocketConnection, CancellationToken, Task> function)
        {
            function = (connection, token) => serve(connection, context, token);
            return null;
        }
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
        var source = new WebSocketHandlerSource(handler);
        return Map(endpoints, pattern, _ => source, configure);
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
            var source = new WebSocketHandlerSource(typeof(THandler));
            return Map(endpoints, pattern, _ => source, configure);
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

    /// <summary>Sets the options of an endpoint, or of all endpoints of a group; what is said later counts.</summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The endpoint, or the group.</param>
    /// <param name="configure">Sets the options.</param>
    public static TBuilder WithWebSocketOptions<TBuilder>(this TBuilder builder, Action<WebSocketEndpointOptions> configure)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.WithMetadata(new WebSocketOptionsMetadata(configure));
    }

    private static IEndpointConventionBuilder Map(
        IEndpointRouteBuilder endpoints,
        string pattern,
        Func<EndpointBuilder, WebSocketHandlerSource> source,
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

    private static void Build(
        EndpointBuilder endpoint,
        string pattern,
        Func<EndpointBuilder, WebSocketHandlerSource> source,
        WebSocketEndpointMetadata marker
    )
    {
        IServiceProvider services = endpoint.ApplicationServices;
        WebSocketEndpointOptions options = OptionsOf(endpoint);
        options.Check(pattern);
        marker.Options = options;
        // A handshake's answer is for one client, and another one must not wait for it.
        endpoint.Metadata.Add(new OutputCacheAttribute { NoStore = true });
        endpoint.RequestDelegate = new WebSocketEndpoint(
            source(endpoint),
            options,
            services,
            new EndpointMetadataCollection(endpoint.Metadata),
            pattern
        ).InvokeAsync;
    }

    /// <summary>The options that the application gives an endpoint, its group and all of them.</summary>
    internal static WebSocketEndpointOptions OptionsOf(EndpointBuilder endpoint)
    {
        WebSocketEndpointOptions options = endpoint
            .ApplicationServices.GetRequiredService<IOptions<WebSocketEndpointOptions>>()
            .Value.Copy();
        foreach (WebSocketOptionsMetadata own in endpoint.Metadata.OfType<WebSocketOptionsMetadata>())
        {
            own.Configure(options);
        }

        return options;
    }

    private static T GetRequired<T>(IServiceProvider services)
        where T : class =>
        services.GetService<T>()
        ?? throw new InvalidOperationException(
            "WebSocket endpoints need their services: call builder.Services.AddLongwire() before building the application."
        );
}
