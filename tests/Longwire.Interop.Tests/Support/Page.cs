using System.Text.Json;
using System.Text.RegularExpressions;

namespace Longwire.Interop.Tests;

/// <summary>A page in Node that runs printed code unchanged; see <c>peers/context.js</c>.</summary>
internal sealed class Page : IAsyncDisposable
{
    private readonly ChildProcess _process = ChildProcess.Start(Places.Node, Places.Peer("context.js"));
    private int _lastId;

    /// <summary>Runs code in the page and returns its value; an exception in it fails the test.</summary>
    public async Task<JsonElement> RunAsync(string code)
    {
        (JsonElement value, string? error) = await TryRunAsync(code);
        Assert.True(error is null, $"The page threw: {error}\n{code}");
        return value;
    }

    /// <summary>Runs code in the page and returns its value, or the text of what it threw.</summary>
    public async Task<(JsonElement Value, string? Error)> TryRunAsync(string code)
    {
        int id = ++_lastId;
        await _process.Input.WriteLineAsync(JsonSerializer.Serialize(new { id, code }));
        await _process.Input.FlushAsync();
        Match match = await _process.Output.WaitForAsync(new Regex($$"""^\{"id":{{id}},.*$"""));
        JsonElement answer = JsonDocument.Parse(match.Value).RootElement;
        return answer.TryGetProperty("error", out JsonElement error) ? (default, error.GetString()) : (answer.GetProperty("value"), null);
    }

    /// <summary>How many reports there are so far; a later wait can begin after them.</summary>
    public int Mark() => _process.Output.Count;

    /// <summary>Waits for a report of this name whose value, as JSON, has all the given pieces of text in it.</summary>
    public async Task<JsonElement> WaitForReportAsync(string name, string pattern = "", int after = 0, TimeSpan? patience = null)
    {
        var line = new Regex($$"""^\{"report":"{{Regex.Escape(name)}}","value":.*{{pattern}}.*$""");
        Match match = await _process.Output.WaitForAsync(line, after, patience);
        return JsonDocument.Parse(match.Value).RootElement.GetProperty("value");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
