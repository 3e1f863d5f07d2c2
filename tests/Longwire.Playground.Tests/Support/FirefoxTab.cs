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

    public override async Task BackAsync()
    {
        string left = Quote((await RunAsync("location.href"))!);
        await browser.SendAsync("browsingContext.traverseHistory", $$"""{"context":{{_context}},"delta":-1}""");
        // The answer comes before the page does.
        using var patience = new CancellationTokenSource(Patience.Long);
        while (!await IsThereAsync(left))
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private async Task<bool> IsThereAsync(string left)
    {
        try
        {
            return await RunAsync($"location.href !== {left} && document.readyState === 'complete'") == "true";
        }
        catch (InvalidOperationException)
        {
            // The page that was asked is being left.
            return false;
        }
    }

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
