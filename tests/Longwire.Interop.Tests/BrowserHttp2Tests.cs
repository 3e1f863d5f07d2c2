using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Longwire.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Longwire.Interop.Tests;

/// <summary>A real Chromium whose WebSockets go over the HTTP/2 connection that its page came by (RFC 8441).</summary>
public sealed class BrowserHttp2Tests
{
    // Opens sockets, has text, bytes and a large message echoed by each, closes each with a code of its own, and tells what it saw.
    private const string Script = """
        async count => {
          const address = location.origin.replace('https', 'wss') + '/echo';
          const large = 'åäö '.repeat(100000);
          return await Promise.all([...Array(count).keys()].map(i => new Promise((resolve, reject) => {
            const socket = new WebSocket(address, ['other', 'chat']);
            socket.binaryType = 'arraybuffer';
            const seen = [];
            socket.onerror = () => reject(new Error('socket ' + i + ' failed'));
            socket.onopen = () => {
              socket.send('text ' + i);
              socket.send(new Uint8Array([i, 0, 255]));
              socket.send(large);
            };
            socket.onmessage = event => {
              seen.push(typeof event.data !== 'string' ? Array.from(new Uint8Array(event.data)).join()
                : event.data === large ? 'large' : event.data);
              if (seen.length === 3) socket.close(4000 + i, 'enough');
            };
            socket.onclose = event =>
              resolve([socket.protocol, socket.extensions.split(';')[0], ...seen, event.code, event.reason, event.wasClean].join('|'));
          })));
        }
        """;

    private readonly ConcurrentDictionary<int, string> _tcpConnections = new();
    private readonly ConcurrentBag<string> _closes = [];

    [Fact]
    public async Task Chromium_carries_its_WebSockets_over_HTTP_2()
    {
        using X509Certificate2 certificate = CreateCertificate();
        await using WebApplication application = Create(certificate);
        await application.StartAsync();
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = Places.Chromium,
                Timeout = (float)Patience.Long.TotalMilliseconds,
                Args = [.. BrowserSwitches.Chromium, "--ignore-certificate-errors"],
            }
        );
        IBrowserContext context = await browser.NewContextAsync(new BrowserNewContextOptions { IgnoreHTTPSErrors = true });
        context.SetDefaultTimeout((float)Patience.Long.TotalMilliseconds);
        IPage page = await context.NewPageAsync();
        await page.GotoAsync($"https://localhost:{new Uri(address).Port}/page");

        string[] seen = await page.EvaluateAsync<string[]>(Script, 8).WaitAsync(Patience.Long);
        Assert.Equal(Enumerable.Range(0, 8).Select(static i => $"chat|permessage-deflate|text {i}|{i},0,255|large|{4000 + i}||true"), seen);
        Assert.Equal("HTTP/2", Assert.Single(_tcpConnections).Value);
        await application.StopAsync();
        Assert.Equal(Enumerable.Range(0, 8).Select(static i => $"{4000 + i} enough"), _closes.Order());
    }

    private WebApplication Create(X509Certificate2 certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
                kestrel.Listen(
                    IPAddress.Loopback,
                    0,
                    listen =>
                    {
                        listen.Protocols = HttpProtocols.Http1AndHttp2;
                        listen.UseHttps(certificate);
                    }
                )
            );
        builder.Services.AddLongwire();
        WebApplication application = builder.Build();
        application.MapGet("/page", static () => Results.Content("<!doctype html><title>page</title>", "text/html"));
        application.MapWebSocket(
            "/echo",
            EchoAsync,
            static endpoint =>
            {
                endpoint.Subprotocols.Add("chat");
                endpoint.Connection = endpoint.Connection with { Deflate = new DeflateOptions { Enabled = true } };
            }
        );
        return application;
    }

    private async Task EchoAsync(WebSocketConnection socket, HttpContext context, CancellationToken cancellationToken)
    {
        _tcpConnections[context.Connection.RemotePort] = context.Request.Protocol;
        await foreach (WebSocketMessage message in socket.ReadAllAsync(cancellationToken))
        {
            await socket.SendAsync(message.Payload, message.Type, cancellationToken);
        }

        _closes.Add($"{(int?)socket.CloseStatus} {socket.CloseReason}");
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
