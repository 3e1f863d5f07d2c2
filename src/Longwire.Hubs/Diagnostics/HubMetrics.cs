using System.Diagnostics.Metrics;

namespace Longwire.Hubs;

/// <summary>The hub's figures, for any listener of <c>System.Diagnostics.Metrics</c>. The meter's name is <c>Longwire.Hubs</c>.</summary>
internal sealed class HubMetrics : IDisposable
{
    public const string MeterName = "Longwire.Hubs";

    private readonly Meter? _ownMeter;
    private readonly UpDownCounter<long> _connections;
    private readonly UpDownCounter<long> _rooms;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _rejectedMessages;
    private readonly Counter<long> _rejectedConnections;
    private readonly Counter<long> _slowConsumers;

    public HubMetrics(IMeterFactory? factory)
    {
        Meter meter = factory?.Create(MeterName) ?? (_ownMeter = new Meter(MeterName));
        _connections = meter.CreateUpDownCounter<long>("longwire.hub.connections", "{connection}", "Connections now open.");
        _rooms = meter.CreateUpDownCounter<long>("longwire.hub.rooms", "{room}", "Rooms that have members on this node now.");
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
    }

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    public void ConnectionRejected(string reason) => _rejectedConnections.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void RoomOpened() => _rooms.Add(1);

    public void RoomClosed() => _rooms.Add(-1);

    public void MessageReceived() => _received.Add(1);

    public void MessagesSent(int count) => _sent.Add(count);

    public void MessageRejected(HubError error) => _rejectedMessages.Add(1, new KeyValuePair<string, object?>("code", error.Code));

    public void SlowConsumerClosed() => _slowConsumers.Add(1);

    public void Dispose() => _ownMeter?.Dispose();
}
