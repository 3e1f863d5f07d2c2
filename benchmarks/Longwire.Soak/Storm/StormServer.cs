using System.Globalization;
using System.Net;
using Longwire.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Soak;

/// <summary>
/// A hub in a process of its own that a storm restarts. It writes its port. On its input "drain", a rate and a number of seconds tell its
/// clients to go and to come back, and end it; "handshakes" has it write when they came, in milliseconds, and "published" and a number of
/// clients how much was published in their rooms.
/// </summary>
internal static class StormServer
{
    /// <summary>After so much silence a peer is asked whether it is alive.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromHours(1);

    public static async Task RunAsync(SoakTransport transport, int port)
    {
        var handshakes = new List<long>();
        await using WebApplication application = Create(transport, port, handshakes);
        await application.StartAsync();
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.WriteLine(new Uri(address).Port);
        Hub hub = application.Services.GetRequiredService<Hub>();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["handshakes"]:
                    lock (handshakes)
                    {
                        Console.WriteLine(string.Join(' ', handshakes));
                    }

                    break;
                case ["published", var clients]:
                    int last = RoomOf(int.Parse(clients, CultureInfo.InvariantCulture) - 1);
                    Console.WriteLine(Enumerable.Range(0, last + 1).Sum(room => hub.FindRoom($"room:{room}")?.Position.Offset ?? 0));
                    break;
                case ["drain", var rate, var seconds]:
                    var options = new HubDrainOptions
                    {
                        Rate = double.Parse(rate, CultureInfo.InvariantCulture),
                        Timeout = TimeSpan.FromHours(1),
                        ReconnectOver = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)),
                    };
                    await hub.DrainAsync(options);
                    return;
            }
        }
    }

    /// <summary>The number of the room that a client is in.</summary>
    public static int RoomOf(int client) => client / 10;

    private static WebApplication Create(SoakTransport transport, int port, List<long> handshakes)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.WebHost.UseTransport(transport);

        builder.Services.AddLongwireHub(static hub =>
        {
            // All come from one address here.
            hub.MaxConnectionsPerAddress = 100_000;
            hub.Connection = hub.Connection with { PingInterval = Silence };
            hub.RateLimit = hub.AddressRateLimit = null;
            hub.ByteRate = hub.AddressByteRate = null;
        });
        WebApplication application = builder.Build();
        application.Use(
            (_, next) =>
            {
                lock (handshakes)
                {
                    handshakes.Add(Environment.TickCount64);
                }

                return next();
            }
        );
        LongwireHubEndpointBuilder hub = application.MapLongwireHub("/hub");
        hub.OnAuthenticate(static (AuthenticateRequest request) => request.Accept(request.Token));
        hub.MapRoom("room:{number}").WithHistory(10, TimeSpan.FromMinutes(1)).OnMessage<StormWord>(static word => word.Accept());
        return application;
    }
}
