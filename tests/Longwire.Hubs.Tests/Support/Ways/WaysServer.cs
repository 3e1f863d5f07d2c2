using System.Diagnostics.CodeAnalysis;
using System.Net;
using Longwire.Hubs.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

/// <summary>An application with a hub at <c>/hub</c>, and a clock that a test turns.</summary>
internal sealed class WaysServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly List<HubWay> _clients = [];

    private WaysServer(WebApplication application, HubTestClock time)
    {
        _application = application;
        Time = time;
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Address = new Uri(address);
        GoThrough(new SocketsHttpHandler());
    }

    public Uri Address { get; }

    public HttpClient Http { get; private set; }

    /// <summary>Brings WebSockets the same way.</summary>
    public HttpMessageInvoker Upgrades { get; private set; }

    public HubTestClock Time { get; }

    public IServiceProvider Services => _application.Services;

    public Hub Hub => Services.GetRequiredService<Hub>();

    public IHub Application => Services.GetRequiredService<IHub>();

    public static async Task<WaysServer> StartAsync(
        Action<LongwireHubOptions>? configure = null,
        ServerTransport transport = ServerTransport.Kestrel,
        Action<LongwireHubEndpointBuilder>? map = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? use = null
    )
    {
        var time = new HubTestClock();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0)).UseTransport(transport);
        builder.Services.AddSingleton<ITokenValidator>(new DemoTokenValidator());
        builder.Services.AddLongwireHub(options =>
        {
            options.TimeProvider = time;
            options.ResumeWindow = TimeSpan.FromDays(1);
            options.Rooms.Default = new RoomOptions { HistorySize = 1_000 };
            configure?.Invoke(options);
        });
        build?.Invoke(builder);
        WebApplication application = builder.Build();
        use?.Invoke(application);
        LongwireHubEndpointBuilder hub = application.MapLongwireHub("/hub");
        map?.Invoke(hub);
        await application.StartAsync();
        return new WaysServer(application, time);
    }

    /// <summary>Clients come by a handler from here on, perhaps through a proxy.</summary>
    [MemberNotNull(nameof(Http), nameof(Upgrades))]
    public void GoThrough(SocketsHttpHandler handler)
    {
        // Events that a client does not want any more are not worth waiting for.
        handler.ResponseDrainTimeout = TimeSpan.Zero;
        Http = new HttpClient(handler) { BaseAddress = Address, Timeout = HubWay.Patience };
        Upgrades = new HttpMessageInvoker(handler, disposeHandler: false);
    }

    /// <summary>Each request of clients goes to another one of two nodes from here on, as a balancer sends them.</summary>
    public void ShareWith(WaysServer other)
    {
        var handler = new TakingTurns([Address, other.Address]) { InnerHandler = new SocketsHttpHandler() };
        Http = new HttpClient(handler) { BaseAddress = Address, Timeout = HubWay.Patience };
    }

    /// <summary>Connects a client as a user.</summary>
    public async Task<HubWay> ConnectAsync(WayIn way, string username)
    {
        HubWay client = HubWay.Create(way, this, username);
        _clients.Add(client);
        await client.ConnectAsync();
        return client;
    }

    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (HubWay client in _clients)
        {
            await client.LoseAsync();
        }

        await _application.DisposeAsync();
        Http.Dispose();
    }

    private sealed class TakingTurns(Uri[] addresses) : DelegatingHandler
    {
        private int _requests;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Uri address = addresses[Interlocked.Increment(ref _requests) % addresses.Length];
            request.RequestUri = new Uri(address, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
