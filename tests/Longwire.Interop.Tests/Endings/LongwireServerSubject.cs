using System.Net;
using System.Security.Cryptography.X509Certificates;
using Longwire.AspNetCore;
using Longwire.Conformance;
using Longwire.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Interop.Tests.Endings;

/// <summary>Longwire's endpoints on one of the ways in which a server carries connections.</summary>
internal sealed class LongwireServerSubject : EndingSubject
{
    private readonly WebApplication _application;
    private readonly X509Certificate2? _certificate;
    private readonly string _form;
    private RawPeerOfServer? _peers;

    private LongwireServerSubject(WebApplication application, X509Certificate2? certificate, string form)
    {
        _application = application;
        _certificate = certificate;
        _form = form;
    }

    /// <summary>The ways, as docs/ENDINGS.md names them.</summary>
    public static string[] Transports { get; } = ["epoll", "io_uring", "Kestrel", "TLS", "HTTP/2", "stream"];

    /// <summary>A function that reads, one that asks for its request, which is then kept, and a handler that is called.</summary>
    public static string[] Forms { get; } = ["function", "function with its request", "handler"];

    protected override bool IsServer => true;

    public static async Task<EndingSubject> StartAsync(string transport, string form)
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

        var subject = new LongwireServerSubject(application, certificate, form);
        foreach (string name in LongwireApplication.Names)
        {
            subject.Map(name);
        }

        await application.StartAsync();
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        subject._peers = new RawPeerOfServer(new Uri(address), certificate is not null, transport == "HTTP/2");
        return subject;
    }

    public override async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _certificate?.Dispose();
    }

    protected override Task<Peer> OpenAsync(string application) => _peers!.OpenAsync("/" + application);

    private void Map(string name)
    {
        void Configure(WebSocketEndpointOptions endpoint) => endpoint.Connection = LongwireApplication.OptionsOf(name);
        switch (_form)
        {
            case "function":
                _application.MapWebSocket("/" + name, (socket, _) => LongwireApplication.RunAsync(socket, name, Report), Configure);
                break;
            case "handler":
                _application.MapWebSocket("/" + name, LongwireApplication.CreateHandler(name, Report), Configure);
                break;
            default:
                _application.MapWebSocket("/" + name, (socket, _, _) => LongwireApplication.RunAsync(socket, name, Report), Configure);
                break;
        }
    }
}
