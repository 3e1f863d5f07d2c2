using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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
        Address = $"ws://127.0.0.1:{new Uri(address).Port}/";
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

    public static async Task<TestEndpoint> StartAsync(Action<WebApplication> map)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(static kestrel =>
                kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1)
            );
        builder.Services.AddLongwire();
        WebApplication application = builder.Build();
        map(application);
        await application.StartAsync();
        return new TestEndpoint(application);
    }

    /// <summary>Sends each message back until the client closes.</summary>
    public static Task<TestEndpoint> StartEchoAsync() =>
        StartAsync(
            static async (socket, _) =>
            {
                await foreach (WebSocketMessage message in socket.ReadAllAsync())
                {
                    await socket.SendAsync(message.Payload, message.Type);
                }
            }
        );

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
