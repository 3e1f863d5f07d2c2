using System.Diagnostics.Metrics;

namespace Longwire.Hubs;

/// <summary>
/// The hub's figures, for any listener of <c>System.Diagnostics.Metrics</c>. Counting allocates nothing, and costs next to nothing while
/// nobody listens.
/// </summary>
internal sealed class HubMetrics : IDisposable
{
    public const string MeterName = "Longwire.Hubs";

    private const string Transport = "longwire.hub.transport";
    private const string Error = "error.type";

    private static readonly object _true = true;
    private static readonly object _false = false;

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly UpDownCounter<long> _connections;
    private readonly UpDownCounter<long> _lostSessions;
    private readonly UpDownCounter<long> _rooms;
    private readonly UpDownCounter<long> _members;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _rejectedMessages;
    private readonly Counter<long> _rejectedConnections;
    private readonly Counter<long> _slowConsumers;
    private readonly Counter<long> _resumed;
    private readonly Counter<long> _recoveries;
    private readonly Counter<long> _resets;
    private readonly Histogram<double> _publishing;
    private readonly Histogram<double> _delivering;

    public HubMetrics(IMeterFactory? factory)
    {
        Meter meter = _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _ownsMeter = factory is null;
        _connections = meter.CreateUpDownCounter<long>("longwire.hub.connections", "{connection}", "Connections now open.");
        _lostSessions = meter.CreateUpDownCounter<long>(
            "longwire.hub.sessions.lost",
            "{session}",
            "Sessions now without a connection, which their clients may resume."
        );
        _rooms = meter.CreateUpDownCounter<long>("longwire.hub.rooms", "{room}", "Rooms that have members on this node now.");
        _members = meter.CreateUpDownCounter<long>("longwire.hub.members", "{member}", "Members of rooms on this node now.");
        _received = meter.CreateCounter<long>("longwire.hub.messages.received", "{message}", "Messages that clients sent.");
        _sent = meter.CreateCounter<long>("longwire.hub.messages.sent", "{message}", "Messages handed to clients' send queues.");
        _rejectedMessages = meter.CreateCounter<long>(
            "longwire.hub.messages.rejected",
            "{message}",
            "Messages answered with an error, by its code."
        );
        _rejectedConnections = meter.CreateCounter<long>(
            "longwire.hub.connections.rejected",
            "{connection}",
            "Connections not let in, by reason."
        );
        _slowConsumers = meter.CreateCounter<long>(
            "longwire.hub.connections.too_slow",
            "{connection}",
            "Connections closed because they did not keep up."
        );
        _resumed = meter.CreateCounter<long>("longwire.hub.sessions.resumed", "{session}", "Sessions that their clients came back to.");
        _recoveries = meter.CreateCounter<long>(
            "longwire.hub.recoveries",
            "{recovery}",
            "Joins that asked for what was missed, by whether the history still had all of it."
        );
        _resets = meter.CreateCounter<long>(
            "longwire.hub.rooms.reset",
            "{reset}",
            "Times that a room's sequence could not be followed, and its members were told so."
        );
        _publishing = CreateTimes(
            meter,
            "longwire.hub.publish.duration",
            "From the call until the engine has the publication, by what became of it."
        );
        _delivering = CreateTimes(
            meter,
            "longwire.hub.delivery.duration",
            "From the moment that this node hears of a publication until the last member of an event loop has it in its queue."
        );
    }

    /// <summary>Whether anybody wants to know how long publishing takes.</summary>
    public bool TimesPublications => _publishing.Enabled;

    /// <summary>Whether anybody wants to know how long deliveries take.</summary>
    public bool TimesDeliveries => _delivering.Enabled;

    public void ConnectionOpened(string transport) => _connections.Add(1, Tag(Transport, transport));

    public void ConnectionClosed(string transport) => _connections.Add(-1, Tag(Transport, transport));

    public void ConnectionRejected(string reason) => _rejectedConnections.Add(1, Tag(Error, reason));

    public void SessionLost() => _lostSessions.Add(1);

    public void SessionNoLongerLost() => _lostSessions.Add(-1);

    public void SessionResumed() => _resumed.Add(1);

    public void RoomOpened() => _rooms.Add(1);

    public void RoomClosed() => _rooms.Add(-1);

    public void MemberCame() => _members.Add(1);

    public void MemberWent() => _members.Add(-1);

    public void MessageReceived() => _received.Add(1);

    public void MessagesSent(int count) => _sent.Add(count);

    public void MessageRejected(HubError error) => _rejectedMessages.Add(1, Tag(Error, error.Code));

    public void SlowConsumerClosed() => _slowConsumers.Add(1);

    public void Recovered(bool wasAllThere) =>
        _recoveries.Add(1, new KeyValuePair<string, object?>("longwire.hub.recovered", wasAllThere ? _true : _false));

    public void RoomReset() => _resets.Add(1);

    public void Published(TimeSpan duration, string outcome) =>
        _publishing.Record(duration.TotalSeconds, Tag("longwire.hub.publish.outcome", outcome));

    public void Delivered(TimeSpan duration) => _delivering.Record(duration.TotalSeconds);

    /// <summary>Whether an instrument is one of these: another hub in the process has some of the same names.</summary>
    public bool Owns(Instrument instrument) => instrument.Meter == _meter;

    public void Dispose()
    {
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    /// <summary>From what memory takes to what an engine that is about to be away takes.</summary>
    private static Histogram<double> CreateTimes(Meter meter, string name, string description) =>
        meter.CreateHistogram(
            name,
            "s",
            description,
            tags: null,
            new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
            }
        );
}
