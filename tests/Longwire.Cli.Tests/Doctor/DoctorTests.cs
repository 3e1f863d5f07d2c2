using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Tests;

/// <summary>Each trouble is told apart from all others: by its step, a word for machines, and the exit code.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task A_server_that_is_well_gets_nothing_but_good_marks()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolRun run = ToolRun.Start("doctor", server.Address, "-s", "chat.v1", "--message-bytes", "100000", "--watch", "0.1");
        Assert.Equal(0, await run.EndAsync());
        Assert.Contains("chose chat.v1", run.Output.Text, StringComparison.Ordinal);
        Assert.Contains("and came back", run.Output.Text, StringComparison.Ordinal);
        Assert.Contains("Nothing is wrong from here.", run.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_none_and_a_port_where_nobody_listens()
    {
        await ExpectAsync("ws://no.such.host.invalid/", 7, "name", "name-unknown");
        await ExpectAsync("ws://127.0.0.1:1/", 7, "tcp", "tcp-refused");
    }

    [Fact]
    public async Task A_wrong_path_a_page_and_a_server_that_wants_to_know_who_asks()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(static application =>
        {
            application.MapGet("/page", static () => "a page");
            application.MapGet("/private", static context => Answer(context, 401));
            application.MapGet("/full", static context => Answer(context, 503));
            application.MapGet("/gateway", static context => Answer(context, 502));
            application.MapGet("/moved", static context => Answer(context, 307));
        });
        await ExpectAsync(server.Address + "nowhere", 5, "upgrade", "wrong-path");
        await ExpectAsync(server.Address + "page", 5, "upgrade", "plain-http");
        await ExpectAsync(server.Address + "private", 5, "upgrade", "unauthorized");
        await ExpectAsync(server.Address + "full", 5, "upgrade", "overloaded");
        await ExpectAsync(server.Address + "gateway", 5, "proxy", "bad-gateway");

        static Task Answer(HttpContext context, int status)
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task TLS_where_there_is_none_none_where_there_is_and_a_certificate_of_nobody()
    {
        await using TestEndpoint plain = await TestEndpoint.StartEchoAsync();
        await ExpectAsync(plain.Address.Replace("ws:", "wss:", StringComparison.Ordinal), 6, "tls", "tls-not-spoken");
        using var files = new CertificateFiles();
        await using ToolRun secure = await ToolRun.ServeAsync("--cert", files.Certificate, "--key", files.Key);
        string address = secure.Socket("/echo").ToString();
        await ExpectAsync(address.Replace("wss:", "ws:", StringComparison.Ordinal), 6, "tls", "tls-wanted");
        await ExpectAsync(address, 6, "tls", "certificate-untrusted");
        await ExpectAsync(address, 6, "tls", "certificate-name", "--ca", files.Certificate, "--sni", "example.com");
        await ExpectAsync(address, 0, "", "", "--ca", files.Certificate, "--sni", "localhost");
    }

    [Fact]
    public async Task A_certificate_that_has_expired_and_one_that_is_not_valid_yet()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await ExpectAsync(now.AddDays(-30), now.AddDays(-2), "certificate-expired", $"expired on {now.AddDays(-2):yyyy-MM-dd}");
        await ExpectAsync(now.AddDays(2), now.AddDays(30), "certificate-not-yet-valid", $"valid from {now.AddDays(2):yyyy-MM-dd} on");

        static async Task ExpectAsync(DateTimeOffset from, DateTimeOffset to, string cause, string text)
        {
            using var files = new CertificateFiles(Certificates.Create(from, to));
            await using ToolRun server = await ToolRun.ServeAsync("--cert", files.Certificate, "--key", files.Key);
            string address = server.Socket("/echo").ToString();
            await DoctorTests.ExpectAsync(address, ExitCode.Tls, "tls", cause);
            // A user who trusts the certificate gets no warning.
            await using ToolRun run = ToolRun.Start("doctor", address, "--ca", files.Certificate, "--sni", "localhost");
            Assert.Equal(ExitCode.Tls, await run.EndAsync());
            Assert.Contains(text, run.Output.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_origin_that_is_refused()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(static application =>
            application.MapWebSocket("/", static (socket, _, _) => socket.Completion)
        );
        await ExpectAsync(server.Address, 5, "origin", "origin-refused", "-o", "https://elsewhere.example");
        await ExpectAsync(server.Address, 0, "", "");
    }

    [Fact]
    public async Task A_server_that_closes_after_signing_in_one_that_vanishes_and_one_with_a_limit_of_size()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(static application =>
        {
            application.MapWebSocket("/policy", static (socket, _, _) => socket.CloseAsync(CloseStatus.PolicyViolation, "token expired"));
            application.MapWebSocket(
                "/cut",
                static async (socket, _, _) =>
                {
                    await socket.ReadAsync();
                    socket.Abort();
                }
            );
            application.MapWebSocket(
                "/small",
                static async (socket, _, _) =>
                {
                    await foreach (WebSocketMessage message in socket.ReadAllAsync()) { }
                },
                static endpoint => endpoint.Connection = endpoint.Connection with { MaxMessageBytes = 1000 }
            );
        });
        await ExpectAsync(server.Address + "policy", 8, "open", "closed-by-policy");
        await ExpectAsync(server.Address + "cut", 8, "open", "cut", "-x", "hello", "--watch", "20");
        await ExpectAsync(server.Address + "small", 8, "size", "size-limit", "--message-bytes", "1001");
        await ExpectAsync(server.Address + "small", 0, "", "", "--message-bytes", "1000");
    }

    [Fact]
    public async Task A_server_that_minds_the_size_and_is_slow_to_end_TCP()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        _ = ServeAsync(server);
        await ExpectAsync($"ws://{server.LocalEndpoint}/", 8, "size", "size-limit", "--message-bytes", "1001", "--timeout", "30");

        static async Task ServeAsync(TcpListener server)
        {
            while (true)
            {
                _ = RefuseSizeAsync(await server.AcceptTcpClientAsync());
            }
        }

        static async Task RefuseSizeAsync(TcpClient client)
        {
            using TcpClient owned = client;
            await using NetworkStream stream = client.GetStream();
            await AcceptAsync(stream);
            byte[] frame = new byte[14];
            await stream.ReadExactlyAsync(frame);
            byte[] pong = [0x8a, 8, .. frame[6..].Select((value, i) => (byte)(value ^ frame[2 + (i % 4)]))];
            await stream.WriteAsync(pong);
            await stream.ReadExactlyAsync(frame);
            await stream.WriteAsync(new byte[] { 0x88, 2, 1009 >> 8, 1009 & 0xff });
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        static async Task AcceptAsync(NetworkStream stream)
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            string key = "";
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                key = line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase) ? line[19..] : key;
            }

            byte[] hash = SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
            string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{answer}{Convert.ToBase64String(hash)}\r\n\r\n"));
        }
    }

    [Theory]
    [InlineData("no-pong")]
    [InlineData("wrong-pong")]
    public async Task A_server_that_never_pongs_or_wrongly(string fault)
    {
        await using ToolRun server = ToolRun.Start("listen", "0", "--echo", "--fault", fault);
        string address = ListenTests.AddressIn(await server.Output.WaitForAsync("\n"));
        await ExpectAsync(address, 2, "ping", "no-pong", "--timeout", "5");
    }

    [Fact]
    public async Task A_server_that_takes_the_connection_and_says_nothing_and_one_that_speaks_something_else()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await ExpectAsync($"ws://{silent.LocalEndpoint}/", 2, "upgrade", "no-answer", "--timeout", "5");
        using var mail = new TcpListener(IPAddress.Loopback, 0);
        mail.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using TcpClient client = await mail.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("220 mail\r\n"u8.ToArray());
            }
        });
        await ExpectAsync($"ws://{mail.LocalEndpoint}/", 3, "upgrade", "not-http");
    }

    [Fact]
    public async Task A_proxy_that_strips_the_upgrade_and_one_that_cuts_silence()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using NginxProxy nginx = await NginxProxy.StartAsync(new Uri(server.Address).Port);
        await ExpectAsync(nginx.Address + "stripped/", 5, "proxy", "upgrade-stripped");
        await ExpectAsync(nginx.Address + "impatient/", 8, "idle", "idle-cut", "--idle", "60");
        await ExpectAsync(nginx.Address + "right/", 0, "", "");
    }

    [Fact]
    public async Task A_proxy_of_the_environment_that_is_not_there()
    {
        await using ToolProcess tool = ToolProcess.StartWith(
            new() { ["http_proxy"] = "http://127.0.0.1:1", ["no_proxy"] = "" },
            Environment.CurrentDirectory,
            "doctor",
            "ws://target.example/",
            "--output",
            "jsonl"
        );
        Assert.Equal(7, await tool.EndAsync());
        Assert.Equal("proxy-unreachable", Failure(tool.Output.Text).GetProperty("cause").GetString());
    }

    private static async Task ExpectAsync(string address, int exitCode, string step, string cause, params string[] options)
    {
        string[] usual = options.Contains("--watch") ? [] : ["--watch", "0.1"];
        await using ToolRun run = ToolRun.Start(["doctor", address, "--output", "jsonl", .. usual, .. options]);
        int ended = await run.EndAsync();
        JsonElement failure = Failure(run.Output.Text);
        string found = failure.ValueKind == JsonValueKind.Undefined ? "/" : $"{failure.GetProperty("name")}/{failure.GetProperty("cause")}";
        Assert.True((exitCode, $"{step}/{cause}") == (ended, found), $"{ended} {found}: {run.Output.Text}{run.Error.Text}");
    }

    private static JsonElement Failure(string line) =>
        JsonDocument
            .Parse(line)
            .RootElement.GetProperty("checks")
            .EnumerateArray()
            .FirstOrDefault(static check => check.GetProperty("result").GetString() == "failed");
}
