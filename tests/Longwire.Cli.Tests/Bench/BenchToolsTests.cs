using System.Runtime.InteropServices;
using System.Text.Json;
using Longwire.Cli.Bench;

namespace Longwire.Cli.Tests;

/// <summary>The tools around a measurement: comparing, pages, scenarios, agents.</summary>
public sealed class BenchToolsTests : IDisposable
{
    private const string Secret = "a secret of some length";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("longwire-bench-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Two_results_are_compared_and_drawn_and_what_is_worse_can_fail()
    {
        await using ToolRun server = ToolRun.Start("listen", "0", "--echo");
        string address = ListenTests.AddressIn(await server.Output.WaitForAsync("\n"));
        string page = File("run.html");
        JsonElement result = await BenchRunTests.BenchAsync(0, address, "-c", "2", "-d", "2", "--html", page, "--name", "<now>");
        string html = await System.IO.File.ReadAllTextAsync(page);
        Assert.Contains("&lt;now&gt;: echo ws://localhost:", html, StringComparison.Ordinal);
        Assert.Contains("<polyline points=\"80,", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html.Replace("ws://", "", StringComparison.Ordinal), StringComparison.Ordinal); // it loads nothing
        Assert.True(result.GetProperty("course").GetArrayLength() > 0);

        string before = File("before.jsonl");
        string after = File("after.jsonl");
        await System.IO.File.WriteAllTextAsync(before, result.ToString());
        double slower = result.GetProperty("p99Microseconds").GetDouble() * 2;
        await System.IO.File.WriteAllTextAsync(
            after,
            result
                .ToString()
                .Replace(
                    result.GetProperty("p99Microseconds").GetRawText(),
                    slower.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    StringComparison.Ordinal
                )
        );
        await using ToolRun same = ToolRun.Start("bench", "compare", before, before, "--fail-above", "5");
        Assert.Equal((0, ""), (await same.EndAsync(), same.Error.Text));
        await using ToolRun worse = ToolRun.Start("bench", "compare", before, after, "--fail-above", "50", "--html", File("both.html"));
        Assert.Equal(4, await worse.EndAsync());
        Assert.Matches(@"p99 .*\+100 %  worse", worse.Output.Text);
        Assert.True(System.IO.File.Exists(File("both.html")));
        await using ToolRun none = ToolRun.Start("bench", "compare", before, page);
        Assert.Equal(1, await none.EndAsync());
    }

    [Fact]
    public async Task Users_of_a_scenario_sign_in_join_and_publish()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        string file = File("scenario.json");
        await System.IO.File.WriteAllTextAsync(
            file,
            """
            {
              // Ramps up, and holds.
              "stages": [{ "users": 3, "seconds": 0.5 }, { "users": 3, "seconds": 600 }],
              "first": [
                { "name": "sign in", "send": "{\"type\":\"auth\",\"token\":\"valid-token\",\"username\":\"user{user}\"}", "expect": "auth" },
                { "name": "join", "send": "{\"type\":\"join-room\",\"room\":\"general\"}", "expect": "general" }
              ],
              "repeat": [
                { "name": "publish", "send": "{\"type\":\"message\",\"room\":\"general\",\"content\":\"word {id}\"}", "expect": "word", "thinkSeconds": 0.05 }
              ]
            }
            """
        );
        await using ToolRun run = ToolRun.Start("bench", "scenario", file, server.Socket("/ws").ToString(), "--output", "jsonl");
        await HearAsync(server.Socket("/ws"), speakers: 3, timesEach: 2);
        int ended = await run.InterruptAsync();
        Assert.True(ended == ExitCode.Interrupted, run.Error.Text + run.Output.Text);
        JsonElement result = JsonDocument.Parse(run.Output.Text).RootElement;
        Assert.Equal(3, result.GetProperty("users").GetInt32());
        Dictionary<string, long> counts = result
            .GetProperty("steps")
            .EnumerateArray()
            .ToDictionary(static step => step.GetProperty("name").GetString()!, static step => step.GetProperty("count").GetInt64());
        Assert.Equal((3, 3, 3), (counts["connect"], counts["sign in"], counts["join"]));
        Assert.True(counts["publish"] > 3);

        await System.IO.File.WriteAllTextAsync(
            file,
            """{"patienceSeconds":0.2,"stages":[{"users":1,"seconds":1}],"repeat":[{"name":"hope","send":"{}","expect":"never this"}]}"""
        );
        await using ToolRun vain = ToolRun.Start("bench", "scenario", file, server.Socket("/echo").ToString());
        Assert.Equal(4, await vain.EndAsync());
        Assert.Contains(
            "hope: no message matched 'never this' within 0.2 s; the last that came was: {}",
            vain.Error.Text,
            StringComparison.Ordinal
        );
        await System.IO.File.WriteAllTextAsync(file, """{"stages":[],"stops":1}""");
        await using ToolRun wrong = ToolRun.Start("bench", "scenario", file, "ws://localhost:1");
        Assert.Equal(1, await wrong.EndAsync());
    }

    /// <summary>Listens in the room until so many have spoken so often.</summary>
    private static async Task HearAsync(Uri address, int speakers, int timesEach)
    {
        using var patience = new CancellationTokenSource(Patience.Long);
        await using WebSocketConnection watcher = await WebSocketClient.ConnectAsync(address, cancellationToken: patience.Token);
        await watcher.SendAsync("""{"type":"auth","token":"valid-token","username":"watcher"}""");
        await watcher.SendAsync("""{"type":"join-room","room":"general"}""");
        var heard = new Dictionary<string, int>();
        await foreach (WebSocketMessage message in watcher.ReadAllAsync(patience.Token))
        {
            JsonElement json = JsonDocument.Parse(message.Payload).RootElement;
            if (json.GetProperty("type").ValueEquals("message"))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(heard, json.GetProperty("username").GetString()!, out _)++;
            }

            if (heard.Count == speakers && heard.Values.All(count => count >= timesEach))
            {
                break;
            }
        }
    }

    [Fact]
    public async Task Agents_measure_together_with_those_who_know_the_secret_and_load_this_machine_only()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        await using ToolRun one = ToolRun.Start("bench", "agent", "--port", "0", "--secret", Secret);
        await using ToolRun two = ToolRun.Start("bench", "agent", "--port", "0", "--secret", Secret);
        string first = $"127.0.0.1:{await PortAsync(one)}";
        string agents = $"{first},127.0.0.1:{await PortAsync(two)}";
        JsonElement result = await BenchRunTests.BenchAsync(
            0,
            server.Socket("/echo").ToString(),
            "-c",
            "5",
            "--agents",
            agents,
            "--secret",
            Secret
        );
        Assert.Equal((5, 2), (result.GetProperty("connections").GetInt32(), result.GetProperty("workers").GetInt32()));
        Assert.True(result.GetProperty("messages").GetInt64() > 5);

        // Of two agents the other may be the one that turns it away.
        await using ToolRun stranger = ToolRun.Start("bench", ":1", "--agents", first, "--secret", "some other secret of mine");
        Assert.Equal(7, await stranger.EndAsync());
        Assert.Contains("another secret", stranger.Error.Text, StringComparison.Ordinal);
        await one.Error.WaitForAsync("doesn't know the secret");
        await using ToolRun elsewhere = ToolRun.Start("bench", "ws://192.0.2.1/", "--agents", agents, "--secret", Secret);
        Assert.Equal(1, await elsewhere.EndAsync());
        Assert.Contains("only its own machine", elsewhere.Error.Text, StringComparison.Ordinal);
        await using ToolRun careless = ToolRun.Start("bench", "agent", "--port", "0", "--secret", "short");
        Assert.Equal(1, await careless.EndAsync());
        Assert.Equal(0, await one.InterruptAsync());
    }

    [Fact]
    public void A_chart_is_as_high_as_its_figures()
    {
        Assert.Equal("▁▅█▅", BenchProgress.Chart([99, 0, 50, 100, 60], 4));
        Assert.Equal("▁▁", BenchProgress.Chart([0, 0], 4));
        Assert.Equal("", BenchProgress.Chart([], 4));
    }

    [Fact]
    public void A_pause_is_spread_over_what_was_due_meanwhile()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(1_000_000, 999);
        histogram.Record(1_000_000_000);
        Assert.InRange(histogram.QuantileMicroseconds(0.99), 900, 1100);
        LatencyHistogram steady = histogram.AtSteadyPace(1_000_000);
        Assert.InRange(steady.Count, 1990, 2010);
        Assert.InRange(steady.QuantileMicroseconds(0.75), 490_000, 520_000);
        var even = new LatencyHistogram();
        even.Record(1_000_000, 1000);
        Assert.Equal(1000, even.AtSteadyPace(1_000_000).Count);
    }

    private static async Task<string> PortAsync(ToolRun agent) =>
        JsonDocument.Parse(await agent.Output.WaitForAsync("\n")).RootElement.GetProperty("port").GetRawText();

    private string File(string name) => Path.Combine(_directory.FullName, name);
}
