namespace Longwire.Hubs.Tests;

/// <summary>How a client comes into the hub.</summary>
public enum WayIn
{
    WebSocket,
    Events,
    LongPolling,
    Polling,
}
