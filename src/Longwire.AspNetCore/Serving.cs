namespace Longwire.AspNetCore;

/// <summary>Serves one connection: a handler that gets calls, or a function that reads; neither where it is closed at once.</summary>
internal readonly record struct Serving(WebSocketHandler? Handler, Func<WebSocketConnection, CancellationToken, Task>? Function);
