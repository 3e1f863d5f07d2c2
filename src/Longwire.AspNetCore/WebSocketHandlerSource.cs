using Longwire.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.AspNetCore;

/// <summary>Serves an endpoint's connections: a handler that gets calls, or a function that reads.</summary>
internal sealed class WebSocketHandlerSource
{
    public delegate HandshakeRefusal? BindRequest(HttpContext context, out Func<WebSocketConnection, CancellationToken, Task>? function);

    private readonly Serving _shared;
    private readonly Type? _handlerType;
    private readonly BindRequest? _bind;

    public WebSocketHandlerSource(WebSocketHandler handler) => _shared = new Serving(handler, null);

    public WebSocketHandlerSource(Func<WebSocketConnection, CancellationToken, Task> function) => _shared = new Serving(null, function);

    /// <summary>A handler for each connection, from the services of its request.</summary>
    public WebSocketHandlerSource(Type handlerType)
    {
        _handlerType = handlerType;
        KeepsRequest = true;
    }

    /// <summary>A function that takes something of the request.</summary>
    public WebSocketHandlerSource(BindRequest bind, bool keepsRequest)
    {
        _bind = bind;
        KeepsRequest = keepsRequest;
    }

    /// <summary>
    /// Whether the connection needs its request as long as it lives. Else it gets none, and the request may end before the connection does.
    /// </summary>
    public bool KeepsRequest { get; }

    /// <summary>Serves a request's connection.</summary>
    /// <returns>Null, or why the request is refused.</returns>
    public HandshakeRefusal? Bind(HttpContext context, out Serving serving)
    {
        serving = _shared;
        if (_handlerType is not null)
        {
            serving = new Serving((WebSocketHandler)context.RequestServices.GetRequiredService(_handlerType), null);
        }
        else if (_bind is not null)
        {
            HandshakeRefusal? refusal = _bind(context, out Func<WebSocketConnection, CancellationToken, Task>? function);
            serving = new Serving(null, function);
            return refusal;
        }

        return null;
    }
}
