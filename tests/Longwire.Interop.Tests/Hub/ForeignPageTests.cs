using System.Net;
using System.Security.Claims;
using System.Text.Json;
using System.Text.RegularExpressions;
using Longwire.Hubs.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Interop.Tests;

/// <summary>
/// A page of another origin in a real browser, whose visitor is signed in to the hub by a cookie that the browser sends along: it gets
/// nothing, and does nothing. The same page of the hub's own origin gets in.
/// </summary>
public sealed partial class ForeignPageTests
{
    private const string Attempts = """
        <!doctype html><body><script>
        const hub = 'HUB', seen = {}, say = '{"type":"message","room":"tea","content":"forged","id":"1"}';
        const attempt = async (name, run) => { try { seen[name] = String(await run()); } catch { seen[name] = 'refused'; } };
        const post = (type, mode) => fetch(hub + '/send?room=tea', { method: 'POST', mode, credentials: 'include', headers: { 'Content-Type': type }, body: say })
          .then(async response => response.type === 'opaque' ? 'opaque' : response.status + await response.text());
        const when = (target, good, bad) => new Promise(done => { target['on' + good] = () => done(good); target['on' + bad] = () => done(bad); });
        const form = () => new Promise(done => {
          document.body.insertAdjacentHTML('beforeend', '<iframe name="hidden"></iframe><form target="hidden" method="post" enctype="text/plain"></form>');
          document.querySelector('iframe').onload = () => done('sent');
          const field = document.createElement('input');
          [field.name, field.value] = [say.slice(0, -1) + ',"x":"', '"}'];
          document.forms[0].action = hub + '/send?room=tea';
          document.forms[0].append(field);
          document.forms[0].submit();
        });
        (async () => {
          await attempt('simple', () => post('text/plain', 'no-cors'));
          await attempt('json', () => post('application/json', 'cors'));
          await attempt('form', form);
          await attempt('image', () => { const image = new Image(); const done = when(image, 'load', 'error'); image.src = hub + '/poll?wait=0&room=tea'; return done; });
          await attempt('events', () => { const events = new EventSource(hub + '/events?room=tea', { withCredentials: true }); return when(events, 'open', 'error').finally(() => events.close()); });
          await attempt('socket', () => when(new WebSocket(hub.replace('http', 'ws')), 'open', 'error'));
          await fetch('/report', { method: 'POST', body: JSON.stringify(seen) });
        })();
        </script>
        """;

    [Theory]
    [InlineData("chromium")]
    [InlineData("firefox")]
    public async Task A_foreign_page_gets_nothing_and_does_nothing_with_its_visitors_cookie(string browser)
    {
        var reports = new LineLog();
        await using WebApplication foreign = await StartForeignAsync(reports);
        await using WaysServer server = await StartHubAsync(reports, AddressOf(foreign));
        Dictionary<string, string> seen = await RunAsync(
            browser,
            new Uri(server.Address, "/login?to=foreign"),
            reports,
            () => AddressOf(foreign)
        );
        Assert.Equal(("refused", "error", "error", "error"), (seen["json"], seen["events"], seen["socket"], seen["image"]));
        // The browser does not say what became of these.
        Assert.Equal(("opaque", "sent"), (seen["simple"], seen["form"]));
        Assert.Empty(server.Hub.Sessions);
        Assert.Equal(1, (await server.Hub.PublishAsync("tea", "1"u8.ToArray())).Offset);
    }

    [Theory]
    [InlineData("chromium")]
    public async Task The_same_page_of_the_hubs_own_origin_gets_in_but_for_what_is_no_json(string browser)
    {
        var reports = new LineLog();
        await using WaysServer server = await StartHubAsync(reports, foreign: null);
        Dictionary<string, string> seen = await RunAsync(browser, new Uri(server.Address, "/login?to=own"), reports, () => server.Address);
        Assert.StartsWith("200[{\"type\":\"ack\"", seen["json"]);
        Assert.Equal(("open", "open"), (seen["events"], seen["socket"]));
        Assert.Equal(2, (await server.Hub.PublishAsync("tea", "1"u8.ToArray())).Offset);
    }

    private static async Task<Dictionary<string, string>> RunAsync(string browser, Uri page, LineLog reports, Func<Uri> whose)
    {
        await using Browser opened = Browser.Open(
            browser,
            new UriBuilder(page) { Host = "localhost" }.Uri,
            EchoApplication.CreateCertificate()
        );
        try
        {
            Match report = await reports.WaitForAsync(Anything(), patience: Patience.Long);
            return JsonSerializer.Deserialize<Dictionary<string, string>>(report.Value)!;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The page of {whose()} has not reported. The browser:\n{opened}");
        }
    }

    private static Task<WaysServer> StartHubAsync(LineLog reports, Uri? foreign) =>
        WaysServer.StartAsync(use: application =>
        {
            application.Use(
                (context, next) =>
                {
                    if (context.Request.Cookies["who"] is { } who)
                    {
                        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, who)], "cookie"));
                    }

                    return next(context);
                }
            );
            application.MapGet(
                "/login",
                (HttpContext context) =>
                {
                    context.Response.Cookies.Append("who", "ann", new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict });
                    string hub = $"http://localhost:{context.Connection.LocalPort}/hub";
                    string to = foreign is null ? "/own" : $"http://localhost:{foreign.Port}/page?hub={Uri.EscapeDataString(hub)}";
                    // Not a redirect, which would be no request of the foreign page's own.
                    return Results.Content($"<script>location = '{to}';</script>", "text/html");
                }
            );
            application.MapGet(
                "/own",
                () =>
                    Results.Content(
                        Attempts
                            .Replace("HUB", "/hub", StringComparison.Ordinal)
                            .Replace("hub.replace('http', 'ws')", "'ws://' + location.host + hub", StringComparison.Ordinal),
                        "text/html"
                    )
            );
            application.MapPost("/report", (HttpRequest request) => ReportAsync(request, reports));
        });

    private static async Task<WebApplication> StartForeignAsync(LineLog reports)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication application = builder.Build();
        application.MapGet("/page", (string hub) => Results.Content(Attempts.Replace("HUB", hub, StringComparison.Ordinal), "text/html"));
        application.MapPost("/report", (HttpRequest request) => ReportAsync(request, reports));
        await application.StartAsync();
        return application;
    }

    private static async Task ReportAsync(HttpRequest request, LineLog reports)
    {
        using var reader = new StreamReader(request.Body);
        reports.Add(await reader.ReadToEndAsync());
    }

    private static Uri AddressOf(WebApplication application) =>
        new(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    [GeneratedRegex("^.*$", RegexOptions.Singleline)]
    private static partial Regex Anything();
}
