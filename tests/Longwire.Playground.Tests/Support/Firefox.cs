using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Longwire.Client;

namespace Longwire.Playground.Tests;

/// <summary>A Firefox without a window, in a profile of its own, driven by WebDriver BiDi.</summary>
internal sealed partial class Firefox : WebSocketHandler, IAsyncDisposable
{
    private readonly TemporaryFolder _profile = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _answers = new();

    // Of all its pages Firefox lets one WebSocket at a time connect to a host (RFC 6455, section 4.1), and says this of one that its page
    // gives up while it waits. Pages come back from that, and tests look at what they show then.
    private const string GivenUp = "establish a connection to the server at ws";

    private readonly ConcurrentQueue<(string? Context, string Text)> _problems = new();
    private ChildProcess? _process;
    private WebSocketConnection? _socket;
    private int _lastId;

    private Firefox() { }

    /// <summary>The errors that pages in these contexts have written to the console.</summary>
    public IEnumerable<string> ProblemsIn(IReadOnlyCollection<string> contexts) =>
        from problem in _problems
        where contexts.Contains(problem.Context) && !problem.Text.Contains(GivenUp, StringComparison.Ordinal)
        select problem.Text;

    public static async Task<Firefox> OpenAsync()
    {
        var firefox = new Firefox();
        // The second: an attempt after one that failed is not held back for half a minute. The rest saves the machine's time: no motion, few
        // pictures a second, one process for all pages, and nothing made for tabs and windows that may come.
        File.WriteAllText(
            firefox._profile["user.js"],
            BrowserSwitches.Firefox
                + """
                user_pref("remote.active-protocols", 1);
                user_pref("network.websocket.delay-failed-reconnects", false);
                user_pref("ui.prefersReducedMotion", 1);
                user_pref("layout.frame_rate", 20);
                user_pref("dom.ipc.processCount", 1);
                user_pref("dom.ipc.processPrelaunch.enabled", false);
                user_pref("fission.autostart", false);
                user_pref("browser.newtab.preload", false);
                user_pref("browser.newtabpage.enabled", false);
                user_pref("browser.sessionstore.interval", 3600000);
                user_pref("browser.cache.disk.enable", false);
                """
        );
        firefox._process = ChildProcess.Start(
            "/usr/bin/env",
            [
                $"HOME={firefox._profile.Path}",
                Places.Firefox,
                "--headless",
                "--no-remote",
                "--remote-debugging-port=0",
                "--profile",
                firefox._profile.Path,
            ]
        );
        Match address = await firefox._process.Errors.WaitForAsync(AddressLine(), patience: Patience.Long);
        firefox._socket = await WebSocketClient.ConnectAsync(
            new Uri(address.Groups["address"].Value + "/session"),
            firefox,
            new WebSocketClientOptions { Connection = new WebSocketConnectionOptions { MaxMessageBytes = 64 << 20 } }
        );
        await firefox.SendAsync("session.new", """{"capabilities":{}}""");
        await firefox.SendAsync("session.subscribe", """{"events":["log.entryAdded"]}""");
        return firefox;
    }

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        JsonNode message = JsonNode.Parse(payload)!;
        if (message["id"] is { } id && _answers.TryRemove((int)id, out TaskCompletionSource<JsonNode>? answer))
        {
            if (message["error"] is { } error)
            {
                answer.SetException(new InvalidOperationException($"{error}: {message["message"]}"));
            }
            else
            {
                answer.SetResult(message["result"]!);
            }
        }
        else if ((string?)message["method"] == "log.entryAdded" && (string?)message["params"]!["level"] == "error")
        {
            JsonNode entry = message["params"]!;
            _problems.Enqueue(((string?)entry["source"]!["context"], (string?)entry["text"] ?? "an error without a text"));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _profile.Dispose();
    }

    internal async Task<JsonNode> SendAsync(string method, string parameters)
    {
        int id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers[id] = answer;
        await _socket!.SendTextAsync($$"""{"id":{{id}},"method":{{JsonSerializer.Serialize(method)}},"params":{{parameters}}}""");
        // Longer than a wait in a page, which then says what it waits for.
        return await answer.Task.WaitAsync(Patience.Programs);
    }

    [GeneratedRegex(@"WebDriver BiDi listening on (?<address>ws:\S+)")]
    private static partial Regex AddressLine();
}
