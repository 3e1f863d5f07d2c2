using System.Diagnostics;
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
/// Clients of a hub that publish, are cut off, freeze and come back, and a judge: nothing is lost, doubled or out of order without the
/// client having been told so, and what has an ack was published once.
/// </summary>
internal sealed class HubSoak(HubSoakOptions options, TextWriter output)
{
    private const int MembersOfRoom = 20;

    private Hub _node = null!;

    public HubSoakJudge Judge { get; } = new();

    public HubSoakFault Fault => options.Fault;

    public string Address { get; private set; } = "";

    /// <summary>Set when every client has its acks.</summary>
    public CountdownEvent Quiet { get; } = new(options.Clients);

    /// <summary>In milliseconds; a short run has short visits.</summary>
    public int LongestVisit => options.Time < TimeSpan.FromMinutes(1) ? 2_000 : 10_000;

    public int LongestPause => options.Time < TimeSpan.FromMinutes(1) ? 100 : 1_000;

    public async Task<bool> RunAsync()
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{options.Transport}, {options.Clients} clients, {options.Time.TotalMinutes:0.##} minutes, seed {options.Seed}"
            )
        );
        await using WebApplication server = await StartAsync();
        var random = new Random(options.Seed);
        HubSoakClient[] clients =
        [
            .. Enumerable.Range(0, options.Clients).Select(number => new HubSoakClient(this, number, random.Next())),
        ];
        var clock = Stopwatch.StartNew();
        Task all = Task.WhenAll(
            clients.Select(client =>
                Task.Run(() => client.RunAsync(() => Judge.IsDone || (clock.Elapsed > options.Time && !clients[0].OwesAFault)))
            )
        );
        await all.WaitAsync(options.Time + TimeSpan.FromMinutes(3));
        Judge.EndOfAll();
        foreach (HubSoakClient client in clients)
        {
            client.Bury();
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Judge}, {clients.Sum(static client => client.Cuts):N0} cuts, {clients.Sum(static client => client.Freezes):N0} freezes"
            )
        );
        IReadOnlyList<string> faults = Judge.Faults;
        foreach (string fault in faults)
        {
            output.WriteLine("FAILED " + fault);
        }

        output.WriteLine(faults.Count == 0 ? "Everything held." : $"Faults were found, seed {options.Seed}.");
        return faults.Count == 0;
    }

    /// <summary>The rooms that a client is in.</summary>
    public string[] RoomsOf(int client)
    {
        int rooms = Math.Max(2, 2 * options.Clients / MembersOfRoom);
        return [$"room:{client % rooms}", $"room:{(client + 1) % rooms}"];
    }

    public string EpochOf(string room) => _node.FindRoom(room)!.Position.Epoch;

    /// <summary>Where a room stands when everything has its ack.</summary>
    public (string Epoch, long Offset) EndOf(string room) => (EpochOf(room), _node.FindRoom(room)!.Position.Offset);

    private async Task<WebApplication> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.WebHost.UseTransport(options.Transport);

        builder.Services.AddLongwireHub(static hub =>
        {
            hub.RateLimit = hub.AddressRateLimit = null;
            hub.ByteRate = hub.AddressByteRate = null;
            // Small, so that a client which freezes is too slow now and then.
            hub.Connection = hub.Connection with
            {
                SendQueueBytes = 16 << 10,
            };
        });
        WebApplication server = builder.Build();
        LongwireHubEndpointBuilder hub = server.MapLongwireHub("/hub");
        hub.OnAuthenticate(static (AuthenticateRequest request) => request.Accept(request.Token));
        hub.MapRoom("room:{number}").WithHistory(200, TimeSpan.FromMinutes(1)).WithPresence();
        await server.StartAsync();
        _node = server.Services.GetRequiredService<Hub>();
        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Address = $"ws://127.0.0.1:{new Uri(address).Port}/hub";
        return server;
    }
}
