using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Longwire.Cli.Tests;

/// <summary>Servers that do what an echo must not do.</summary>
public sealed class BenchFaultTests
{
    [Fact]
    public async Task One_lost_message_is_missed_at_the_end()
    {
        int number = 0;
        await using TestEndpoint server = await EchoAsync(
            async (socket, message) =>
            {
                if (Interlocked.Increment(ref number) != 30)
                {
                    await socket.SendAsync(message.Payload, message.Type);
                }
            }
        );
        JsonElement result = await BenchRunTests.BenchAsync(ExitCode.Timeout, server.Address, "-c", "4", "-w", "0", "-d", "5");
        Assert.Equal(1, result.GetProperty("lost").GetInt64());
        Assert.Contains("1 messages got no reply", result.GetProperty("failure").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ping_before_all_connections_are_open_is_answered_and_disturbs_nothing()
    {
        int pongs = 0;
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            async (socket, _) =>
            {
                await socket.PingAsync();
                Interlocked.Increment(ref pongs);
                await foreach (WebSocketMessage message in socket.ReadAllAsync())
                {
                    await socket.SendAsync(message.Payload, message.Type);
                }
            }
        );
        JsonElement result = await BenchRunTests.BenchAsync(
            ExitCode.Done,
            server.Address,
            "-c",
            "40",
            "--concurrency",
            "1",
            "--mode",
            "idle"
        );
        Assert.Equal(40, result.GetProperty("connections").GetInt32());
        Assert.Equal(40, pongs);
    }

    [Fact]
    public async Task A_server_that_speaks_first_is_no_echo()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static async (socket, _) =>
            {
                await socket.SendTextAsync("Welcome");
                await socket.Completion;
            }
        );
        using var mail = new TcpListener(IPAddress.Loopback, 0);
        mail.Start();
        var clients = new List<Socket>();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                clients.Add(await mail.AcceptSocketAsync());
                await clients[^1].SendAsync("220 Welcome\r\n"u8.ToArray());
            }
        });
        foreach (string address in (string[])[server.Address, $"tcp://{mail.LocalEndpoint}"])
        {
            await using ToolRun run = ToolRun.Start("bench", address, "-c", "40", "--concurrency", "1");
            Assert.Equal(ExitCode.ProtocolError, await run.EndAsync());
            // It replied to nothing; or to the first message, and wrongly, where it was slow to speak.
            Assert.Contains("repl", run.Error.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("first")]
    [InlineData("length")]
    [InlineData("type")]
    [InlineData("twice")]
    public async Task Wrong_replies_end_the_measurement(string fault)
    {
        int number = 0;
        await using TestEndpoint server = await EchoAsync(
            async (socket, message) =>
            {
                byte[] payload = message.Payload.ToArray();
                bool late = Interlocked.Increment(ref number) > 20;
                MessageType type = fault == "type" && late ? MessageType.Binary : message.Type;
                if (fault == "first")
                {
                    payload[^1] ^= 1;
                }

                await socket.SendAsync(fault == "length" && late ? payload.AsMemory(1) : payload, type);
                if (fault == "twice" && late)
                {
                    await socket.SendAsync(payload, type);
                    await socket.SendAsync(payload, type);
                }
            }
        );
        JsonElement result = await BenchRunTests.BenchAsync(ExitCode.ProtocolError, server.Address, "-c", "2", "-w", "0", "-d", "600");
        Assert.NotNull(result.GetProperty("failure").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(false, "--in-flight", "8", "--deflate")]
    [InlineData(false, "--mode", "broadcast")]
    [InlineData(true, "-k")]
    public async Task The_last_reply_that_comes_again_before_the_answer_to_the_Close_is_found(bool tls, params string[] options)
    {
        HttpsConnectionAdapterOptions? secure = tls ? new() { ServerCertificate = Certificates.Create() } : null;
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static application =>
            {
                application.UseWebSockets();
                application.Map(
                    "/",
                    static async context =>
                    {
                        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(
                            new WebSocketAcceptContext { DangerousEnableCompression = true }
                        );
                        byte[] buffer = new byte[1024];
                        byte[] last = [];
                        while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { CloseStatus: null } message)
                        {
                            last = buffer[..message.Count];
                            await socket.SendAsync(last, message.MessageType, endOfMessage: true, CancellationToken.None);
                        }

                        await socket.SendAsync(last, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    }
                );
            },
            secure
        );
        JsonElement result = await BenchRunTests.BenchAsync(
            ExitCode.ProtocolError,
            [server.Address, "-c", "1", "-w", "0", "-d", "2", .. options]
        );
        Assert.NotNull(result.GetProperty("failure").GetString());
    }

    [Fact]
    public async Task Bytes_that_come_again_before_the_end_of_plain_TCP_are_found()
    {
        using var echo = new TcpListener(IPAddress.Loopback, 0);
        echo.Start();
        Task serving = Task.Run(async () =>
        {
            using TcpClient client = await echo.AcceptTcpClientAsync();
            NetworkStream stream = client.GetStream();
            byte[] buffer = new byte[1024];
            byte[] last = [];
            while (await stream.ReadAsync(buffer) is var read and > 0)
            {
                last = buffer[..read];
                await stream.WriteAsync(last);
            }

            await stream.WriteAsync(last);
        });
        await BenchRunTests.BenchAsync(ExitCode.ProtocolError, $"tcp://{echo.LocalEndpoint}", "-c", "1", "-w", "0", "-d", "2");
        await serving;
    }

    // One lie in a thousand, and each of its kind is told by its exit code.
    [Theory]
    [InlineData("drop=1000", ExitCode.Timeout)]
    [InlineData("drop=1000", ExitCode.ProtocolError, "--in-flight", "4")]
    [InlineData("drop=1000", ExitCode.ProtocolError, "--rate", "2000")]
    [InlineData("corrupt=1000", ExitCode.ProtocolError)]
    [InlineData("corrupt=1000", ExitCode.ProtocolError, "--json", "--size", "200")]
    [InlineData("corrupt=1000", ExitCode.ProtocolError, "--size", "30,50000", "--in-flight", "3")]
    [InlineData("corrupt=1000", ExitCode.ProtocolError, "--deflate")]
    [InlineData("corrupt=1000", ExitCode.ProtocolError, "--deflate", "--takeover")]
    [InlineData("double=1000", ExitCode.ProtocolError)]
    [InlineData("double=1000", ExitCode.ProtocolError, "--binary")]
    [InlineData("corrupt=1000", ExitCode.ProtocolError, "--mode", "broadcast", "--size", "100")]
    [InlineData("double=1000", ExitCode.ProtocolError, "--mode", "broadcast")]
    public async Task One_lie_in_a_thousand_replies_is_found(string fault, int exitCode, params string[] options)
    {
        string mode = options.Contains("broadcast") ? "--broadcast" : "--echo";
        await using ToolRun server = ToolRun.Start("listen", "0", mode, "--deflate", "--fault", fault);
        string address = ListenTests.AddressIn(await server.Output.WaitForAsync("\n"));
        JsonElement result = await BenchRunTests.BenchAsync(exitCode, [address, "-c", "2", "-w", "0", "-d", "600", .. options]);
        Assert.NotNull(result.GetProperty("failure").GetString());
    }

    [Fact]
    public async Task Replies_that_are_wrong_from_the_fifth_on_are_found()
    {
        int number = 0;
        await using TestEndpoint server = await EchoAsync(
            async (socket, message) =>
            {
                byte[] payload = message.Payload.ToArray();
                if (Interlocked.Increment(ref number) >= 5)
                {
                    payload.AsSpan().Fill((byte)'z');
                }

                await socket.SendAsync(payload, message.Type);
            }
        );
        JsonElement result = await BenchRunTests.BenchAsync(ExitCode.ProtocolError, server.Address, "-c", "1", "-w", "0", "-d", "600");
        Assert.Contains("wrong byte", result.GetProperty("failure").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_closed_loop_hides_of_a_stall_is_told()
    {
        await using ToolRun server = ToolRun.Start("listen", "0", "--echo", "--fault", "stall=20:2s");
        string address = ListenTests.AddressIn(await server.Output.WaitForAsync("\n"));
        await using ToolRun run = ToolRun.Start("bench", address, "-c", "1", "-w", "0", "-d", "4");
        Assert.Equal(0, await run.EndAsync());
        Assert.Matches(
            @"hidden\s+p99 [0-9.]+ s\s+at a steady pace: when the server paused, up to [0-9.]+ s, this closed loop sent nothing; see --rate",
            run.Output.Text
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stall_shows_in_the_percentiles_of_an_open_loop_and_not_in_those_of_a_closed_one(bool isOpen)
    {
        int number = 0;
        var answered = new TaskCompletionSource();
        await using TestEndpoint server = await EchoAsync(
            async (socket, message) =>
            {
                int count = Interlocked.Increment(ref number);
                if (count == 20)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1));
                }

                await socket.SendAsync(message.Payload, message.Type);
                if (count == 400)
                {
                    answered.SetResult();
                }
            }
        );
        string[] rate = isOpen ? ["--rate", "500"] : [];
        await using ToolRun run = ToolRun.Start(["bench", server.Address, "-c", "1", "-w", "0", "-d", "600", "-o", "jsonl", .. rate]);
        await answered.Task.WaitAsync(Patience.Long);
        Assert.Equal(ExitCode.Interrupted, await run.InterruptAsync());
        JsonElement result = JsonDocument.Parse(run.Output.Text).RootElement;
        double p99 = result.GetProperty("p99Microseconds").GetDouble();
        Assert.True(result.GetProperty("maxMicroseconds").GetDouble() > 900_000, result.ToString());
        Assert.True(isOpen ? p99 > 900_000 : p99 < 900_000, result.ToString());
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up()
    {
        await using TestEndpoint server = await EchoAsync(static (_, _) => Task.CompletedTask);
        JsonElement result = await BenchRunTests.BenchAsync(ExitCode.Timeout, server.Address, "-c", "2", "-d", "600");
        Assert.Contains("said nothing", result.GetProperty("failure").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_closes_or_ends_a_connection_is_told_of()
    {
        await using (TestEndpoint server = await EchoAsync(static (socket, _) => socket.CloseAsync(CloseStatus.InternalError)))
        {
            JsonElement result = await BenchRunTests.BenchAsync(ExitCode.ProtocolError, server.Address, "-c", "2");
            Assert.Contains("1011", result.GetProperty("failure").GetString(), StringComparison.Ordinal);
        }

        await using (
            TestEndpoint server = await EchoAsync(
                static (socket, _) =>
                {
                    socket.Abort();
                    return Task.CompletedTask;
                }
            )
        )
        {
            await BenchRunTests.BenchAsync(ExitCode.NameOrTcp, server.Address, "-c", "2");
        }
    }

    [Fact]
    public async Task Refusals_end_with_their_exit_code_and_say_why()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(static application =>
            application.MapGet(
                "/",
                static context =>
                {
                    context.Response.StatusCode = 403;
                    return context.Response.WriteAsync("members only");
                }
            )
        );
        await using ToolRun refused = ToolRun.Start("bench", server.Address);
        Assert.Equal(ExitCode.UpgradeRefused, await refused.EndAsync());
        Assert.Contains("members only", refused.Error.Text, StringComparison.Ordinal);
        await BenchRunTests.BenchAsync(ExitCode.NameOrTcp, "ws://127.0.0.1:1/");
        await BenchRunTests.BenchAsync(ExitCode.NameOrTcp, "tcp://127.0.0.1:1");
        await BenchRunTests.BenchAsync(ExitCode.NameOrTcp, "ws://no.such.host.invalid/");
        await using TestEndpoint plain = await TestEndpoint.StartEchoAsync();
        await BenchRunTests.BenchAsync(ExitCode.UpgradeRefused, plain.Address, "--deflate");
        await BenchRunTests.BenchAsync(ExitCode.Usage, plain.Address, "--server-pid", "2147483647");
    }

    internal static Task<TestEndpoint> EchoAsync(Func<WebSocketConnection, WebSocketMessage, Task> reply) =>
        TestEndpoint.StartAsync(
            async (socket, _) =>
            {
                await foreach (WebSocketMessage message in socket.ReadAllAsync())
                {
                    await reply(socket, message);
                }
            }
        );
}
