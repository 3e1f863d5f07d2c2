using System.Diagnostics;

namespace Longwire.AspNetCore;

/// <summary>The span of a connection's life, for traces. There is none unless somebody listens to the source.</summary>
internal static class ConnectionActivity
{
    private static readonly ActivitySource _source = new(WebSocketConnections.ActivitySourceName);

    /// <summary>
    /// Begins the span as a child of the request's, which it does not keep. It becomes the current one where the caller flows its
    /// context.
    /// </summary>
    public static Activity? Begin(string route)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        ActivityContext request = Activity.Current?.Context ?? default;
        Activity? activity = _source.StartActivity("WebSocket " + route, ActivityKind.Server, request);
        activity?.SetTag("http.route", route);
        activity?.SetTag("network.protocol.name", "websocket");
        return activity;
    }

    public static void End(Activity? activity, WebSocketConnection connection)
    {
        if (activity is null)
        {
            return;
        }

        CloseStatus status = connection.CloseStatus ?? CloseStatus.Abnormal;
        activity.SetTag("longwire.connection.id", connection.Id);
        activity.SetTag("longwire.close.status", (int)status);
        if (connection.AbortCause != ConnectionAbortCause.None)
        {
            activity.SetTag("longwire.abort.cause", connection.AbortCause.ToString());
        }

        if (connection.HandlerError is { } error)
        {
            activity.SetTag("error.type", error.GetType().FullName);
            activity.SetStatus(ActivityStatusCode.Error);
        }

        activity.Dispose();
    }
}
