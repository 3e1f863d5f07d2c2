using System.Net;
using System.Text.Json;
using Longwire.AspNetCore;
using Longwire.Cli.Serve;
using Longwire.Hubs;
using Longwire.Protocol;
using Longwire.Transport.Linux;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Longwire.Soak;

/// <summary>
/// The server, in a process of its own. It writes its port, and then answers each line on its standard input with a line of JSON: its
/// state, after a full garbage collection where the line says "collect". It ends with its input.
/// </summary>
internal static class SoakServer
{
    public static async Task RunAsync(SoakTransport transport)
    {
        var errors = new ErrorCounter();
        await using WebApplication application = Create(transport, errors);
        await application.StartAsync();
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.WriteLine(new Uri(address).Port);
        int idle = Sockets();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "collect")
            {
                Collect();
            }
            // The start itself has some for a moment.
            idle = Math.Min(idle, Sockets());
            Console.WriteLine(JsonSerializer.Serialize(State(application.Services, errors, idle)));
        }

        await application.StopAsync();
    }

    private static WebApplication Create(SoakTransport transport, ErrorCounter errors)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "soak" });
        builder.Logging.AddProvider(errors);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(static kestrel =>
            {
                kestrel.Limits.MaxRequestBodySize = null;
                // Those who stop in the middle of a request are to be gone before the end is judged.
                kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
                kestrel.Limits.MinRequestBodyDataRate = null;
                kestrel.Limits.MinResponseDataRate = null;
                kestrel.Listen(IPAddress.Loopback, 0);
            });
        builder.WebHost.UseTransport(transport);

        builder.Services.AddSingleton<ITokenValidator>(new DemoTokenValidator());
        builder.Services.AddLongwireHub(static hub =>
        {
            hub.RateLimit = null;
            hub.ByteRate = hub.AddressByteRate = null;
            // Sessions that were lost are kept for a moment, not for minutes: memory is to be flat soon.
            hub.ResumeWindow = hub.PresenceGrace = TimeSpan.FromSeconds(2);
            hub.Rooms.Default!.HistorySize = 20;
        });
        WebApplication application = builder.Build();
        application.UseRouting();
        application.MapLongwireHub("/hub");
        application.MapWebSocket("/echo", new EchoHandler(), endpoint => endpoint.Connection = Connection(takeover: true));
        application.MapWebSocket("/read", ReadAsync, endpoint => endpoint.Connection = Connection(takeover: false));
        application.MapPost("/store", StoreAsync);
        application.MapGet("/bytes/{seed:int}/{length:int}", WriteBytesAsync);
        return application;
    }

    private static WebSocketConnectionOptions Connection(bool takeover) =>
        new()
        {
            MaxMessageBytes = 4 << 20,
            Deflate = new DeflateOptions
            {
                Enabled = true,
                ServerNoContextTakeover = !takeover,
                ClientNoContextTakeover = !takeover,
            },
        };

    private static async Task ReadAsync(WebSocketConnection socket, CancellationToken cancellationToken)
    {
        await foreach (WebSocketMessage message in socket.ReadAllAsync(cancellationToken))
        {
            await socket.SendAsync(message.Payload, message.Type, cancellationToken);
        }
    }

    private static async Task StoreAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (IOException)
        {
            // The client has gone in the middle. On Kestrel's own transport the request may not know yet that it is aborted.
            context.Abort();
            throw;
        }

        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }

    // In parts, as an answer that is being made.
    private static async Task WriteBytesAsync(HttpContext context, int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        for (int at = 0; at < length; at += 50_000)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(at, Math.Min(50_000, length - at)), context.RequestAborted);
        }
    }

    private static int Sockets() => Descriptors().Count(static target => target.StartsWith("socket:", StringComparison.Ordinal));

    // Sockets, pipes and the like. Files (assemblies, symbols, sources of randomness) the runtime opens when it first needs them, and
    // keeps.
    private static string[] Descriptors() =>
        [
            .. Directory
                .GetFileSystemEntries("/proc/self/fd")
                .Select(static entry => new FileInfo(entry).LinkTarget ?? "")
                .Where(static target => target.Contains(":[", StringComparison.Ordinal)),
        ];

    private static ServerState State(IServiceProvider services, ErrorCounter errors, int idleSockets)
    {
        long faults = services.GetService<EventLoopGroup>()?.Loops.Sum(static loop => loop.HandlerFaults) ?? 0;
        return new ServerState(
            services.GetRequiredService<WebSocketConnections>().Count,
            Sockets() - idleSockets,
            Descriptors()
                .GroupBy(static target => target.TrimEnd("0123456789[]:".ToCharArray()))
                .ToDictionary(static kind => kind.Key, static kind => kind.Count()),
            Environment.WorkingSet,
            GC.GetTotalMemory(forceFullCollection: false),
            errors.Count + faults
        );
    }

    private static void Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
