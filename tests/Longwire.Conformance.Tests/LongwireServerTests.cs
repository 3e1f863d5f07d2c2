using System.Net;
using Longwire.AspNetCore;
using Longwire.Cli.Serve;
using Longwire.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Conformance.Tests;

/// <summary>
/// The echo of <c>longwire serve</c> in all cases but those that take minutes (9.*, 12.*, 13.*), on every transport. The others are
/// run by hand, see docs/CONFORMANCE.md.
/// </summary>
public abstract class LongwireServerTests(ServerTransport transport)
{
    // A class for each, so that they wait at the same time: most of a case is waiting.
    public sealed class OnKestrel() : LongwireServerTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : LongwireServerTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : LongwireServerTests(ServerTransport.IoUring);

    [Fact]
    public Task It_is_OK_in_every_quick_case() => IsOkAsync("/echo", ["*", "!9.*", "!12.*", "!13.*"], atLeast: 400);

    // The times are short against the reading, so that a time that counts slowness, and not standstill, cuts the reader off; and long enough
    // for a busy machine, on which the reader itself stands still for a second now and then.
    [Fact]
    public Task A_slow_reader_is_cut_off_by_no_time_of_the_connection() =>
        IsOkAsync("/hasty", ["21.5"], atLeast: 3, slowReadingSeconds: 32);

    [Fact]
    public Task An_echo_that_reads_its_messages_and_answers_from_its_own_task_is_OK_too() =>
        IsOkAsync("/reading", ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*", "21.*"], atLeast: 230);

    private async Task IsOkAsync(string path, string[] patterns, int atLeast, int slowReadingSeconds = 10)
    {
        await using WebApplication server = await StartAsync();
        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        ConformanceRun run = await ServerSuite.RunAsync(
            new UriBuilder(address) { Scheme = "ws", Path = path }.Uri,
            new ConformanceOptions
            {
                Patterns = patterns,
                DeflateMessages = 5,
                Patience = TimeSpan.FromMinutes(2),
                Pause = TimeSpan.FromSeconds(10),
                DropGrace = TimeSpan.FromSeconds(30),
                GiveUpWait = TimeSpan.FromMinutes(1),
                Parallelism = 64,
                SlowReading = TimeSpan.FromSeconds(slowReadingSeconds),
            },
            cancellationToken: TestContext.Current.CancellationToken
        );

        Assert.Empty(
            run.Results.Where(result => !result.IsStrictlyOk && !IsKestrels(result))
                .Select(result =>
                    $"{transport} {result.Case.Id} {result.Verdict.ToName()} {result.CloseVerdict.ToName()} {result.Detail} {result.CloseDetail}"
                )
        );
        Assert.InRange(run.Results.Count, atLeast, int.MaxValue);
    }

    // Kestrel's own sockets take the end of the client's output for its leaving while it reads or answers a request.
    private bool IsKestrels(CaseResult result) =>
        transport == ServerTransport.Kestrel
        && result is { Verdict: Verdict.NonStrict, CloseVerdict: CloseVerdict.Ok }
        && CasePattern.Matches("21.3", result.Case.Id);

    private async Task<WebApplication> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseTransport(transport)
            .ConfigureKestrel(static kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(2);
                kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
                kestrel.Listen(IPAddress.Loopback, 0);
            });
        builder.Services.AddLongwire();
        WebApplication server = builder.Build();
        server.MapWebSocket("/echo", new EchoHandler(), Configure);
        server.MapWebSocket(
            "/hasty",
            new EchoHandler(),
            static echo =>
            {
                Configure(echo);
                echo.Connection = echo.Connection with
                {
                    CloseTimeout = TimeSpan.FromSeconds(6),
                    PingInterval = TimeSpan.FromSeconds(3),
                    PongTimeout = TimeSpan.FromSeconds(6),
                };
            }
        );
        server.MapWebSocket(
            "/reading",
            static async (socket, _, cancellation) =>
            {
                await foreach (WebSocketMessage message in socket.ReadAllAsync(cancellation))
                {
                    await socket.SendAsync(message.Payload, message.Type, cancellation);
                }
            },
            static reading =>
            {
                Configure(reading);
                // The reader's own task has time to answer, also on a busy machine.
                reading.Connection = reading.Connection with
                {
                    CloseTimeout = TimeSpan.FromMinutes(2),
                };
            }
        );
        await server.StartAsync();
        return server;
    }

    private static void Configure(WebSocketEndpointOptions echo)
    {
        echo.Origins = Protocol.OriginRule.Any;
        echo.Connection = echo.Connection with
        {
            MaxMessageBytes = EchoHandler.MaxMessageBytes,
            Deflate = new Protocol.DeflateOptions
            {
                Enabled = true,
                ServerNoContextTakeover = false,
                ClientNoContextTakeover = false,
            },
        };
    }
}
