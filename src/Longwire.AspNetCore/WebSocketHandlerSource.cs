using Microsoft.AspNetCore.Http;

namespace Longwire.AspNetCore;

/// <summary>What serves an endpoint's connections: a handler that gets calls, or a function that reads.</summary>
internal sealed class WebSocketHandlerSource
{
    public WebSocketHandlerSource(WebSocketHandler handler) => Handler = handler;

    public WebSocketHandlerSource(Func<WebSocketConnection, HttpContext, CancellationToken, Task> serve)
    {
        Serve = serve;
        SeesRequest = true;
    }

    public WebSocketHandlerSource(Func<WebSocketConnection, CancellationToken, Task> serve) =>
        Serve = (connection, _, token) => serve(connection, token);

    public WebSocketHandler? Handler { get; }

    public Func<WebSocketConnection, HttpContext, CancellationToken, Task>? Serve { get; }

    /// <summary>Whether the function sees the request. Else it gets none, and the request may end before the connection does.</summary>
    public bool SeesRequest { get; }
}
