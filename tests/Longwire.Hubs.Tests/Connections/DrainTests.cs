using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

/// <summary>A node that goes away for a restart.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task Fifteen_thousand_connections_leave_at_the_rate_and_each_has_a_delay_of_its_own()
    {
        const int count = 15_000;
        const double rate = 500;
        await using TestHub hub = await TestHub.StartAsync(static options =>
            (options.MaxConnections, options.MaxConnectionsPerUser) = (20_000, 20_000)
        );
        var connections = new SilentConnection[count];
        for (int index = 0; index < count; index++)
        {
            connections[index] = new SilentConnection();
            hub.Hub.Accept(connections[index], new HubHandshake { Identity = new HubIdentity("user" + index) });
        }

        Task draining = hub.Hub.DrainAsync(new() { Rate = rate, Timeout = TimeSpan.FromHours(1) });
        Assert.False(hub.Hub.IsReady);
        int Told() => connections.Count(static connection => connection.StartedClosing is not null);
        for (int second = 1; second <= count / rate; second++)
        {
            hub.Time.Advance(TimeSpan.FromSeconds(1));
            double due = second * rate;
            await Eventually.TrueAsync(() => Told() >= due * 0.9);
            Assert.InRange(Told(), due * 0.9, due * 1.1);
        }

        await Eventually.TrueAsync(() => Told() == count);
        Assert.All(connections, static connection => Assert.Equal(CloseStatus.ServiceRestart, connection.StartedClosing));
        foreach (SilentConnection connection in connections)
        {
            hub.Hub.Release(connection, CloseStatus.ServiceRestart);
        }

        await draining.WaitAsync(HubWay.Patience);
    }

    [Fact]
    public async Task A_second_drain_waits_for_the_first_and_cuts_nobody_off()
    {
        await using TestHub hub = await TestHub.StartAsync();
        SilentConnection[] connections = [new(), new()];
        foreach (SilentConnection connection in connections)
        {
            hub.Hub.Accept(connection, new HubHandshake { Identity = new HubIdentity("ann") });
        }

        Task first = hub.Hub.DrainAsync(new() { Rate = 1 });
        Task second = hub.Hub.DrainAsync(new() { Rate = 1_000 });
        for (int told = 1; told <= connections.Length; told++)
        {
            hub.Time.Advance(TimeSpan.FromSeconds(1));
            await Eventually.TrueAsync(() => connections.Count(static connection => connection.StartedClosing is not null) == told);
            Assert.False(second.IsCompleted);
        }

        foreach (SilentConnection connection in connections)
        {
            Assert.Equal(CloseStatus.ServiceRestart, connection.StartedClosing);
            hub.Hub.Release(connection, CloseStatus.ServiceRestart);
        }

        await Task.WhenAll(first, second).WaitAsync(HubWay.Patience);
    }

    [Theory]
    [InlineData(WayIn.WebSocket)]
    [InlineData(WayIn.Events)]
    [InlineData(WayIn.LongPolling)]
    public async Task It_is_not_ready_at_once_refuses_newcomers_with_503_and_tells_clients_when_to_come_back(WayIn way)
    {
        await using WaysServer server = await WaysServer.StartAsync(
            build: static builder => builder.Services.AddHealthChecks().AddLongwireHub(),
            use: static application =>
                application.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = static check => check.Tags.Contains("ready") })
        );
        HubWay ann = await server.ConnectAsync(way, "ann");
        Assert.Equal("Healthy", await server.Http.GetStringAsync("readyz"));
        Task draining = server.Application.DrainAsync(new() { Rate = 1, ReconnectOver = TimeSpan.FromSeconds(7) });
        using HttpResponseMessage ready = await server.Http.GetAsync("readyz");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        using HttpResponseMessage refused = await server.Http.GetAsync("hub/events?token=valid-token");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        using var upgrade = new HttpRequestMessage(HttpMethod.Get, "hub");
        upgrade.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        upgrade.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        upgrade.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        upgrade.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        using HttpResponseMessage notUpgraded = await server.Http.SendAsync(upgrade);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, notUpgraded.StatusCode);
        Assert.True(notUpgraded.Headers.Contains("Retry-After"));

        // The present ones go on until it is their turn.
        await ann.SendAsync("""{"type":"ping"}""");
        await ann.UntilAsync("pong");
        server.Time.Advance(TimeSpan.FromSeconds(2));
        JsonElement drain = await ann.UntilAsync("drain");
        Assert.InRange(drain.Number("reconnectAfterMs"), 0, 7_000);
        Assert.Equal(1012, await ann.ClosedAsync());
        await draining.WaitAsync(HubWay.Patience);
    }

    [Fact]
    public async Task When_the_application_stops_its_connections_are_drained()
    {
        await using WaysServer server = await WaysServer.StartAsync(static options => options.Drain = new HubDrainOptions { Rate = 1_000 });
        HubWay ann = await server.ConnectAsync(WayIn.WebSocket, "ann");
        HubWay bob = await server.ConnectAsync(WayIn.Events, "bob");
        Task stopping = server.StopAsync();
        // The drain begins with a look at the clock, behind which a step of it may have been.
        await Eventually.TrueAsync(() =>
        {
            server.Time.Advance(TimeSpan.FromMilliseconds(20));
            return server.Hub.Sessions.All(static session => !session.IsConnected);
        });
        Assert.Equal(1012, await ann.ClosedAsync());
        Assert.Equal(1012, await bob.ClosedAsync());
        await stopping.WaitAsync(HubWay.Patience);
    }

    [Fact]
    public async Task Those_who_stay_see_nobody_leave()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        HubWay ann = await server.ConnectAsync(WayIn.WebSocket, "ann");
        HubWay bob = await server.ConnectAsync(WayIn.WebSocket, "bob");
        await ann.JoinAsync("tea");
        await bob.JoinAsync("tea");
        Task draining = server.Hub.DrainAsync(new() { Rate = 0.1, Timeout = TimeSpan.FromSeconds(12) });
        server.Time.Advance(TimeSpan.FromSeconds(1));
        Task<long>[] closed = [ann.ClosedAsync(), bob.ClosedAsync()];
        Task<long> first = await Task.WhenAny(closed).WaitAsync(HubWay.Patience);
        Assert.Equal(1012, await first);
        HubWay left = first == closed[0] ? bob : ann;
        await Eventually.TrueAsync(() => server.Hub.ConnectionCount == 1);
        Assert.False(await left.HasHeardAsync("user-left"));
        server.Time.Advance(TimeSpan.FromSeconds(12));
        await draining.WaitAsync(HubWay.Patience);
    }
}
