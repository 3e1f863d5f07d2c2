using System.Net;
using Longwire.Benchmarks.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Benchmarks;

/// <summary>
/// A hub with all limits and two without any, in one process, so that they share the compiled code, the heap and the event loop. The
/// difference of those two is the error of the measurement.
/// </summary>
internal static class LimitedServer
{
    public static string[] Hubs { get; } = ["limited", "free", "again"];

    public static async Task RunAsync()
    {
        WebApplicationBuilder builder = LoopbackServer.CreateBuilder();
        builder.Services.AddLongwire();
        WebApplication application = builder.Build();
        foreach (string name in Hubs)
        {
            var hub = new Hub(name == "limited" ? Limits.All() : Limits.None());
            await hub.StartAsync();
            int users = 0;
            application.MapWebSocket(
                $"/{name}/user",
                new HubHandler(hub, _ => Handshake(new HubIdentity($"user{Interlocked.Increment(ref users)}")))
            );
            application.MapWebSocket($"/{name}/guest", new HubHandler(hub, static _ => Handshake(identity: null)));
        }

        await LoopbackServer.RunAsync(application);
    }

    private static HubHandshake Handshake(HubIdentity? identity) => new() { Identity = identity, RemoteAddress = IPAddress.Loopback };
}
