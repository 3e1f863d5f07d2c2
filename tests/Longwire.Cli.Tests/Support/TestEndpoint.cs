using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Cli.Tests;

/// <summary>A server whose one endpoint, at /, does what a test says.</summary>
internal sealed class TestEndpoint : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestEndpoint(WebApplication application)
    {
        _application = application;
        string address = application
            .Services.GetRequiredService<IServer>()
            .Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.First();
        Address = $"{(address.StartsWith("https", StringComparison.Ordinal) ? "wss" : "ws")}://127.0.0.1:{new Uri(address).Port}/";
    }

    public string Address { get; }

    public static Task<TestEndpoint> StartAsync(Func<WebSocketConnection, HttpContext, Task> serve) =>
        StartAsync(application =>
            application.MapWebSocket(
                "/",
                (socket, context, _) => serve(socket, context),
                static endpoint =>
                {
                    endpoint.Origins = OriginRule.Any;
                    endpoint.Subprotocols = ["chat.v1"];
                }
            )
        );

    public static async Task<TestEndpoint> StartAsync(Action<WebApplication> map, HttpsConnectionAdapterOptions? tls = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
                kestrel.Listen(
                    IPAddress.Loopback,
                    0,
                    listen =>
                    {
                        listen.Protocols = HttpProtocols.Http1;
                        if (tls is not null)
                        {
                            listen.UseHttps(tls);
                        }
                    }
                )
            );
        builder.Services.AddLongwire();
        WebApplication application = builder.Build();
        map(application);
        await application.StartAsync();
        return new TestEndpoint(application);
    }

    /// <summary>Sends each message back until the client closes.</summary>
    public static Task<TestEndpoint> StartEchoAsync() => StartAsync(static (socket, _) => EchoAsync(socket));

    /// <summary>The same by TLS, for clients whose certificate pleases.</summary>
    public static Task<TestEndpoint> StartEchoAsync(X509Certificate2 certificate, Func<X509Certificate2, bool> pleases) =>
        StartAsync(
            static application => application.MapWebSocket("/", static (socket, _, _) => EchoAsync(socket)),
            new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (shown, _, _) => pleases(shown),
            }
        );

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static async Task EchoAsync(WebSocketConnection socket)
    {
        await foreach (WebSocketMessage message in socket.ReadAllAsync())
        {
            await socket.SendAsync(message.Payload, message.Type);
        }
    }
}
