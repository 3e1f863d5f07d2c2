using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Longwire.Interop.Tests;

/// <summary>Another implementation, as a client that runs one case or as a server that runs until the test is over.</summary>
internal sealed partial class EchoPeer : IAsyncDisposable
{
    /// <summary>
    /// The implementations: npm `ws`, and Debian's python3-websockets, python3-aiohttp, gorilla/websocket and nhooyr.io/websocket for Go.
    /// </summary>
    public static readonly string[] Names = ["ws", "websockets", "aiohttp", "gorilla", "nhooyr"];

    private readonly ChildProcess _process;

    private EchoPeer(ChildProcess process, int port)
    {
        _process = process;
        Address = new Uri($"ws://127.0.0.1:{port}/");
    }

    public Uri Address { get; }

    /// <summary>Runs one case as a client and returns what it saw.</summary>
    public static async Task<JsonElement> RunClientAsync(string name, string url, params IEnumerable<object> arguments)
    {
        IEnumerable<string> all = [url, .. arguments.Select(argument => Convert.ToString(argument, CultureInfo.InvariantCulture)!)];
        (string file, string[] start) = name switch
        {
            "ws" => (Places.Node, [Places.Peer("ws-client.js")]),
            "websockets" or "aiohttp" => (Places.Python, [Places.Peer($"{name}_client.py")]),
            _ => (await GoPrograms.GetAsync(name), new[] { "client" }),
        };
        string line = await ChildProcess.RunAsync(file, [.. start, .. all]);
        return JsonDocument.Parse(line).RootElement;
    }

    /// <summary>Starts a server, with arguments of its own kind.</summary>
    public static async Task<EchoPeer> StartServerAsync(string name, params IEnumerable<string> arguments)
    {
        (string file, string[] start) = name switch
        {
            "ws" => (Places.Node, [Places.Peer("ws-server.js")]),
            "websockets" or "aiohttp" => (Places.Python, [Places.Peer($"{name}_server.py")]),
            _ => (await GoPrograms.GetAsync(name), new[] { "server" }),
        };
        ChildProcess process = ChildProcess.Start(file, [.. start, .. arguments]);
        Match match = await process.Output.WaitForAsync(ListeningLine());
        return new EchoPeer(process, int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>Waits until the server has a connection, and returns the names of the extensions that it agreed on.</summary>
    public async Task<string> WaitForExtensionsAsync() => (await _process.Output.WaitForAsync(OpenedLine())).Groups["extensions"].Value;

    /// <summary>Waits until the server has a connection, and returns the subprotocol that it agreed on; "" for none.</summary>
    public async Task<string> WaitForSubprotocolAsync() => (await _process.Output.WaitForAsync(SubprotocolLine())).Groups["name"].Value;

    /// <summary>Waits until the server has seen a connection end, and returns the code and the reason it saw.</summary>
    public async Task<(int Code, string Reason)> WaitForClosedAsync()
    {
        Match match = await _process.Output.WaitForAsync(ClosedLine());
        return (int.Parse(match.Groups["code"].Value, CultureInfo.InvariantCulture), match.Groups["reason"].Value);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"^listening (?<port>\d+)$")]
    private static partial Regex ListeningLine();

    [GeneratedRegex(@"^opened ?(?<extensions>.*)$")]
    private static partial Regex OpenedLine();

    [GeneratedRegex(@"^subprotocol ?(?<name>.*)$")]
    private static partial Regex SubprotocolLine();

    [GeneratedRegex(@"^closed (?<code>\d+) (?<reason>.*)$")]
    private static partial Regex ClosedLine();
}
