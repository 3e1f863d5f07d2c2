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

    public TimeProvider TimeProvider => Settings.TimeProvider;

    /// <summary>The date, which may be set at any time: for what others see and for the expiry of tokens, never for durations.</summary>
    public DateTimeOffset Date => TimeProvider.GetUtcNow();

    /// <summary>The date as messages carry it: milliseconds since 1970.</summary>
    public long Timestamp => Date.ToUnixTimeMilliseconds();

    /// <summary>For how long a client may send a request again, as it is told.</summary>
    public TimeSpan IdempotencyAge =>
        Engine.Publications.IdempotencyLimit is var limit && limit < Settings.IdempotencyAge ? limit : Settings.IdempotencyAge;

    /// <summary>The options of a room.</summary>
    public RoomOptions OptionsOf(string room) => RoomNames.IsOwn(room) ? Settings.OwnRooms : Settings.Rooms.Find(room) ?? _unlisted;
}
