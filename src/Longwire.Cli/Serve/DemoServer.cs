using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Longwire.Cli.Playground;
using Longwire.Cli.Playground.Dashboard;
using Longwire.Hubs;
using Longwire.Transport.Linux;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Longwire.Cli.Serve;

/// <summary>The server behind <c>longwire serve</c>.</summary>
internal static class DemoServer
{
    private const int MinJwtKeyBytes = 32;
    private const int MinAdminTokenLength = 32;

    // Kestrel renews the window that all streams of a TCP connection share when half of it is used up and read. So that sockets which
    // are not read never hold up the others, all of their windows together must fit into the other half.
    private const int MaxStreams = 100;

    public static async Task<int> RunAsync(ServeOptions options, CommandStreams streams, CancellationToken cancellationToken)
    {
        string? wrong = WhatIsWrongWith(options);
        if (wrong is not null)
        {
            await streams.Error.WriteLineAsync(wrong);
            return ExitCode.Usage;
        }

        WebApplication application;
        try
        {
            application = Create(options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            await streams.Error.WriteLineAsync($"The certificate can't be read: {exception.Message}");
            return ExitCode.Usage;
        }

        await using (application)
        {
            try
            {
                await application.StartAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                await streams.Error.WriteLineAsync(
                    $"Can't listen on {options.Host}:{options.Port}: {exception.Message} Choose another with --port."
                );
                return ExitCode.NameOrTcp;
            }

            try
            {
                await AnnounceAsync(application, options, streams);
            }
            catch (OutputException)
            {
                // Requests are under way already: the dashboard's probe is one. They end before the services that they need.
                await application.StopAsync(CancellationToken.None);
                throw;
            }

            await WaitForEndAsync(application, cancellationToken);
        }

        return ExitCode.Done;
    }

    private static string? WhatIsWrongWith(ServeOptions options)
    {
        if (!options.IsThisMachineOnly && options.JwtKey is null)
        {
            return $"Listening on {options.Host} would let others in, and the demonstration's token is known to all. "
                + "Give the key that your tokens are signed with (--jwt-key or LONGWIRE_JWT_KEY), or listen on localhost.";
        }

        if (options.JwtKey is not null && Encoding.UTF8.GetByteCount(options.JwtKey) < MinJwtKeyBytes)
        {
            return $"The key for tokens is too short: HS256 wants at least {MinJwtKeyBytes} bytes. Make one with: openssl rand -hex 32";
        }

        if (new[] { options.AdminToken, options.AdminReadToken }.Any(static token => token?.Length < MinAdminTokenLength))
        {
            return $"An administrator's token has {MinAdminTokenLength} characters at least. Make one with: openssl rand -hex 32";
        }

        if (options.AdminToken is not null && options.AdminToken == options.AdminReadToken)
        {
            return "--admin-token and --admin-read-token are the same: each right needs a token of its own.";
        }

        if (!options.IsThisMachineOnly && options.Host != "*" && !IPAddress.TryParse(options.Host, out _))
        {
            return $"'{options.Host}' is not an address to listen on: give localhost, an IP address, or * for all.";
        }

        if (options.Guests && options.JwtKey is not null)
        {
            return "--guests lets clients in that have no token, and --jwt-key demands one: give one of the two.";
        }

        return options.KeyFile is not null && options.CertificateFile is null ? "--key needs --cert." : null;
    }

    private static WebApplication Create(ServeOptions options)
    {
        // An empty one: settings of whatever project lies in the current directory, or in the environment, are not for this server.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "longwire" });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(options.Verbose ? LogLevel.Debug : LogLevel.Warning);
        // ASP.NET Core logs addresses with their query, which may hold a token.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // A server that can't start says why in words of its own.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        X509Certificate2? certificate = options.CertificateFile is null
            ? null
            : X509Certificate2.CreateFromPemFile(options.CertificateFile, options.KeyFile);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options, certificate));
        if (options.Transport != ServeTransport.Kestrel)
        {
            builder.WebHost.UseLongwireTransport(transport =>
                transport.Loops.Kind = options.Transport switch
                {
                    ServeTransport.Epoll => EventLoopKind.Epoll,
                    ServeTransport.IoUring => EventLoopKind.IoUring,
                    _ => EventLoopKind.Automatic,
                }
            );
        }

        builder
            .Services.AddLongwireHub(hub =>
            {
                hub.AllowGuests = options.Guests;
                // Shown by the pages and the simplest of clients.
                hub.AllowChat = true;
                hub.Welcome = "Connected to server";
                hub.AnnouncedConnections = 100;
                hub.Admin = new() { Token = options.AdminToken, ReadToken = options.AdminReadToken };
            })
            .AddJsonContext(PlaygroundJson.Default);
        builder.Services.AddPlayground(options);
        builder.Services.AddSingleton<ITokenValidator>(provider => new TicketValidator(
            provider.GetRequiredService<Tickets>(),
            options.JwtKey is null ? new DemoTokenValidator() : new JwtTokenValidator(options.JwtKey)
        ));
        WebApplication application = builder.Build();
        if (options.IsThisMachineOnly)
        {
            application.Use(TakeLoopbackNamesOnly);
        }

        application.MapPlayground(application.MapLongwireHub("/"), options);
        application.MapLongwireHub("/ws");
        application.MapLongwireHub("/hub");
        application.MapLongwireHubAdmin("/admin");
        application.MapWebSocket(
            "/echo",
            new EchoHandler(),
            echo =>
            {
                // An echo has nothing to protect, and pages of any origin may try it.
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
        );
        if (options.JwtKey is null)
        {
            // Nobody has to say who they are, so only this machine's own may talk to each other by it.
            application.MapWebSocket(
                "/broadcast",
                new BroadcastHandler(),
                broadcast => broadcast.Connection = broadcast.Connection with { SendQueueFullMode = SendQueueFullMode.Disconnect }
            );
        }

        return application;
    }

    // Anybody can make a name of his own lead to this machine (DNS rebinding), and his pages would then pass for this server's.
    private static Task TakeLoopbackNamesOnly(HttpContext context, RequestDelegate next)
    {
        if (Protocol.LoopbackHost.Matches(context.Request.Headers.Host.ToString()))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("Host not allowed: this server is for this machine alone. Call it localhost.\n");
    }

    private static void Listen(KestrelServerOptions kestrel, ServeOptions options, X509Certificate2? certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.MaxRequestBodySize = 64 << 10;
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
        kestrel.Limits.Http2.UseWindowPerStream();
        // Kestrel can bind both loopback addresses to a given port, but not to one that is yet to be found.
        if (options.Host == "localhost" && options.Port != 0)
        {
            kestrel.ListenLocalhost(options.Port, Configure);
        }
        else if (options.Host == "*")
        {
            kestrel.ListenAnyIP(options.Port, Configure);
        }
        else
        {
            kestrel.Listen(options.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(options.Host), options.Port, Configure);
        }

        void Configure(ListenOptions listen)
        {
            // HTTP/2 is agreed on within TLS; without TLS a browser has no use for it.
            listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }
    }

    private static async Task AnnounceAsync(WebApplication application, ServeOptions options, CommandStreams streams)
    {
        string address = application
            .Services.GetRequiredService<IServer>()
            .Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.First();
        var http = new UriBuilder(address);
        if (options.Host is "localhost" or "*" || http.Host is "[::]" or "0.0.0.0")
        {
            http.Host = "localhost";
        }

        string web = http.Uri.GetLeftPart(UriPartial.Authority);
        string socket = "ws" + web["http".Length..];
        string announcement = $"""
            Longwire is listening on {web}
              Pages   {web}/      {web}/chat
              Hub     {socket}/    {socket}/ws
              Echo    {socket}/echo{(options.JwtKey is null ? $"      To all  {socket}/broadcast" : "")}{(
                options.AdminToken is null && options.AdminReadToken is null ? "" : $"\n  Admin   {web}/admin"
            )}
            {(options.JwtKey is null
                ? options.Guests
                    ? "A demonstration for this machine: nobody has to sign in; anyone may, with the token 'valid-token' and any username."
                    : "A demonstration for this machine: anyone may sign in, with the token 'valid-token' and any username."
                : "Clients sign in with a token (JWT, HS256) signed with the given key.")}
            Try this: open {web}/chat in two tabs, or type: longwire connect {socket}/echo
            Ctrl-C ends it.

            """;
        await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(announcement));
        await streams.Output.FlushAsync();
    }

    private static async Task WaitForEndAsync(WebApplication application, CancellationToken cancellationToken)
    {
        IHostApplicationLifetime lifetime = application.Services.GetRequiredService<IHostApplicationLifetime>();
        using CancellationTokenRegistration stop = cancellationToken.Register(lifetime.StopApplication);
        await application.WaitForShutdownAsync(CancellationToken.None);
    }
}
