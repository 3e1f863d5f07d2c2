using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Longwire.Transport.Linux;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Longwire.AspNetCore.Tests;

/// <summary>An application on Kestrel, on a port that was free.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestServer(WebApplication application, LogCollector log)
    {
        _application = application;
        Log = log;
        string address = application
            .Services.GetRequiredService<IServer>()
            .Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.First();
        Port = new Uri(address).Port;
    }

    public int Port { get; }

    public LogCollector Log { get; }

    public IServiceProvider Services => _application.Services;

    public WebSocketConnections Connections => Services.GetRequiredService<WebSocketConnections>();

    /// <summary>Starts an application.</summary>
    /// <param name="transport">The transport of its connections.</param>
    /// <param name="map">Maps its endpoints.</param>
    /// <param name="configure">Adds services.</param>
    /// <param name="kestrel">Sets the limits of HTTP.</param>
    /// <param name="certificate">Serves TLS with this.</param>
    /// <param name="protocols">The versions of HTTP.</param>
    public static async Task<TestServer> StartAsync(
        ServerTransport transport,
        Action<WebApplication> map,
        Action<IServiceCollection>? configure = null,
        Action<KestrelServerOptions>? kestrel = null,
        X509Certificate2? certificate = null,
        HttpProtocols protocols = HttpProtocols.Http1
    )
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        var log = new LogCollector();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Information);
        builder
            .WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(options =>
            {
                kestrel?.Invoke(options);
                options.Listen(
                    IPAddress.Loopback,
                    0,
                    listen =>
                    {
                        listen.Protocols = protocols;
                        if (certificate is not null)
                        {
                            listen.UseHttps(certificate);
                        }
                    }
                );
            });
        builder.WebHost.UseTransport(transport);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = Patience.Long);
        builder.Services.AddLongwire();
        configure?.Invoke(builder.Services);
        WebApplication application = builder.Build();
        map(application);
        await application.StartAsync();
        return new TestServer(application, log);
    }

    /// <summary>A certificate for localhost, signed by itself.</summary>
    public static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        EventLoopGroup? loops = Services.GetService<EventLoopGroup>();
        await _application.DisposeAsync();
        if (loops is null)
        {
            return;
        }

        Assert.Equal(0, loops.SocketCount);
        Assert.All(loops.Loops, static loop => Assert.Equal(0, loop.HandlerFaults));
    }
}
