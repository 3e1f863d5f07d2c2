using System.Diagnostics;
using Longwire.Benchmarks.Support;
using Longwire.Cli.Playground;
using Longwire.Cli.Playground.Game;
using Longwire.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Game.Benchmarks;

/// <summary>The server that is measured: the game, and a bare loop to compare its clock with. All players are of one address.</summary>
internal static class Server
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1.0 / World.StepsPerSecond);

    public static async Task RunAsync()
    {
        WebApplicationBuilder builder = LoopbackServer.CreateBuilder();
        var times = new TickTimes();
        builder.Services.AddSingleton(times);
        builder
            .Services.AddLongwireHub(static options =>
            {
                options.RateLimit = options.AddressRateLimit = null;
                options.MaxConnectionsPerAddress = options.MaxConnections;
            })
            .AddJsonContext(PlaygroundJson.Default);
        WebApplication application = builder.Build();
        LongwireHubEndpointBuilder hub = application.MapLongwireHub("/hub");
        hub.OnAuthenticate(static (AuthenticateRequest request) => request.Accept(request.Token));
        Arena.Map<MeasuredArena>(hub);
        application.MapGet(
            "/begin",
            () =>
            {
                times.Begin();
                return "";
            }
        );
        application.MapGet("/ticks", () => times.Judge().ToString());
        ITimer? bare = null;
        application.MapGet(
            "/bare",
            () =>
            {
                times.Begin();
                bare?.Dispose();
                bare = TimeProvider.System.CreateTimer(_ => times.Add(Stopwatch.GetElapsedTime(0)), null, _period, _period);
                return "";
            }
        );
        await LoopbackServer.RunAsync(application);
        bare?.Dispose();
    }
}
