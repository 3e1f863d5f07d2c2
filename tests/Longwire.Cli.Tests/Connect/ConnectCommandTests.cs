using System.Net;
using System.Net.Sockets;
using System.Text;
using Longwire.Transport.Linux.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Tests;

public sealed class ConnectCommandTests
{
    [Fact]
    public async Task Piped_lines_go_out_and_answers_come_in_as_lines()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.StartWithInput("one\ntwo\n\nlast without a newline", "connect", server.Address, "-w", "4");
        Assert.Equal(0, await run.EndAsync());
        Assert.Equal("one\ntwo\n\nlast without a newline\n", run.Output.Text);
        Assert.Equal($"Connected to {server.Address}\nDisconnected: 1000 NormalClosure\n", run.Error.Text);
    }

    [Fact]
    public async Task Slashes_in_piped_lines_are_text_unless_it_is_said_otherwise()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.StartWithInput("/quit\n/ping", "connect", server.Address, "-w", "4");
        Assert.Equal(0, await run.EndAsync());
        Assert.Equal("/quit\n/ping\n", run.Output.Text);
    }

    [Fact]
    public async Task Slash_commands_ping_explain_themselves_and_close_with_a_status()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.StartWithInput(
            "/ping\n/what\n/close 999\n/close 4001 that is all",
            "connect",
            server.Address,
            "--slash",
            "-w",
            "-1"
        );
        Assert.Equal(0, await run.EndAsync());
        Assert.Matches(@"Pong after \d+\.\d ms\nCommands: .*\nA close status is .*\nDisconnected: 4001\n$", run.Error.Text);
        Assert.Equal("", run.Output.Text);
    }

    [Fact]
    public async Task At_a_terminal_slash_commands_need_no_option()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        var output = new OutputLog();
        int exitCode = await CommandLine
            .RunAsync(
                ["connect", server.Address],
                new CommandStreams
                {
                    Input = new MemoryStream("/quit"u8.ToArray()),
                    Output = output,
                    Error = TextWriter.Null,
                    IsInputTerminal = true,
                }
            )
            .WaitAsync(Patience.Long);
        Assert.Equal((0, ""), (exitCode, output.Text));
    }

    [Fact]
    public async Task Messages_of_x_are_sent_in_their_order_and_input_is_not_read()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.StartWithInput("not this", "-x", "one", "-c", server.Address, "-x", "@two", "-w", "4");
        Assert.Equal(0, await run.EndAsync());
        Assert.Equal("one\n@two\n", run.Output.Text);
    }

    [Fact]
    public async Task Headers_origin_authentication_and_subprotocols_reach_the_server()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static async (socket, context) =>
            {
                IHeaderDictionary headers = context.Request.Headers;
                await socket.SendTextAsync(
                    $"{headers["X-One"]} {headers["X-Two"]} {headers.Origin} {headers.Authorization} {headers.SecWebSocketProtocol}"
                );
            }
        );
        await using ToolRun run = ToolRun.Start(
            "connect",
            server.Address,
            "-H",
            "X-One: 1",
            "-H",
            "X-Two:2:3",
            "-o",
            "https://example.com",
            "--auth",
            "ada:secret",
            "-s",
            "chat.v2",
            "-s",
            "chat.v1",
            "-w",
            "-1"
        );
        Assert.Equal(0, await run.EndAsync());
        Assert.Equal("1 2:3 https://example.com Basic YWRhOnNlY3JldA== chat.v2, chat.v1\n", run.Output.Text);
        Assert.Contains("(subprotocol chat.v1)", run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_a_password_nor_the_query_is_shown()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        string address = server.Address.Replace("ws://", "ws://ada:secret@", StringComparison.Ordinal) + "?token=secret";
        await using ToolRun run = ToolRun.Start("connect", address, "-w", "0");
        Assert.Equal(0, await run.EndAsync());
        Assert.Contains($"Connected to {server.Address}", run.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Binary_messages_are_shown_in_hexadecimal_and_b_sends_them()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.Start("connect", server.Address, "-b", "-x", "hi\u00e9", "-w", "4");
        Assert.Equal(0, await run.EndAsync());
        Assert.Equal("6869c3a9\n", run.Output.Text);
    }

    [Fact]
    public async Task Quiet_shows_messages_and_nothing_else()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.Start("connect", server.Address, "-q", "-x", "hi", "-w", "4");
        Assert.Equal(0, await run.EndAsync());
        Assert.Equal(("hi\n", ""), (run.Output.Text, run.Error.Text));
    }

    [Theory]
    [InlineData(1000, false, 0)]
    [InlineData(1001, true, 0)]
    [InlineData(1011, false, 0)]
    [InlineData(1011, true, 8)]
    [InlineData(4000, true, 8)]
    [InlineData(1002, false, 3)]
    [InlineData(1007, true, 3)]
    public async Task The_server_s_close_is_shown_and_decides_the_exit_code(int status, bool check, int exitCode)
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            async (socket, _) =>
            {
                await socket.SendTextAsync("bye");
                await socket.CloseAsync((CloseStatus)status, "because");
            }
        );
        await using ToolRun run = ToolRun.Start([
            "connect",
            server.Address,
            "-w",
            "-1",
            .. check ? ["--check-close"] : Array.Empty<string>(),
        ]);
        Assert.Equal(exitCode, await run.EndAsync());
        Assert.Equal("bye\n", run.Output.Text);
        Assert.EndsWith(
            $"Disconnected: {status}{(status < 3000 ? $" {(CloseStatus)status}" : "")}, \"because\"\n",
            run.Error.Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_end_of_TCP_without_a_close_is_told()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static async (socket, _) =>
            {
                // Not at once: the answer to the handshake could be lost with the rest.
                await socket.ReadAsync();
                socket.Abort();
            }
        );
        await using ToolRun run = ToolRun.Start("connect", server.Address, "-x", "hi", "-w", "-1", "--check-close");
        Assert.Equal(8, await run.EndAsync());
        Assert.Contains("Disconnected: 1006", run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_upgrade_shows_status_headers_and_body_and_ends_with_5()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(static application =>
            application.Map(
                "/",
                static async context =>
                {
                    context.Response.StatusCode = 403;
                    context.Response.Headers["X-Reason"] = "because";
                    await context.Response.WriteAsync("You may not.\e[31m");
                }
            )
        );
        await using ToolRun run = ToolRun.Start("connect", server.Address);
        Assert.Equal(5, await run.EndAsync());
        Assert.Equal("", run.Output.Text);
        Assert.Contains("403 Forbidden", run.Error.Text, StringComparison.Ordinal);
        Assert.Contains("  X-Reason: because\n", run.Error.Text, StringComparison.Ordinal);
        Assert.Contains("You may not.␛[31m", run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_listens_ends_with_7()
    {
        using var unused = new UnusedPort();
        int port = unused.Port;
        await using ToolRun run = ToolRun.Start("connect", $"127.0.0.1:{port}");
        Assert.Equal(7, await run.EndAsync());
        Assert.Equal($"Nothing listens at 127.0.0.1:{port}: connection refused.\n", run.Error.Text);
    }

    [Fact]
    public async Task A_server_without_TLS_ends_with_6()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.Start("connect", server.Address.Replace("ws:", "wss:", StringComparison.Ordinal));
        Assert.Equal(6, await run.EndAsync());
        Assert.StartsWith("TLS with ", run.Error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n")]
    public async Task An_answer_that_is_no_WebSocket_server_s_ends_with_3(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerAsync();
        await using ToolRun run = ToolRun.Start("connect", $"ws://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        Assert.Equal(3, await run.EndAsync());
        await answering;

        async Task AnswerAsync()
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            await using NetworkStream stream = client.GetStream();
            await stream.ReadExactlyAsync(new byte[16]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
            client.Client.Shutdown(SocketShutdown.Send);
            byte[] rest = new byte[1024];
            try
            {
                while (await stream.ReadAsync(rest) != 0) { }
            }
            catch (IOException)
            {
                // The tool has seen enough.
            }
        }
    }

    [Fact]
    public async Task The_time_limit_ends_a_connection_with_2_even_when_the_server_says_nothing()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string address = $"ws://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        await using ToolRun opening = ToolRun.Start("connect", address, "--timeout", "0.2");
        Assert.Equal(2, await opening.EndAsync());

        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun open = ToolRun.Start("connect", server.Address, "--timeout", "5", "-w", "-1");
        Assert.Equal(2, await open.EndAsync());
        Assert.Contains("Connected", open.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupt_closes_and_ends_with_130()
    {
        var closed = new TaskCompletionSource<CloseStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            async (socket, _) =>
            {
                await socket.Completion;
                closed.SetResult(socket.CloseStatus);
            }
        );
        await using ToolRun run = ToolRun.Start("connect", server.Address, "-w", "-1");
        await run.Error.WaitForAsync("Connected");
        Assert.Equal(130, await run.InterruptAsync());
        Assert.Equal(CloseStatus.NormalClosure, await closed.Task.WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task When_nobody_takes_the_output_any_more_it_ends_quietly()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.StartWithOutput(new BrokenPipe(), "connect", server.Address, "-x", "hi", "-w", "-1");
        Assert.Equal(0, await run.EndAsync());
        Assert.DoesNotContain("Exception", run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_is_shown_no_control_characters_of_the_server()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static async (socket, _) => await socket.SendTextAsync("\e]0;title\a\ttab \u009b")
        );
        var output = new OutputLog();
        int exitCode = await CommandLine
            .RunAsync(
                ["connect", server.Address, "-w", "-1"],
                new CommandStreams
                {
                    Input = Stream.Null,
                    Output = output,
                    Error = TextWriter.Null,
                    IsOutputTerminal = true,
                }
            )
            .WaitAsync(Patience.Long);
        Assert.Equal((0, "␛]0;title␇\ttab \ufffd\n"), (exitCode, output.Text));
    }

    private sealed class BrokenPipe : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe");
    }
}
