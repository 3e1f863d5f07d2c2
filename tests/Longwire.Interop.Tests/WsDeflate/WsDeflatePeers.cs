using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Longwire.Interop.Tests;

/// <summary>
/// npm `ws` as a server and as a client, whose options each connection chooses for itself, so that a process serves any number of tests.
/// </summary>
public sealed partial class WsDeflatePeers : IAsyncLifetime
{
    private readonly ChildProcess _server = ChildProcess.Start(Places.Node, Places.Peer("ws-deflate-server.js"));
    private readonly ChildProcess _client = ChildProcess.Start(Places.Node, Places.Peer("ws-deflate-client.js"));
    private int _port;
    private int _lastId;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Match match = await _server.Output.WaitForAsync(ListeningLine(), patience: Patience.Long);
        _port = int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>The address of a server with these options, and a wait for what it saw of the connection once that has ended.</summary>
    public (Uri Address, Func<Task<JsonElement>> WaitForSeenAsync) Serve(WsDeflateOptions options)
    {
        string id = $"{Interlocked.Increment(ref _lastId)}";
        int mark = _server.Output.Count;
        string query = Uri.EscapeDataString($$"""{"id":{{id}},"options":{{options}}}""");
        return (new Uri($"ws://127.0.0.1:{_port}/?{query}"), () => SeeAsync(_server, id, mark));
    }

    /// <summary>Has the conversation as a client with these options, and returns what it saw.</summary>
    public async Task<JsonElement> ConverseAsync(Uri address, WsDeflateOptions options)
    {
        string id = $"{Interlocked.Increment(ref _lastId)}";
        Task<JsonElement> seen = SeeAsync(_client, id, _client.Output.Count);
        await _client.Input.WriteLineAsync($$"""{"id":{{id}},"url":"{{address}}","options":{{options}}}""");
        await _client.Input.FlushAsync();
        return await seen;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _client.DisposeAsync();
    }

    private static async Task<JsonElement> SeeAsync(ChildProcess process, string id, int mark)
    {
        Match match = await process.Output.WaitForAsync(new Regex($$"""^\{"id":{{id}},.*$"""), mark, Patience.Long);
        return JsonDocument.Parse(match.Value).RootElement;
    }

    [GeneratedRegex(@"^listening (?<port>\d+)$")]
    private static partial Regex ListeningLine();
}
