using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

/// <summary>The health check, as a balancer asks it.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_engine_is_away_the_node_is_degraded_and_takes_connections(bool hasMember)
    {
        var engine = new MemoryHubEngine(new MemoryHubStore());
        await using WaysServer server = await WaysServer.StartAsync(
            build: builder => builder.Services.AddSingleton<IHubEngine>(engine).AddHealthChecks().AddLongwireHub(),
            use: static application =>
                application.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = static check => check.Tags.Contains("ready") })
        );
        if (hasMember)
        {
            await (await server.ConnectAsync(WayIn.WebSocket, "ann")).JoinAsync("tea");
        }

        Assert.Equal((HttpStatusCode.OK, "Healthy"), await AskAsync());
        engine.Cut();
        Assert.Equal((HttpStatusCode.OK, "Degraded"), await AskAsync());
        engine.Heal();
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await AskAsync());

        async Task<(HttpStatusCode, string)> AskAsync()
        {
            using HttpResponseMessage answer = await server.Http.GetAsync("readyz");
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
    }
}
