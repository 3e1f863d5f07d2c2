using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Longwire.Playground.Tests;

/// <summary>A user context of Firefox. Each of its tabs is a window of its own: what is behind another is told to rest.</summary>
internal sealed class FirefoxWindow : BrowserWindow
{
    private readonly Firefox _browser;
    private readonly Uri _server;
    private readonly string _userContext;
    private readonly ConcurrentBag<string> _contexts = [];

    private FirefoxWindow(Firefox browser, Uri server, string userContext)
    {
        _browser = browser;
        _server = server;
        _userContext = JsonSerializer.Serialize(userContext);
    }

    public static async Task<FirefoxWindow> OpenAsync(Firefox browser, Uri server)
    {
        JsonNode created = await browser.SendAsync("browser.createUserContext", "{}");
        return new FirefoxWindow(browser, server, (string)created["userContext"]!);
    }

    public override async Task<Tab> OpenAsync(string address)
    {
        JsonNode created = await _browser.SendAsync("browsingContext.create", $$"""{"type":"window","userContext":{{_userContext}}}""");
        string context = (string)created["context"]!;
        _contexts.Add(context);
        await _browser.SendAsync(
            "browsingContext.setViewport",
            $$"""{"context":{{JsonSerializer.Serialize(context)}},"viewport":{"width":{{Width}},"height":{{Height}} } }"""
        );
        var tab = new FirefoxTab(_browser, context, _server);
        await tab.GoToAsync(address);
        return tab;
    }

    public override Task SetOfflineAsync(bool isOffline) =>
        _browser.SendAsync(
            "emulation.setNetworkConditions",
            $$"""{"networkConditions":{{(isOffline ? """{"type":"offline"}""" : "null")}},"userContexts":[{{_userContext}}]}"""
        );

    public override void AssertNothingWentWrong() => Assert.Empty(_browser.ProblemsIn(_contexts));

    public override async ValueTask DisposeAsync() =>
        await _browser.SendAsync("browser.removeUserContext", $$"""{"userContext":{{_userContext}}}""");
}
