namespace Longwire.Hubs.Tests;

/// <summary>Each way into a hub, with nothing between.</summary>
public static class WaysInDirectlyTests
{
    public sealed class ByWebSocket() : WaysInTests(WayIn.WebSocket);

    public sealed class ByEvents() : WaysInTests(WayIn.Events);

    public sealed class ByEventsOnEpoll() : WaysInTests(WayIn.Events, ServerTransport.Epoll);

    public sealed class ByLongPolling() : WaysInTests(WayIn.LongPolling);

    public sealed class ByLongPollingOnIoUring() : WaysInTests(WayIn.LongPolling, ServerTransport.IoUring);

    public sealed class ByPolling() : WaysInTests(WayIn.Polling);
}
