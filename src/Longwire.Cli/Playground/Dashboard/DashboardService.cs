using System.Diagnostics.Metrics;
using Longwire.Cli.Network;
using Longwire.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;

namespace Longwire.Cli.Playground.Dashboard;

/// <summary>
/// Publishes the figures once a second to those who have a ticket: they tell of the machine, and the load button puts load on it.
/// </summary>
internal sealed class DashboardService(IHub hub, IMeterFactory meters, IServer server, IHostApplicationLifetime lifetime, TimeProvider time)
    : BackgroundService
{
    /// <summary>The room that the figures are published in.</summary>
    public const string Room = "figures";

    private const int Kept = 3_600;
    private const double Megabyte = 1 << 20;
    private readonly LoadGenerator _load = new();
    private readonly Probe _probe = new();

    // This server's own echo. Its certificate, if it has one, is for the name that others know it by.
    private static readonly NetworkOptions _network = new() { Insecure = true, UseProxy = false };

    public void Map(IRoomRouteBuilder rooms) =>
        rooms
            .MapRoom(Room)
            .ReadOnly()
            .OnJoin(static join =>
                Tickets.MayLook(join.User)
                    ? join.Accept()
                    : join.Refuse("The figures are for this machine, or for an administrator's token")
            )
            .WithHistory(Kept, TimeSpan.FromHours(1))
            .WithSlowConsumer(SlowConsumerPolicy.KeepLatest)
            .On<Load, bool>((request, load) => new ValueTask<bool>(TryLoad(request, load.On)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends, or could not start: the host would log that as a failure.
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        using var counters = new HubCounters(meters);
        await WaitForStartAsync(stoppingToken);
        Task probing = _probe.RunAsync(Echo(), _network, stoppingToken);
        var machine = new Machine(time);
        machine.Take();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            (double process, double[] loops, double ofMachine) = machine.Take();
            var figures = new Figures(
                counters.Connections,
                counters.Rooms,
                counters.TakeReceived(),
                counters.TakeSent(),
                process,
                loops,
                ofMachine,
                Math.Round(Environment.WorkingSet / Megabyte, 1),
                Math.Round(GC.GetTotalMemory(forceFullCollection: false) / Megabyte, 1),
                Machine.MemoryInUse(),
                _probe.Take(),
                _load.IsRunning
            );
            await hub.Room(Room).PublishAsync(figures, new() { WhenAway = WhenAway.Drop }, stoppingToken);
        }

        await probing;
    }

    private bool TryLoad(RoomRequest request, bool on)
    {
        if (!Tickets.MayLoad(request.User))
        {
            return false;
        }

        if (on)
        {
            _load.Start(Echo(), _network, lifetime.ApplicationStopping);
        }
        else
        {
            _load.Stop();
        }

        return true;
    }

    private Uri Echo()
    {
        var address = new UriBuilder(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()) { Path = "/echo" };
        address.Scheme = address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        address.Host = address.Host is "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return address.Uri;
    }

    private async Task WaitForStartAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        await using CancellationTokenRegistration start = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }
}
