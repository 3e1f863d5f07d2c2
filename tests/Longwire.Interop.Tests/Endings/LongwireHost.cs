using System.Net;
using System.Security.Cryptography.X509Certificates;
using Longwire.Conformance;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Interop.Tests.Endings;

/// <summary>A server of Longwire's endpoints on one of the ways in which a server carries connections.</summary>
internal sealed class LongwireHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly X509Certificate2? _certificate;
    private readonly RawPeerOfServer _peers;

    private LongwireHost(WebApplication application, X509Certificate2? certificate, bool http2)
    {
        _application = application;
        _certificate = certificate;
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        _peers = new RawPeerOfServer(new Uri(address), certificate is not null, http2);
    }

    /// <summary>The ways, as docs/ENDINGS.md names them; without io_uring where that is left out.</summary>
    public static string[] Transports { get; } =
        Environment.GetEnvironmentVariable("LONGWIRE_NO_IO_URING") == "1"
            ? ["epoll", "Kestrel", "TLS", "HTTP/2", "stream"]
            : ["epoll", "io_uring", "Kestrel", "TLS", "HTTP/2", "stream"];

    public static async Task<LongwireHost> StartAsync(string transport, Action<WebApplication> map)
    {
        X509Certificate2? certificate = transport == "TLS" ? EchoApplication.CreateCertificate() : null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseTransport(
                transport switch
                {
                    "epoll" => ServerTransport.Epoll,
                    "io_uring" => ServerTransport.IoUring,
                    _ => ServerTransport.Kestrel,
                }
            )
            .UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
                kestrel.Listen(
                    IPAddress.Loopback,
                    0,
                    listen =>
                    {
                        listen.Protocols = transport == "HTTP/2" ? HttpProtocols.Http2 : HttpProtocols.Http1;
                        if (certificate is not null)
                        {
                            listen.UseHttps(certificate);
                        }
                    }
                )
            );
        builder.Services.AddLongwire();
        WebApplication application = builder.Build();
        if (transport == "stream")
        {
            // Without the raw pipe, a connection runs on the stream that the upgrade gives.
            application.Use(
                static (context, next) =>
                {
                    context.Features.Set<IConnectionTransportFeature>(null);
                    return next(context);
                }
            );
            application.UseRouting();
        }

        map(application);
        await application.StartAsync();
        return new LongwireHost(application, certificate, transport == "HTTP/2");
    }

    /// <summary>Opens a connection to an endpoint, for a peer that is spoken by hand.</summary>
    public Task<Peer> OpenAsync(string target) => _peers.OpenAsync(target);

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _certificate?.Dispose();
    }
}
