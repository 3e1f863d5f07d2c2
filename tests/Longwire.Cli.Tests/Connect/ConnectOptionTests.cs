using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Longwire.Cli.Tests;

/// <summary>Options of `connect`, each by what it does.</summary>
public sealed class ConnectOptionTests
{
    [Theory]
    [InlineData("a\nb\nc\n", "a\nb\n", 0, "--until", "^b$")]
    [InlineData("a\nb\nc\n", "a\nb\n", 0, "--count", "2")]
    [InlineData("a\nb\n", "a\n", 0, "-1")]
    [InlineData("a\nb\nc\n", "a\nb\nc\n", 0, "--expect", "a", "--expect", "c")]
    [InlineData("a\nb\n", "a\nb\n", 4, "--expect", "b", "--expect", "a", "-w", "4")]
    [InlineData("a\n", "a\n", 4, "--until", "x", "-w", "4")]
    [InlineData("a\0b\0", "a\0b\0", 0, "-0", "--count", "2")]
    [InlineData("6869\n", "aGk=\n", 0, "-b", "--input", "hex", "--base64", "--count", "1")]
    [InlineData("aGk=\n", "6869\n", 0, "-b", "--input", "base64", "--count", "1")]
    [InlineData("hi\n", "hi", 0, "-b", "--raw", "--count", "1")]
    [InlineData("one\ntwo", "6f6e650a74776f\n", 0, "-b", "-1")]
    [InlineData("xyz\n", "", 1, "-b", "--input", "hex")]
    public async Task Input_and_aims_decide_what_is_sent_shown_and_returned(
        string input,
        string output,
        int exitCode,
        params string[] options
    )
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.StartWithInput(input, ["connect", server.Address, "-q", .. options]);
        Assert.Equal((exitCode, output), (await run.EndAsync(), run.Output.Text));
    }

    [Fact]
    public async Task An_end_of_input_is_the_end_when_it_is_said_so()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static async (socket, _) =>
            {
                while (true)
                {
                    await socket.ReadAsync();
                }
            }
        );
        await using ToolRun run = ToolRun.StartWithInput("a\n", "connect", server.Address, "-E", "-w", "-1");
        Assert.Equal(0, await run.EndAsync());
    }

    [Fact]
    public async Task Files_go_out_as_one_message_each()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "line one\nline two\n");
            await using ToolRun run = ToolRun.Start("connect", server.Address, "-q", "-x", "before", "--send-file", file, "--count", "2");
            Assert.Equal((0, "before\nline one\nline two\n\n"), (await run.EndAsync(), run.Output.Text));
        }
        finally
        {
            File.Delete(file);
        }

        await using ToolRun missing = ToolRun.Start("connect", server.Address, "--send-file", file);
        Assert.Equal(1, await missing.EndAsync());
    }

    [Fact]
    public async Task Machines_get_a_line_of_JSON_for_each_event()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.Start(
            "connect",
            server.Address,
            "--output",
            "jsonl",
            "-x",
            "früh",
            "--count",
            "1",
            "-s",
            "chat.v1"
        );
        Assert.Equal((0, ""), (await run.EndAsync(), run.Error.Text));
        JsonElement[] events =
        [
            .. run
                .Output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => JsonDocument.Parse(line).RootElement),
        ];
        Assert.Equal(["open", "message", "close"], events.Select(static one => one.GetProperty("type").GetString()));
        Assert.Equal("chat.v1", events[0].GetProperty("subprotocol").GetString());
        Assert.Equal("früh", events[1].GetProperty("data").GetString());
        Assert.Equal(1000, events[2].GetProperty("status").GetInt32());

        await using ToolRun refused = ToolRun.Start("connect", "127.0.0.1:1", "--output", "jsonl");
        Assert.Equal(7, await refused.EndAsync());
        Assert.Equal(7, JsonDocument.Parse(refused.Output.Text).RootElement.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task Both_handshakes_are_shown_without_their_secrets()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.Start(
            "connect",
            server.Address + "?token=hidden",
            "-v",
            "--deflate",
            "--bearer",
            "hidden",
            "--cookie",
            "session=hidden",
            "-x",
            "hi",
            "--count",
            "1"
        );
        Assert.Equal(0, await run.EndAsync());
        string shown = run.Error.Text;
        Assert.Contains("> GET /?… HTTP/1.1\n", shown, StringComparison.Ordinal);
        Assert.Contains("> Authorization: …\n", shown, StringComparison.Ordinal);
        Assert.Contains("> Cookie: …\n", shown, StringComparison.Ordinal);
        Assert.Contains("> Sec-WebSocket-Extensions: permessage-deflate", shown, StringComparison.Ordinal);
        Assert.Contains("< HTTP/1.1 101 Switching Protocols\n", shown, StringComparison.Ordinal);
        Assert.Matches(@"\* name [0-9.]+ ms, TCP [0-9.]+ ms, TLS 0.0 ms, upgrade [0-9.]+ ms\n", shown);
        Assert.Matches(@"> \[close\] 1000\n(?s:.*)< \[close\] 1000\n", shown);
        Assert.DoesNotContain("hidden", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pings_and_pongs_are_sent_and_shown()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.StartWithInput(
            "/ping probe\n/pong unasked\n/text /slash\n/hex 00 ff\n/close 4001 done",
            "connect",
            server.Address,
            "--slash",
            "-P",
            "-w",
            "-1"
        );
        Assert.Equal(0, await run.EndAsync());
        Assert.Contains("Received pong (data: \"probe\")\n", run.Error.Text, StringComparison.Ordinal);
        Assert.Contains("Disconnected: 4001", run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_fails_or_breaks_is_opened_again_and_x_sent_again()
    {
        int attempts = 0;
        await using TestEndpoint server = await TestEndpoint.StartAsync(application =>
        {
            application.Use(
                (context, next) =>
                {
                    if (Interlocked.Increment(ref attempts) != 1)
                    {
                        return next(context);
                    }

                    context.Response.StatusCode = 503;
                    context.Response.Headers.RetryAfter = "0";
                    return Task.CompletedTask;
                }
            );
            application.MapWebSocket(
                "/",
                async (socket, _, _) =>
                {
                    WebSocketMessage message = await socket.ReadAsync();
                    if (attempts == 2)
                    {
                        socket.Abort();
                        return;
                    }

                    await socket.SendTextAsync($"attempt {attempts}: {message.Text}");
                    await socket.Completion;
                },
                static endpoint => endpoint.Origins = OriginRule.Any
            );
        });
        await using ToolRun run = ToolRun.Start("connect", server.Address, "--retry", "-x", "hi", "--count", "1");
        Assert.Equal((0, "attempt 3: hi\n"), (await run.EndAsync(), run.Output.Text));
        Assert.Contains("Trying again in 0.0 s", run.Error.Text, StringComparison.Ordinal);

        await using ToolRun given = ToolRun.Start("connect", "127.0.0.1:1", "--retry", "--max-retries", "1", "-x", "hi");
        Assert.Equal(7, await given.EndAsync());
    }

    [Fact]
    public async Task A_redirect_is_followed_when_it_is_said_so()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using TestEndpoint elsewhere = await TestEndpoint.StartAsync(application =>
            application.Map(
                "/",
                context =>
                {
                    context.Response.StatusCode = 307;
                    context.Response.Headers.Location = server.Address;
                    return Task.CompletedTask;
                }
            )
        );
        await using ToolRun stays = ToolRun.Start("connect", elsewhere.Address, "-x", "hi", "--count", "1");
        Assert.Equal(5, await stays.EndAsync());
        Assert.Contains("-L follows", stays.Error.Text, StringComparison.Ordinal);
        await using ToolRun follows = ToolRun.Start("connect", elsewhere.Address, "-L", "-q", "-x", "hi", "--count", "1");
        Assert.Equal((0, "hi\n"), (await follows.EndAsync(), follows.Output.Text));
    }

    [Fact]
    public async Task Certificates_are_checked_by_the_named_authority_and_name()
    {
        using var files = new CertificateFiles();
        await using ToolRun server = await ToolRun.ServeAsync("--cert", files.Certificate, "--key", files.Key);
        string address = server.Socket("/echo").ToString();
        await using ToolRun unknown = ToolRun.Start("connect", address, "-x", "hi", "--count", "1");
        Assert.Equal(6, await unknown.EndAsync());
        await using ToolRun known = ToolRun.Start(
            "connect",
            address,
            "--ca",
            files.Certificate,
            "--sni",
            "localhost",
            "-q",
            "-x",
            "hi",
            "--count",
            "1"
        );
        Assert.Equal((0, "hi\n", ""), (await known.EndAsync(), known.Output.Text, known.Error.Text));
        await using ToolRun otherName = ToolRun.Start("connect", address, "--ca", files.Certificate, "--sni", "example.com", "-x", "hi");
        Assert.Equal(6, await otherName.EndAsync());
        await using ToolRun unreadable = ToolRun.Start("connect", address, "--ca", files.Key, "-x", "hi");
        Assert.Equal(1, await unreadable.EndAsync());
    }

    [Fact]
    public async Task A_line_of_ten_million_letters_goes_out_and_comes_back()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(static application =>
            application.MapWebSocket(
                "/",
                static async (socket, _) =>
                {
                    WebSocketMessage message = await socket.ReadAsync();
                    await socket.SendTextAsync($"{message.Payload.Length}");
                },
                static endpoint => endpoint.Connection = endpoint.Connection with { MaxMessageBytes = 16 << 20 }
            )
        );
        await using ToolRun run = ToolRun.StartWithInput(new string('x', 10_000_000) + "\n", "connect", server.Address, "-q", "-w", "-1");
        Assert.Equal((0, "10000000\n"), (await run.EndAsync(), run.Output.Text));
    }

    [Theory]
    [InlineData("ftp://ada:secret@proxy")]
    [InlineData("http://")]
    public async Task What_is_no_proxy_is_an_error_of_usage(string proxy)
    {
        await using ToolRun run = ToolRun.Start("connect", ":1", "--proxy", proxy);
        Assert.Equal(1, await run.EndAsync());
        Assert.Contains("--proxy takes", run.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_name_in_TLS_goes_by_no_proxy()
    {
        await using ToolRun run = ToolRun.Start("connect", "wss://example.com", "--sni", "other.example", "--proxy", "localhost:1");
        Assert.Equal(1, await run.EndAsync());
        Assert.Contains("--no-proxy", run.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_given_by_its_address_is_used()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        Task<string> asked = AnswerAsync();
        await using ToolRun run = ToolRun.Start("connect", "ws://target.invalid/", "--proxy", proxy.LocalEndpoint.ToString()!);
        Assert.Equal(7, await run.EndAsync());
        Assert.StartsWith("CONNECT target.invalid:80 HTTP/1.1", await asked, StringComparison.Ordinal);
        Assert.Matches(@"^The proxy 127\.0\.0\.1:\d+ answered 403, not 200: it opens no tunnel .+ named by --proxy; ", run.Error.Text);

        async Task<string> AnswerAsync()
        {
            using TcpClient client = await proxy.AcceptTcpClientAsync();
            byte[] request = new byte[4096];
            int read = await client.GetStream().ReadAsync(request);
            await client.GetStream().WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            return System.Text.Encoding.ASCII.GetString(request, 0, read);
        }
    }
}
