namespace Longwire.Hubs;

/// <summary>The services that all parts of a node share and none of them owns.</summary>
internal sealed record NodeContext(
    string Id,
    LongwireHubOptions Settings,
    IHubEngine Engine,
    MonotonicClock Clock,
    HubLog Log,
    HubMetrics Metrics,
    LiveTraces Traces,
    CancellationToken Stopping
)
{
    /// <summary>For rooms that the options don't know, but that the application publishes in all the same.</summary>
    private static readonly RoomOptions _unlisted = new();

    public bool IsStopping => Stopping.IsCancellationRequested;

    /// <summary>The options of a room.</summary>
    public RoomOptions OptionsOf(string room) => RoomNames.IsOwn(room) ? Settings.OwnRooms : Settings.Rooms.Find(room) ?? _unlisted;
}
