using System.Diagnostics.Metrics;

namespace Longwire.Cli.Playground.Dashboard;

/// <summary>Listens to the meters of this server, and of no other in the process.</summary>
internal sealed class HubCounters : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _connections;
    private long _rooms;
    private long _received;
    private long _sent;

    public HubCounters(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Longwire.Hubs" && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Count(instrument.Name, value));
        _listener.Start();
    }

    public long Connections => Volatile.Read(ref _connections);

    public long Rooms => Volatile.Read(ref _rooms);

    /// <summary>The messages that came since the last call.</summary>
    public long TakeReceived() => Interlocked.Exchange(ref _received, 0);

    /// <summary>The messages that were sent since the last call.</summary>
    public long TakeSent() => Interlocked.Exchange(ref _sent, 0);

    public void Dispose() => _listener.Dispose();

    private void Count(string instrument, long value)
    {
        switch (instrument)
        {
            case "longwire.hub.connections":
                Interlocked.Add(ref _connections, value);
                break;
            case "longwire.hub.rooms":
                Interlocked.Add(ref _rooms, value);
                break;
            case "longwire.hub.messages.received":
                Interlocked.Add(ref _received, value);
                break;
            case "longwire.hub.messages.sent":
                Interlocked.Add(ref _sent, value);
                break;
        }
    }
}
