using System.Diagnostics;
using System.Globalization;
using System.Net;
using Longwire.Hubs;
using Longwire.Hubs.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Soak;

/// <summary>
/// Clients behind a proxy that does what networks do: writers in processes of their own, with an outbox in a file, that are killed, and
/// readers. All that is put into an outbox is published once and in order, and comes so to the reader.
/// </summary>
internal sealed class ClientSoak(ClientSoakOptions options, TextWriter output)
{
    /// <summary>Below so many faults of each kind a run shows little.</summary>
    private const int FewestOfEach = 2;

    public ClientSoakFault Fault => options.Fault;

    /// <summary>The hub's address behind the proxy.</summary>
    public string TroubledAddress { get; private set; } = "";

    public async Task<bool> RunAsync()
    {
        Say($"{options.Rooms} rooms, {options.Transport}, {options.Time.TotalMinutes:0.##} minutes, seed {options.Seed}");
        await using WebApplication server = await StartAsync();
        int port = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        await using var proxy = new FaultProxy(port, options.Seed);
        TroubledAddress = $"ws://127.0.0.1:{proxy.Port}/hub";
        await using var witness = new HubClient($"ws://127.0.0.1:{port}/hub", ClientSoakWriter.Options("witness"));
        var random = new Random(options.Seed);
        ClientSoakRoom[] rooms =
        [
            .. Enumerable.Range(0, options.Rooms).Select(number => new ClientSoakRoom(this, $"room:{number}", random.Next())),
        ];
        List<string> faults = [];
        try
        {
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(rooms.Select(room => room.StartAsync(witness)));
            await Task.WhenAll(rooms.Select(room => room.RunAsync(() => clock.Elapsed > options.Time && HasDoneItsWork(proxy))));
            proxy.Calm();
            await Task.WhenAll(rooms.Select(static room => room.EndAsync()));
        }
        catch (TimeoutException exception)
        {
            faults.Add(exception.Message);
        }
        finally
        {
            await Task.WhenAll(rooms.Select(static room => room.DisposeAsync().AsTask()));
        }

        faults.AddRange(rooms.SelectMany(static room => room.Judge()));
        Say(
            $"{rooms.Sum(static room => room.Published):N0} published, {rooms.Sum(static room => room.Kills):N0} processes killed, {rooms.Sum(static room => room.Losses):N0} connections of readers lost; {proxy}"
        );
        faults.ForEach(fault => output.WriteLine("FAILED " + fault));
        output.WriteLine(faults.Count == 0 ? "Everything held." : $"Faults were found, seed {options.Seed}.");
        return faults.Count == 0;
    }

    // Where a fault is planted the network's are of no interest.
    private bool HasDoneItsWork(FaultProxy proxy) =>
        Fault != ClientSoakFault.None || Array.TrueForAll(Enum.GetValues<NetworkFault>(), kind => proxy.CountOf(kind) >= FewestOfEach);

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
        });
        WebApplication server = builder.Build();
        LongwireHubEndpointBuilder hub = server.MapLongwireHub("/hub");
        hub.OnAuthenticate(static (AuthenticateRequest request) => request.Accept(request.Token));
        hub.MapRoom("room:{number}").WithHistory(100_000, TimeSpan.FromHours(1)).OnMessage<SoakNumber>(static number => number.Accept());
        await server.StartAsync();
        return server;
    }

    private void Say(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
