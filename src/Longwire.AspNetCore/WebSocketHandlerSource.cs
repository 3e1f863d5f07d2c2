using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.AspNetCore;

/// <summary>What serves an endpoint's connections: a handler that gets calls, or a function that reads.</summary>
internal sealed class WebSocketHandlerSource
{
    private readonly WebSocketHandler? _handler;
    private readonly Type? _handlerType;

    public WebSocketHandlerSource(WebSocketHandler handler) => _handler = handler;

    /// <summary>A handler for each connection, from the services of its request.</summary>
    public WebSocketHandlerSource(Type handlerType)
    {
        _handlerType = handlerType;
        KeepsRequest = true;
    }

    public WebSocketHandlerSource(Func<WebSocketConnection, HttpContext, CancellationToken, Task> serve)
    {
        Serve = serve;
        KeepsRequest = true;
    }

    public WebSocketHandlerSource(Func<WebSocketConnection, CancellationToken, Task> serve) =>
        Serve = (connection, _, token) => serve(connection, token);

    public Func<WebSocketConnection, HttpContext, CancellationToken, Task>? Serve { get; }

    /// <summary>
    /// Whether the connection needs its request as long as it lives. Else it gets none, and the request may end before the connection does.
    /// </summary>
    public bool KeepsRequest { get; }

    /// <summary>The handler of a request's connection; null where a function reads.</summary>
    public WebSocketHandler? HandlerFor(HttpContext context) =>
        _handlerType is null ? _handler : (WebSocketHandler)context.RequestServices.GetRequiredService(_handlerType);
}
