using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Longwire.Cli.Terminal;
using Longwire.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Cli.Listen;

/// <summary>The server behind <c>longwire listen</c>.</summary>
internal static class ListenServer
{
    private static readonly string[] _commands = ["/close", "/help", "/list", "/quit", "/to"];

    /// <exception cref="FormatException">It can't listen like that.</exception>
    public static async Task<int> RunAsync(ListenOptions options, CommandStreams streams, CancellationToken cancellationToken)
    {
        StaticFiles? files = options.StaticFolder is { } folder ? new StaticFiles(folder) : null;
        (X509Certificate2? certificate, string? note) = ReadCertificate(options);
        if (!options.IsThisMachineOnly && options.Host != "*" && !IPAddress.TryParse(options.Host, out _))
        {
            throw new FormatException($"'{options.Host}' is not an address to listen on: give localhost, an IP address, or * for all.");
        }

        using LineInput input =
            !OperatingSystem.IsWindows() && streams.CanEdit && options.Output == OutputFormat.Text
                ? new TerminalInput(
                    streams.Error,
                    static typed =>
                        typed.StartsWith('/') ? [.. _commands.Where(name => name.StartsWith(typed, StringComparison.Ordinal))] : []
                )
                : new PipedInput(streams.Input);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        OutputException? fault = null;
        var report = new ListenReport(options, streams, input);
        var room = new ListenRoom(
            options,
            report,
            exception =>
            {
                fault = exception;
                end.Cancel();
            }
        );
        await using WebApplication application = Create(options, certificate, files, room);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await streams.Error.WriteLineAsync($"Can't listen on {options.Host}:{options.Port}: {exception.Message}");
            return ExitCode.NameOrTcp;
        }

        report.Listening(AddressOf(application, options), note);
        var reader = new Thread(() => ReadLines(options, streams, input, room, report, end))
        {
            IsBackground = true,
            Name = "standard input",
        };
        reader.Start();
        await Task.WhenAny(Task.Delay(Timeout.Infinite, end.Token));
        input.Dispose();
        return fault is null ? ExitCode.Done : throw fault;
    }

    private static WebApplication Create(ListenOptions options, X509Certificate2? certificate, StaticFiles? files, ListenRoom room)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "longwire" });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options, certificate));
        builder.Services.AddLongwire();
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        WebApplication application = builder.Build();
        application.Use(
            (context, next) =>
            {
                // A page that made its own name point to this machine is still a foreign page.
                if (options.IsThisMachineOnly && !IsThisMachine(context.Request.Host.Host))
                {
                    context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
                    return context.Response.WriteAsync("This server is for localhost.");
                }

                bool isUpgrade = context.Request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase);
                return files is null || isUpgrade ? next(context) : files.ServeAsync(context);
            }
        );
        application.MapWebSocket(
            "/{**path}",
            (socket, context, _) => room.ServeAsync(socket, context),
            endpoint =>
            {
                endpoint.Subprotocols = [.. options.Subprotocols];
                endpoint.MaxConnections = options.MaxClients;
                endpoint.Origins =
                    options.Origins.Contains("*") ? OriginRule.Any
                    : options.Origins.Count > 0 ? OriginRule.Allow([.. options.Origins])
                    : endpoint.Origins;
                endpoint.Connection = endpoint.Connection with
                {
                    MaxMessageBytes = options.MaxMessageBytes,
                    Deflate = new DeflateOptions { Enabled = options.Deflate },
                };
            }
        );
        return application;
    }

    private static void Listen(KestrelServerOptions kestrel, ListenOptions options, X509Certificate2? certificate)
    {
        kestrel.AddServerHeader = false;
        IPAddress address = options.Host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.IPv6Any,
            var host => IPAddress.Parse(host),
        };
        // Kestrel binds both loopback addresses to a given port, but not to one that is yet to be found.
        if (options is { Host: "localhost", Port: not 0 })
        {
            kestrel.ListenLocalhost(options.Port, Configure);
        }
        else
        {
            kestrel.Listen(address, options.Port, Configure);
        }

        void Configure(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }

            if (options.Faults.IsOnTheWire)
            {
                listen.Use(next => FaultyPipe.Wrap(next, options.Faults));
            }
        }
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static Uri AddressOf(WebApplication application, ListenOptions options)
    {
        string address = application
            .Services.GetRequiredService<IServer>()
            .Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.First();
        var uri = new UriBuilder(address) { Scheme = options.UsesTls ? "wss" : "ws" };
        if (options.Host is "localhost" or "*")
        {
            uri.Host = "localhost";
        }

        return uri.Uri;
    }

    private static (X509Certificate2? Certificate, string? Note) ReadCertificate(ListenOptions options)
    {
        if (options.CertificateFile is { } file)
        {
            try
            {
                return (X509Certificate2.CreateFromPemFile(file, options.KeyFile), null);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
            {
                throw new FormatException($"The certificate can't be read: {exception.Message}", exception);
            }
        }

        if (!options.Tls)
        {
            return (null, null);
        }

        string folder = Path.GetDirectoryName(LineHistory.DefaultFile()) is { Length: > 0 } state ? state : Path.GetTempPath();
        (X509Certificate2 certificate, string? kept) = DevelopmentCertificate.Get(folder);
        return (
            certificate,
            kept is null ? "Connect with -n, as nobody vouches for its certificate." : $"Clients trust it with --ca {kept}, or -n."
        );
    }

    private static void ReadLines(
        ListenOptions options,
        CommandStreams streams,
        LineInput input,
        ListenRoom room,
        ListenReport report,
        CancellationTokenSource end
    )
    {
        try
        {
            while (input.ReadLine() is { } line)
            {
                if ((streams.IsInputTerminal || options.Slash) && line.AsSpan().StartsWith("/"u8))
                {
                    RunCommand(Encoding.UTF8.GetString(line), room, report, end);
                }
                else
                {
                    room.SendAsync(room.Clients, line).GetAwaiter().GetResult();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            report.Note($"The input can't be read: {exception.Message}");
        }

        if (streams.IsInputTerminal)
        {
            // Ctrl-D.
            end.Cancel();
        }
    }

    private static void RunCommand(string line, ListenRoom room, ListenReport report, CancellationTokenSource end)
    {
        string[] words = line.Split(' ', 3, StringSplitOptions.TrimEntries);
        ListenClient? client =
            words.Length > 1 && int.TryParse(words[1].TrimStart('#'), out int id) ? room.Clients.FirstOrDefault(one => one.Id == id) : null;
        string rest = words.Length > 2 ? words[2] : "";
        switch (words[0])
        {
            case "/list":
                report.Note(
                    string.Join(
                        '\n',
                        room.Clients.Select(static one => $"#{one.Id} {one.Address} {one.Path}").DefaultIfEmpty("Nobody is connected.")
                    )
                );
                break;
            case "/to" when client is not null:
                room.SendAsync([client], Encoding.UTF8.GetBytes(rest)).GetAwaiter().GetResult();
                break;
            case "/close" when client is not null:
                string[] close = rest.Split(' ', 2, StringSplitOptions.TrimEntries);
                bool isGiven = ushort.TryParse(close[0], out ushort status) && CloseStatusRules.IsAllowedOnWire((CloseStatus)status);
                client.Connection.TryClose(
                    isGiven ? (CloseStatus)status : CloseStatus.NormalClosure,
                    isGiven && close.Length > 1 ? close[1] : ""
                );
                break;
            case "/to" or "/close":
                report.Note("There is no such client; /list shows all.");
                break;
            case "/quit":
                end.Cancel();
                break;
            default:
                report.Note("Commands: /list · /to ID TEXT · /close ID [STATUS [REASON]] · /quit");
                break;
        }
    }
}
