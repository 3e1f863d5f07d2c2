using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Longwire.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Interop.Tests;

/// <summary>
/// Longwire in this process, as an echo with endpoints of several settings, so that a test sees what the server saw. A text message that
/// begins with "!close" is an order: !close CODE REASON.
/// </summary>
public sealed partial class EchoApplication : IAsyncLifetime
{
    /// <summary>The subprotocols that each endpoint speaks.</summary>
    public static readonly string[] Subprotocols = ["superchat", "chat"];

    /// <summary>The endpoints.</summary>
    private static readonly Dictionary<string, WebSocketConnectionOptions> _endpoints = new()
    {
        ["/echo"] = With(Agreements.Contexts),
        ["/fresh"] = With(Agreements.Fresh),
        ["/contexts"] = With(Agreements.Contexts),
        ["/narrow"] = With(Agreements.Narrow),
        ["/pinging"] = With(Agreements.Contexts) with { PingInterval = TimeSpan.FromMilliseconds(500) },
        ["/quiet"] = With(Agreements.Contexts) with { PingInterval = Timeout.InfiniteTimeSpan },
    };

    private WebApplication? _application;

    /// <summary>One line for each connection that ended, as in "closed /echo HTTP/1.1 1000 done".</summary>
    internal LineLog Log { get; } = new();

    /// <summary>The reports that pages posted to /report.</summary>
    internal LineLog Reports { get; } = new();

    /// <summary>The port of plain HTTP/1.1.</summary>
    public int Port { get; private set; }

    /// <summary>The port of HTTP/1.1 and HTTP/2 in TLS.</summary>
    public int TlsPort { get; private set; }

    /// <summary>The certificate, for "localhost", signed by itself.</summary>
    public X509Certificate2 Certificate { get; } = CreateCertificate();

    /// <summary>The address of a WebSocket endpoint.</summary>
    public Uri this[string path] => new($"ws://localhost:{Port}{path}");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate));
            });
        builder.Services.AddLongwire();
        _application = builder.Build();
        foreach ((string path, WebSocketConnectionOptions options) in _endpoints)
        {
            _application.MapWebSocket(
                path,
                EchoAsync,
                endpoint =>
                {
                    endpoint.Connection = options;
                    endpoint.Subprotocols = Subprotocols;
                }
            );
        }

        _application.MapGet(
            "/page/{name}",
            static (string name) => Results.File(Places.Peer(Path.GetFileName(name)), "text/html; charset=utf-8")
        );
        _application.MapPost("/report", ReportAsync);
        await _application.StartAsync();
        ICollection<string> addresses = _application
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses;
        Port = new Uri(addresses.Single(static address => address.StartsWith("http:", StringComparison.Ordinal))).Port;
        TlsPort = new Uri(addresses.Single(static address => address.StartsWith("https:", StringComparison.Ordinal))).Port;
    }

    /// <summary>Waits until a connection of an endpoint has ended as the server saw it, and returns its code and its reason.</summary>
    public async Task<(int Code, string Reason)> WaitForClosedAsync(string path, int after = 0)
    {
        var line = new Regex($"^closed {Regex.Escape(path)} [^ ]+ (?<code>[0-9]+) (?<reason>.*)$");
        Match match = await Log.WaitForAsync(line, after);
        return (int.Parse(match.Groups["code"].Value, null), match.Groups["reason"].Value);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }

        Certificate.Dispose();
    }

    // Without the token: it is cancelled when the connection ends, and what is logged behind that would then be lost now and then.
    private async Task EchoAsync(WebSocketConnection socket, HttpContext context, CancellationToken cancellationToken)
    {
        await foreach (WebSocketMessage message in socket.ReadAllAsync(CancellationToken.None))
        {
            if (message.Type == MessageType.Text && Order().Match(message.Text) is { Success: true } order)
            {
                await socket.CloseAsync(
                    (CloseStatus)int.Parse(order.Groups["code"].Value, null),
                    order.Groups["reason"].Value,
                    CancellationToken.None
                );
            }
            else
            {
                await socket.SendAsync(message.Payload, message.Type, CancellationToken.None);
            }
        }

        await socket.Completion;
        Log.Add($"closed {context.Request.Path} {context.Request.Protocol} {(int?)socket.CloseStatus} {socket.CloseReason}");
    }

    private async Task ReportAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        Reports.Add(await reader.ReadToEndAsync(request.HttpContext.RequestAborted));
    }

    private static WebSocketConnectionOptions With(DeflateOptions deflate) => new() { MaxMessageBytes = 64 << 20, Deflate = deflate };

    internal static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    [GeneratedRegex("^!close (?<code>[0-9]+) ?(?<reason>.*)$")]
    private static partial Regex Order();
}
