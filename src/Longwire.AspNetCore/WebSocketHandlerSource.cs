using Microsoft.AspNetCore.Http;

namespace Longwire.AspNetCore;

/// <summary>What serves an endpoint's connections: a handler that gets calls, or a function that reads.</summary>
internal sealed class WebSocketHandlerSource
{
    public WebSocketHandlerSource(WebSocketHandler handler) => Handler = handler;

    public WebSocketHandlerSource(Func<WebSocketConnection, HttpContext, CancellationToken, Task> serve) => Serve = serve;

    public WebSocketHandler? Handler { get; }

    public Func<WebSocketConnection, HttpContext, CancellationToken, Task>? Serve { get; }
}
