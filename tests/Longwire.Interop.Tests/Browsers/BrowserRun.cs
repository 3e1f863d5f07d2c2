using System.Text.Json;
using System.Text.RegularExpressions;

namespace Longwire.Interop.Tests;

/// <summary>One run of the checks in a page, and what the page and the server saw.</summary>
/// <param name="Seen">The observations of each check of <c>peers/checks.html</c>, by its name.</param>
/// <param name="ServerLog">The server's log; the last line may follow the page's report.</param>
internal sealed partial record BrowserRun(IReadOnlyDictionary<string, string[]> Seen, LineLog ServerLog)
{
    /// <summary>Has a browser run the checks on a server of its own.</summary>
    public static async Task<BrowserRun> StartAsync(string browserName, string scheme)
    {
        await using var server = new EchoApplication();
        await server.InitializeAsync();
        var page = new Uri($"{scheme}://localhost:{(scheme == "https" ? server.TlsPort : server.Port)}/page/checks.html");
        await using Browser browser = Browser.Open(browserName, page, server.Certificate);
        try
        {
            Match report = await server.Reports.WaitForAsync(Anything(), patience: Patience.Long);
            return new BrowserRun(JsonSerializer.Deserialize<Dictionary<string, string[]>>(report.Value)!, server.Log);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The page has not reported. The server's log:\n{server.Log}\nThe browser's:\n{browser}");
        }
    }

    [GeneratedRegex("^.*$", RegexOptions.Singleline)]
    private static partial Regex Anything();
}
