using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

public sealed class HubMetricsTests : IDisposable
{
    private readonly ConcurrentDictionary<string, double> _sums = new();
    private readonly MeterFactory _factory = new();
    private readonly MeterListener _listener;

    public HubMetricsTests()
    {
        _listener = Listen();
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        // Of durations the number counts.
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        _listener.Start();
    }

    [Fact]
    public async Task Connections_rooms_messages_and_refusals_are_counted()
    {
        await using Hub hub = await StartAsync(new LongwireHubOptions { MaxConnections = 2 });
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
        Assert.Equal((1, 2), (_sums["rooms"], _sums["members"]));
        await first.AskAsync("""{"type":"message","room":"general","content":1}""", "message");
        await second.NextAsync("message");
        await first.ExpectErrorAsync("x", "invalid-json");
        await first.ExpectErrorAsync("{}", "invalid-format");
        await first.ExpectErrorAsync("{}", "invalid-format");
        await second.CloseAsync();
        await first.NextAsync("user-left");
        await first.AskAsync("""{"type":"leave-room","room":"general"}""", "left-room");
        await first.ExpectNothingAsync();

        Assert.Equal(1, _sums["connections web_sockets"]);
        Assert.Equal(1, _sums["connections.rejected full"]);
        Assert.Equal((0, 0), (_sums["rooms"], _sums["members"]));
        Assert.Equal(8, _sums["messages.received"]);
        Assert.Equal(1, _sums["messages.rejected invalid-json"]);
        Assert.Equal(2, _sums["messages.rejected invalid-format"]);
        Assert.Equal(1, _sums["publish.duration published"]);
        Assert.Equal(1, _sums["delivery.duration"]);

        // 2 connected, 2 joined-room, user-joined, 2 message, 3 error, user-left, left-room, pong.
        Assert.Equal(13, _sums["messages.sent"]);
        first.Abort();
    }

    [Fact]
    public async Task Lost_and_resumed_sessions_and_what_they_recover_are_counted()
    {
        var rooms = new RoomOptionsTable { Default = new RoomOptions { HistorySize = 2 } };
        await using Hub hub = await StartAsync(new LongwireHubOptions { Rooms = rooms });
        HubHandshake handshake = new() { Identity = new HubIdentity("ann") };
        var handler = new HubHandler(hub, _ => handshake);
        var client = TestClient.OverPipes(handler, options: null, pipeBytes: 64 * 1024);
        client.Connected = await client.NextAsync("connected");
        string epoch = (await client.JoinAsync("general")).Text("epoch");
        await client.LoseAsync();
        await Eventually.TrueAsync(() => _sums.GetValueOrDefault("sessions.lost") == 1);
        for (int count = 0; count < 3; count++)
        {
            await hub.PublishAsync("general", "1"u8.ToArray());
        }

        handshake = new HubHandshake { Identity = new HubIdentity("ann"), Session = client.Secret };
        client = TestClient.OverPipes(handler, options: null, pipeBytes: 64 * 1024);
        await client.NextAsync("connected");
        await RecoverAsync(client, epoch, offset: 1);
        await RecoverAsync(client, epoch, offset: 0);

        Assert.Equal((0, 1), (_sums["sessions.lost"], _sums["sessions.resumed"]));
        Assert.Equal((1, 1), (_sums["recoveries True"], _sums["recoveries False"]));
        client.Abort();
    }

    [Fact]
    public async Task The_members_of_a_session_that_ends_are_counted_out()
    {
        await using Hub hub = await StartAsync(new LongwireHubOptions { ResumeWindow = TimeSpan.Zero });
        SilentConnection connection = new();
        hub.Accept(connection, new HubHandshake { Identity = new HubIdentity("ann") });
        connection.Session!.Receive(connection, MessageType.Text, """{"type":"join-room","room":"general"}"""u8);
        await Eventually.TrueAsync(() => _sums.GetValueOrDefault("members") == 1);
        hub.Release(connection, CloseStatus.Abnormal);
        await Eventually.TrueAsync(() => _sums["members"] == 0);
        Assert.Equal((0, 0), (_sums["connections test"], _sums["rooms"]));
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        using MeterListener silent = Listen();
        long measured = 0;
        silent.SetMeasurementEventCallback<long>((_, _, _, _) => measured++);
        silent.SetMeasurementEventCallback<double>((_, _, _, _) => measured++);
        _listener.Dispose();
        silent.Start();
        using var metrics = new HubMetrics(_factory);
        CountAll(metrics);
        Assert.Equal(16, measured);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1_000; round++)
        {
            CountAll(metrics);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _factory.Dispose();
    }

    private static void CountAll(HubMetrics metrics)
    {
        metrics.ConnectionOpened("web_sockets");
        metrics.ConnectionClosed("web_sockets");
        metrics.ConnectionRejected("full");
        metrics.SessionLost();
        metrics.SessionNoLongerLost();
        metrics.SessionResumed();
        metrics.RoomOpened();
        metrics.RoomClosed();
        metrics.MemberCame();
        metrics.MemberWent();
        metrics.MessageReceived();
        metrics.MessagesSent(3);
        metrics.MessageRejected(HubError.RateLimited);
        metrics.Recovered(wasAllThere: true);
        metrics.Published(TimeSpan.FromMilliseconds(1), "published");
        metrics.Delivered(TimeSpan.FromMilliseconds(1));
    }

    private static async Task RecoverAsync(TestClient client, string epoch, long offset) =>
        await client.AskAsync(
            $$$"""{"type":"join-room","room":"general","recover":{"epoch":"{{{epoch}}}","offset":{{{offset}}}}}""",
            "joined-room"
        );

    private async Task<Hub> StartAsync(LongwireHubOptions options)
    {
        options.TimeProvider = new HubTestClock();
        var hub = new Hub(options, new DemoTokenValidator(), meterFactory: _factory);
        await hub.StartAsync();
        return hub;
    }

    private MeterListener Listen() =>
        new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (_factory.Owns(instrument.Meter))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string key = instrument.Name["longwire.hub.".Length..];
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            key += " " + tag.Value;
        }

        _sums.AddOrUpdate(key, value, (_, sum) => sum + value);
    }

    private sealed class MeterFactory : IMeterFactory
    {
        private readonly ConcurrentBag<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public bool Owns(Meter meter) => _meters.Contains(meter);

        public void Dispose()
        {
            foreach (Meter meter in _meters)
            {
                meter.Dispose();
            }
        }
    }
}
