using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Longwire.Cli.Tests;

/// <summary>Each mode against a real server.</summary>
public sealed class BenchRunTests
{
    [Theory]
    [InlineData]
    [InlineData("--in-flight", "16")]
    [InlineData("--size", "3x20,1x70000", "--binary", "--in-flight", "4")]
    [InlineData("--size", "0,125,126,65535,65536")]
    [InlineData("--json", "--size", "100")]
    [InlineData("--deflate", "--size", "20,5000")]
    [InlineData("--deflate", "--json", "--size", "2000", "--in-flight", "3")]
    [InlineData("--rate", "500")]
    [InlineData("--rate", "2000", "--size", "20,1000", "--loop", "Epoll")]
    [InlineData("--slow-readers", "2")]
    [InlineData("--source", "127.0.0.5,127.0.0.6")]
    [InlineData("--ramp", "0.1")]
    public async Task An_echo_is_measured_and_every_message_comes_back(params string[] arguments)
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        JsonElement result = await BenchAsync(0, [server.Socket("/echo").ToString(), "-c", "8", .. arguments]);
        Assert.True(result.GetProperty("messages").GetInt64() > 5, result.ToString());
        Assert.Equal(0, result.GetProperty("lost").GetInt64());
        Assert.InRange(result.GetProperty("p99Microseconds").GetDouble(), result.GetProperty("p50Microseconds").GetDouble(), 10_000_000);
    }

    [Fact]
    public async Task An_open_loop_sends_at_its_rate()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        JsonElement result = await BenchAsync(0, server.Socket("/echo").ToString(), "-c", "5", "--rate", "1000");
        Assert.InRange(result.GetProperty("messages").GetInt64(), 1_999, 2_001);
        Assert.True(result.TryGetProperty("lagP99Microseconds", out _));
    }

    [Fact]
    public async Task Plain_TCP_is_measured()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                Socket socket = await listener.AcceptSocketAsync();
                _ = Task.Run(async () =>
                {
                    using var stream = new NetworkStream(socket, ownsSocket: true);
                    await stream.CopyToAsync(stream);
                });
            }
        });
        JsonElement result = await BenchAsync(0, $"tcp://{listener.LocalEndpoint}", "-c", "4", "--size", "20,40000", "-i", "4");
        Assert.True(result.GetProperty("messages").GetInt64() > 5);
    }

    [Fact]
    public async Task A_server_with_TLS_is_measured_by_the_client()
    {
        using var files = new CertificateFiles();
        await using ToolRun server = await ToolRun.ServeAsync("--cert", files.Certificate, "--key", files.Key);
        JsonElement result = await BenchAsync(0, server.Socket("/echo").ToString(), "-n", "-c", "4", "-i", "3", "--size", "20,3000");
        Assert.True(result.GetProperty("messages").GetInt64() > 5);
        await BenchAsync(ExitCode.Tls, server.Socket("/echo").ToString(), "-c", "2");
    }

    [Theory]
    [InlineData]
    [InlineData("--senders", "3", "--in-flight", "2")]
    [InlineData("--rate", "200", "--json")]
    [InlineData("--slow-readers", "1", "--size", "500", "--binary")]
    public async Task A_broadcast_reaches_everybody(params string[] arguments)
    {
        await using BroadcastServer server = await BroadcastServer.StartAsync(10);
        JsonElement result = await BenchAsync(
            0,
            [server.Address, "--mode", "broadcast", "-c", "10", "--assert", "reach==100%", .. arguments]
        );
        Assert.Equal(1, result.GetProperty("reach").GetDouble());
        Assert.Equal(
            arguments.Contains("500") ? 500
                : arguments.Contains("--json") ? 43
                : 32,
            result.GetProperty("payloadBytes")[0].GetInt32()
        );
        Assert.True(result.GetProperty("deliveriesPerSecond").GetDouble() > 100);
        Assert.True(result.GetProperty("fanOutP50Microseconds").GetDouble() > 0);
    }

    [Fact]
    public async Task A_server_that_counts_somebody_in_late_is_waited_for()
    {
        await using BroadcastServer server = await BroadcastServer.StartAsync(6, static number => number < 3);
        JsonElement result = await BenchAsync(
            0,
            server.Address,
            "--mode",
            "broadcast",
            "-c",
            "6",
            "-w",
            "0",
            "-d",
            "2",
            "--assert",
            "reach==100%",
            "--assert",
            "lost==0"
        );
        Assert.True(result.GetProperty("messages").GetInt64() > 0);
    }

    [Fact]
    public async Task A_server_that_never_counts_somebody_in_is_named_before_anything_is_measured()
    {
        await using BroadcastServer server = await BroadcastServer.StartAsync(6, static _ => true);
        await using ToolRun bench = ToolRun.Start("bench", server.Address, "--mode", "broadcast", "-c", "6", "--patience", "5");
        Assert.Equal(ExitCode.Timeout, await bench.EndAsync());
        Assert.Contains("1 of 6 connections get nothing", bench.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broadcast_that_leaves_somebody_out_is_found_out()
    {
        await using BroadcastServer server = await BroadcastServer.StartAsync(6, static number => number == 40);
        JsonElement result = await BenchAsync(
            ExitCode.Timeout,
            server.Address,
            "--mode",
            "broadcast",
            "-c",
            "6",
            "-w",
            "0",
            "--rate",
            "100"
        );
        Assert.Equal(1, result.GetProperty("lost").GetInt64());
        Assert.Contains("did not reach everybody", result.GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.True(result.GetProperty("reach").GetDouble() < 1);
    }

    [Fact]
    public async Task Idle_connections_are_weighed()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        JsonElement result = await BenchAsync(
            0,
            server.Socket("/echo").ToString(),
            "--mode",
            "idle",
            "-c",
            "200",
            "--server-pid",
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        );
        Assert.Equal(200, result.GetProperty("connections").GetInt32());
        Assert.True(result.TryGetProperty("serverBytesPerConnection", out _));
        Assert.True(result.TryGetProperty("serverBytesPerConnectionAtEnd", out _));
    }

    [Fact]
    public async Task Idle_connections_say_first_what_they_are_told_to()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        string[] signIn = ["--mode", "idle", "-c", "6", "--say", """{"type":"auth","token":"valid-token","username":"user{n}"}"""];
        JsonElement result = await BenchAsync(
            0,
            [server.Socket("/ws").ToString(), .. signIn, "--say", """{"type":"join-room","room":"room{n/3}"}"""]
        );
        Assert.Equal(6, result.GetProperty("connections").GetInt32());
        await BenchAsync(ExitCode.Usage, server.Socket("/ws").ToString(), "--say", "a");
    }

    [Fact]
    public async Task A_storm_counts_handshakes()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        JsonElement result = await BenchAsync(0, server.Socket("/echo").ToString(), "--mode", "storm", "--concurrency", "8");
        Assert.True(result.GetProperty("messages").GetInt64() > 5);
    }

    [Fact]
    public async Task Several_workers_measure_as_one()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        await using ToolProcess bench = ToolProcess.Start(
            "bench",
            server.Socket("/echo").ToString(),
            "-c",
            "7",
            "--workers",
            "3",
            "-w",
            "0.5",
            "-d",
            "2",
            "-o",
            "jsonl",
            "--server-pid",
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        );
        Assert.Equal(0, await bench.EndAsync());
        JsonElement result = JsonDocument.Parse(bench.Output.Text).RootElement;
        Assert.Equal((7, 3), (result.GetProperty("connections").GetInt32(), result.GetProperty("workers").GetInt32()));
        Assert.True(result.GetProperty("messages").GetInt64() > 5);

        await using ToolProcess refused = ToolProcess.Start("bench", server.Socket("/nowhere").ToString(), "-c", "4", "--workers", "2");
        Assert.Equal(ExitCode.UpgradeRefused, await refused.EndAsync());
        Assert.Contains("404", refused.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupt_ends_with_the_partial_result()
    {
        int answered = 0;
        var enough = new TaskCompletionSource();
        await using TestEndpoint server = await BenchFaultTests.EchoAsync(
            async (socket, message) =>
            {
                await socket.SendAsync(message.Payload, message.Type);
                if (Interlocked.Increment(ref answered) == 100)
                {
                    enough.SetResult();
                }
            }
        );
        await using ToolRun bench = ToolRun.Start("bench", server.Address, "-c", "3", "-w", "0", "-d", "600", "-o", "jsonl");
        await enough.Task.WaitAsync(Patience.Long);
        Assert.Equal(ExitCode.Interrupted, await bench.InterruptAsync());
        JsonElement result = JsonDocument.Parse(bench.Output.Text).RootElement;
        Assert.True(result.GetProperty("isInterrupted").GetBoolean());
        Assert.InRange(result.GetProperty("seconds").GetDouble(), 0.001, 599);
        Assert.True(result.GetProperty("messages").GetInt64() > 0);
    }

    [Theory]
    [InlineData("table", "messages  ")]
    [InlineData("json", "\n  \"messages\": ")]
    public async Task The_result_is_a_table_or_JSON(string output, string part)
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        await using ToolRun bench = ToolRun.Start(
            "bench",
            server.Socket("/echo").ToString(),
            "-c",
            "2",
            "-w",
            "0.5",
            "-d",
            "2",
            "-o",
            output
        );
        Assert.Equal(0, await bench.EndAsync());
        Assert.Contains(part, bench.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assertion_that_does_not_hold_ends_with_4()
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        await using ToolRun bench = ToolRun.Start(
            "bench",
            server.Socket("/echo").ToString(),
            "-c",
            "2",
            "-w",
            "0.5",
            "-d",
            "2",
            "--assert",
            "p50<1us",
            "--assert",
            "lost==0"
        );
        Assert.Equal(ExitCode.AssertionFailed, await bench.EndAsync());
        Assert.Contains("p50<1us does not hold", bench.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("lost==0", bench.Error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("per-cpu>1", "--server-pid")]
    [InlineData("server-cpu<50%", "--server-pid")]
    [InlineData("reach==100%", "--mode broadcast")]
    [InlineData("bytes<2KiB", "--mode idle")]
    public async Task An_assertion_on_what_the_run_does_not_measure_is_refused(string assertion, string lack)
    {
        await using ToolRun bench = ToolRun.Start("bench", "ws://127.0.0.1:9/echo", "--assert", assertion);
        Assert.Equal(ExitCode.Usage, await bench.EndAsync());
        Assert.Contains(lack, bench.Error.Text, StringComparison.Ordinal);
    }

    internal static async Task<JsonElement> BenchAsync(int exitCode, params string[] arguments)
    {
        // Nothing waits for long but who waits in vain.
        string patience = exitCode == ExitCode.Timeout ? "5" : "100";
        // Processes that have just begun need some time for their first messages.
        (string Name, string Value)[] usual = [("-w", "0.5"), ("-d", "2"), ("--patience", patience), ("-o", "jsonl")];
        await using ToolRun run = ToolRun.Start([
            "bench",
            .. arguments,
            .. usual.Where(option => !arguments.Contains(option.Name)).SelectMany(static option => new[] { option.Name, option.Value }),
        ]);
        int ended = await run.EndAsync();
        Assert.True(exitCode == ended, $"{ended}: {run.Error.Text}");
        return run.Output.Text.Length == 0 ? default : JsonDocument.Parse(run.Output.Text).RootElement;
    }
}
