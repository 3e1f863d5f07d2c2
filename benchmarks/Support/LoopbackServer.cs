using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Longwire.Benchmarks.Support;

/// <summary>A server that <see cref="MeasuredProcess"/> starts.</summary>
internal static class LoopbackServer
{
    /// <summary>A builder of an application on our event loops, on any port of loopback, that logs nothing.</summary>
    public static WebApplicationBuilder CreateBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        builder.WebHost.UseLongwireTransport();
        return builder;
    }

    /// <summary>Starts the application, prints where it listens, and waits for its end.</summary>
    public static async Task RunAsync(WebApplication application)
    {
        await application.StartAsync();
        IServerAddressesFeature addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Console.WriteLine($"listening {new Uri(addresses.Addresses.First()).Port}");
        await application.WaitForShutdownAsync();
    }
}
