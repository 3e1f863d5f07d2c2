using Longwire.AspNetCore;
using Longwire.Benchmarks.Support;
using Longwire.Cli.Serve;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Benchmarks;

/// <summary>The server that is measured: rooms of the hub, and a plain broadcast to compare with. All clients are of one address.</summary>
internal static class Server
{
    public static async Task RunAsync()
    {
        WebApplicationBuilder builder = LoopbackServer.CreateBuilder();
        builder.Services.AddLongwire(static options => options.Connection = Quiet(options.Connection));
        builder.Services.AddLongwireHub(static options =>
        {
            options.Connection = Quiet(options.Connection);
            options.RateLimit = options.AddressRateLimit = null;
            options.ByteRate = options.AddressByteRate = null;
            options.MaxConnectionsPerAddress = options.MaxConnections;
            options.MaxLostSessions = options.MaxConnections;
        });
        WebApplication application = builder.Build();
        LongwireHubEndpointBuilder hub = application.MapLongwireHub("/hub");
        hub.OnAuthenticate(static (AuthenticateRequest request) => request.Accept(request.Token));
        hub.MapRoom("bench");
        hub.MapRoom("board").WithMap(static map => map.MayPut(""));
        hub.MapRoom("kept").WithHistory(1_000, TimeSpan.FromHours(1));
        hub.MapRoom("lobby:{round}").WithPresence();
        hub.MapRoom("small:{number}").WithPresence();
        application.MapWebSocket("/plain", new BroadcastHandler());
        // As a busy server does by itself: what is left is the members' memory, and not what their coming has left behind.
        application.MapGet(
            "/collect",
            static () =>
            {
                MemoryTrim.GiveBack();
                return "done";
            }
        );
        await LoopbackServer.RunAsync(application);
    }

    private static WebSocketConnectionOptions Quiet(WebSocketConnectionOptions options) =>
        options with
        {
            PingInterval = TimeSpan.FromSeconds(30),
        };
}
