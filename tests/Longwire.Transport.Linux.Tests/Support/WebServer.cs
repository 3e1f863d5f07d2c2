using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux.Tests;

/// <summary>ASP.NET Core on the loops, on a free port.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebServer(WebApplication app) => _app = app;

    public EventLoopGroup Group => _app.Services.GetRequiredService<EventLoopGroup>();

    public IServiceProvider Services => _app.Services;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Address.Port);

    public static async Task<WebServer> StartAsync(
        EventLoopKind kind,
        Action<WebApplication> map,
        Action<ListenOptions>? listen = null,
        Action<LongwireTransportOptions>? configure = null,
        Action<IServiceCollection>? services = null
    )
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint => listen?.Invoke(endpoint)));
        builder.WebHost.UseLongwireTransport(options =>
        {
            options.Loops.Kind = kind;
            options.Loops.LoopCount = 2;
            configure?.Invoke(options);
        });
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync();
        return new WebServer(app);
    }

    public async Task<Socket> ConnectAsync(Action<Socket>? configure = null)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        configure?.Invoke(client);
        await client.ConnectAsync(EndPoint).WaitAsync(TestServer.Patience);
        return client;
    }

    /// <summary>Waits until no socket is left on the loops.</summary>
    public async Task UntilEmptyAsync()
    {
        using var patience = new CancellationTokenSource(TestServer.Patience);
        while (Group.SocketCount > 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(hurry.Token).WaitAsync(TestServer.Patience);
        await _app.DisposeAsync().AsTask().WaitAsync(TestServer.Patience);
    }
}
