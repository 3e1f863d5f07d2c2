using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Client.Tests;

/// <summary>A hub on loopback, with real sockets and the real clock. A client's token is its user's id.</summary>
internal sealed class LoopbackHub : IAsyncDisposable
{
    private readonly WebApplication _application;

    private LoopbackHub(WebApplication application) => _application = application;

    public string Address => $"ws://127.0.0.1:{Port}/hub";

    public int Port =>
        new Uri(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public static async Task<LoopbackHub> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddLongwireHub(static hub =>
        {
            // The tests are about the fate of messages, not about limits of their rate.
            hub.RateLimit = null;
            hub.AddressRateLimit = null;
            hub.ByteRate = hub.AddressByteRate = null;
        });
        WebApplication application = builder.Build();
        LongwireHubEndpointBuilder hub = application.MapLongwireHub("/hub");
        hub.OnAuthenticate(static (AuthenticateRequest auth) => auth.Accept(userId: auth.Token!));
        hub.MapRoom("{room}")
            .WithHistory(100_000, TimeSpan.FromHours(1))
            .OnMessage<Edit>(static edit => edit.Accept())
            .OnMessage<Number>(static number => number.Accept());
        await application.StartAsync();
        return new LoopbackHub(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private sealed record Number(int Run, int Value);
}
