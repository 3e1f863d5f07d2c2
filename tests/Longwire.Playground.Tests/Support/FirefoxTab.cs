using System.Text.Json.Nodes;

namespace Longwire.Playground.Tests;

/// <summary>A tab of Firefox. Relative addresses are those of its server.</summary>
internal sealed class FirefoxTab(Firefox browser, string context, Uri server) : Tab
{
    private readonly string _context = Quote(context);

    public override async Task GoToAsync(string address) =>
        await browser.SendAsync(
            "browsingContext.navigate",
            $$"""{"context":{{_context}},"url":{{Quote(new Uri(server, address).ToString())}},"wait":"complete"}"""
        );

    public override async Task<string?> RunAsync(string expression)
    {
        JsonNode answer = await browser.SendAsync(
            "script.evaluate",
            $$"""{"expression":{{Quote(expression)}},"target":{"context":{{_context}}},"awaitPromise":true,"userActivation":true}"""
        );
        return answer["exceptionDetails"] is { } thrown
            ? throw new InvalidOperationException($"{thrown["text"]} {expression}")
            : answer["result"]!["value"]?.ToString();
    }

    public override async Task CloseAsync() => await browser.SendAsync("browsingContext.close", $$"""{"context":{{_context}}}""");
}
