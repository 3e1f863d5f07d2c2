using System.Net;
using System.Security.Cryptography.X509Certificates;
using Longwire.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace Longwire.Yjs.Tests;

/// <summary>An application that serves documents at <c>/yjs/{document}</c>, on a port that was free.</summary>
internal sealed class YjsServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private YjsServer(WebApplication application, LogCollector log)
    {
        _application = application;
        Log = log;
        Port = new Uri(
            application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()
        ).Port;
    }

    /// <summary>For clients that take documents of any size.</summary>
    public static WebSocketClientOptions ClientOptions { get; } =
        WebSocketClientOptions.Default with
        {
            ConnectTimeout = Patience.Long,
            Connection = WebSocketConnectionOptions.Default with { MaxMessageBytes = 1 << 30 },
        };

    public int Port { get; }

    public LogCollector Log { get; }

    public IServiceProvider Services => _application.Services;

    public static async Task<YjsServer> StartAsync(
        ServerTransport transport,
        Action<YjsOptions>? configure = null,
        Func<YjsJoinRequest, YjsDecision>? onJoin = null,
        string pattern = "/yjs/{document}",
        X509Certificate2? certificate = null
    )
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        var log = new LogCollector();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen =>
                {
                    if (certificate is not null)
                    {
                        listen.UseHttps(certificate);
                    }
                }
            )
        );
        builder.WebHost.UseTransport(transport);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = Patience.Long);
        builder.Services.AddLongwire();
        WebApplication application = builder.Build();
        YjsEndpointBuilder endpoint = application.MapYjs(pattern, configure);
        if (onJoin is not null)
        {
            endpoint.OnJoin(onJoin);
        }

        await application.StartAsync();
        return new YjsServer(application, log);
    }

    public string Url(string document) => $"ws://127.0.0.1:{Port}/yjs/{document}";

    /// <summary>A client that is connected and has not said anything.</summary>
    public async Task<YjsPeer> ConnectAsync(string document = "doc")
    {
        var peer = new YjsPeer();
        WebSocketConnection connection = await WebSocketClient.ConnectAsync(new Uri(Url(document)), peer, ClientOptions);
        peer.Connection = connection;
        return peer;
    }

    /// <summary>A client that is connected and has what the document is.</summary>
    public async Task<YjsPeer> JoinAsync(string document = "doc")
    {
        YjsPeer peer = await ConnectAsync(document);
        peer.Ask();
        await peer.SyncedAsync();
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}
