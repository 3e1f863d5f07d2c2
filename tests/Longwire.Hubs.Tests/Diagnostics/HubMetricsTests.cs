using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Longwire.Hubs.Tests;

public sealed class HubMetricsTests
{
    [Fact]
    public async Task Connections_rooms_messages_and_refusals_are_counted()
    {
        var sums = new ConcurrentDictionary<string, long>();
        using var factory = new MeterFactory();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (factory.Owns(instrument.Meter))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) =>
            {
                string key = instrument.Name["longwire.hub.".Length..];
                foreach (KeyValuePair<string, object?> tag in tags)
                {
                    key += " " + tag.Value;
                }

                sums.AddOrUpdate(key, value, (_, sum) => sum + value);
            }
        );
        listener.Start();

        await using var hub = new Hub(new LongwireHubOptions { MaxConnections = 2 }, new DemoTokenValidator(), meterFactory: factory);
        await hub.StartAsync();
        int users = 0;
        var handler = new HubHandler(hub, _ => new HubHandshake { Identity = new HubIdentity("user-" + Interlocked.Increment(ref users)) });
        var first = TestClient.OverPipes(handler, options: null, pipeBytes: 64 * 1024);
        var second = TestClient.OverPipes(handler, options: null, pipeBytes: 64 * 1024);
        await first.NextAsync("connected");
        await second.NextAsync("connected");
        await TestClient.OverPipes(handler, options: null, pipeBytes: 64 * 1024).ClosedAsync();
        await first.JoinAsync("general");
        await second.JoinAsync("general");
        await first.NextAsync("user-joined");
        await first.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
        await second.NextAsync("message");
        await first.ExpectErrorAsync("x", "invalid-json");
        await first.ExpectErrorAsync("{}", "invalid-format");
        await first.ExpectErrorAsync("{}", "invalid-format");
        await second.CloseAsync();
        await first.NextAsync("user-left");
        await first.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        await first.ExpectNothingAsync();

        Assert.Equal(1, sums["connections"]);
        Assert.Equal(1, sums["connections.rejected full"]);
        Assert.Equal(0, sums["rooms"]);
        Assert.Equal(8, sums["messages.received"]);
        Assert.Equal(1, sums["messages.rejected invalid-json"]);
        Assert.Equal(2, sums["messages.rejected invalid-format"]);

        // 2 connected, 2 joined-room, user-joined, 2 message, 3 error, user-left, left-room, pong.
        Assert.Equal(13, sums["messages.sent"]);
        first.Abort();
    }

    private sealed class MeterFactory : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public bool Owns(Meter meter) => _meters.Contains(meter);

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
