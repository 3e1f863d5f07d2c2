using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Longwire.Transport.Linux.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Tests;

/// <summary>The documented options of wscat 6.1.0, typed to both tools, have the same effect on the server and on the output.</summary>
public sealed class WscatTests
{
    [Theory]
    [InlineData("-x", "hello", "-w", "4")]
    [InlineData("--execute", "one", "--execute", "two", "--wait", "4")]
    [InlineData("-x", "hello", "-w", "4", "-H", "Authorization: Bearer token", "-H", "X-Two:2")]
    [InlineData("-x", "hello", "-w", "4", "--header", "X-Two: 2")]
    [InlineData("-x", "hello", "-w", "4", "--auth", "ada:secret")]
    [InlineData("-x", "hello", "-w", "4", "-s", "chat.v1")]
    [InlineData("-x", "hello", "-w", "4", "--subprotocol", "chat.v0", "--subprotocol", "chat.v1")]
    [InlineData("-x", "hello", "-w", "4", "-o", "https://example.com")]
    [InlineData("-x", "hello", "-w", "4", "--origin", "https://example.com")]
    [InlineData("-x", "hello", "-w", "4", "--host", "example.com")]
    [InlineData("-x", "hello", "-w", "4", "-p", "13")]
    [InlineData("-x", "hello", "-w", "4", "--no-color")]
    [InlineData("-x", "hello", "-w", "4", "-P")]
    [InlineData("-x", "hello", "-w", "4", "-L", "MOVED")]
    [InlineData("-x", "hello", "-w", "4", "--location", "--max-redirects", "3", "MOVED")]
    public async Task An_option_has_the_same_effect(params string[] options)
    {
        (string server, string output)[] seen = await Task.WhenAll(
            RunAsync(static arguments => ToolProcess.StartProgram("node", [ToolProcess.Wscat, .. arguments]), options),
            RunAsync(static arguments => ToolProcess.Start(arguments), options)
        );
        Assert.NotEqual("", seen[0].server);
        Assert.Equal(seen[0], seen[1]);
    }

    [Theory]
    [InlineData("-n")]
    [InlineData("--no-check")]
    public async Task A_certificate_of_nobody_is_taken_by_both(string option)
    {
        using var files = new CertificateFiles();
        await using ToolRun server = await ToolRun.ServeAsync("--cert", files.Certificate, "--key", files.Key);
        string address = server.Socket("/echo").ToString();
        await using ToolProcess wscat = ToolProcess.StartProgram("node", ToolProcess.Wscat, "-c", address, option, "-x", "hi", "-w", "4");
        await using ToolProcess longwire = ToolProcess.Start("-c", address, option, "-x", "hi", "-w", "4");
        Assert.Equal((0, 0), (await wscat.EndAsync(), await longwire.EndAsync()));
        Assert.Equal(("hi\n", "hi\n"), (wscat.Output.Text, longwire.Output.Text));
    }

    [Fact]
    public async Task A_proxy_is_asked_for_the_same()
    {
        string[] asked = await Task.WhenAll(
            AskAsync(static arguments => ToolProcess.StartProgram("node", [ToolProcess.Wscat, .. arguments])),
            AskAsync(static arguments => ToolProcess.Start(arguments))
        );
        Assert.Equal("CONNECT target.invalid:80 HTTP/1.1", asked[0]);
        Assert.Equal(asked[0], asked[1]);

        static async Task<string> AskAsync(Func<string[], ToolProcess> start)
        {
            using var proxy = new TcpListener(IPAddress.Loopback, 0);
            proxy.Start();
            await using ToolProcess tool = start(["-c", "ws://target.invalid/", "--proxy", $"http://{proxy.LocalEndpoint}"]);
            using TcpClient client = await proxy.AcceptTcpClientAsync().WaitAsync(Patience.Long);
            byte[] request = new byte[4096];
            int read = await client.GetStream().ReadAsync(request);
            return Encoding.ASCII.GetString(request, 0, read).Split("\r\n")[0];
        }
    }

    [Theory]
    [InlineData("-l")]
    [InlineData("--listen")]
    public async Task Both_listen_and_show_what_a_client_says(string option)
    {
        string[] shown = await Task.WhenAll(
            ListenAsync(static arguments => ToolProcess.StartProgram("node", [ToolProcess.Wscat, .. arguments]), option),
            ListenAsync(static arguments => ToolProcess.Start(arguments), option)
        );
        // It writes its prompt to a pipe as well.
        shown[0] = shown[0].Replace("> ", "", StringComparison.Ordinal);
        Assert.Equal("said\n", shown[0]);
        Assert.Equal(shown[0], shown[1]);
    }

    private static async Task<string> ListenAsync(Func<string[], ToolProcess> start, string option)
    {
        string port = FreePort.Choose().ToString(CultureInfo.InvariantCulture);
        await using ToolProcess tool = start([option, port]);
        long began = Environment.TickCount64;
        while (true)
        {
            try
            {
                await using WebSocketClientLog client = await WebSocketClientLog.ConnectAsync($"ws://localhost:{port}");
                await client.SendAsync("said");
                await tool.Output.WaitForAsync("said\n");
                return tool.Output.Text;
            }
            catch (WebSocketHandshakeException) when (Environment.TickCount64 - began < Patience.Long.TotalMilliseconds)
            {
                // It doesn't listen yet.
                await Task.Delay(50);
            }
        }
    }

    // The server's view, and the tool's output.
    private static async Task<(string Server, string Output)> RunAsync(Func<string[], ToolProcess> start, string[] options)
    {
        var seen = new StringBuilder();
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestEndpoint server = await TestEndpoint.StartAsync(application =>
        {
            application.MapWebSocket(
                "/",
                async (socket, context, _) =>
                {
                    IHeaderDictionary headers = context.Request.Headers;
                    // The port of a host that was not named differs from run to run.
                    string host = headers.Host.ToString().StartsWith("127.", StringComparison.Ordinal) ? "" : headers.Host.ToString();
                    seen.Append(
                        $"{host} {headers.Authorization} {headers.Origin} {headers.SecWebSocketProtocol.ToString().Replace(" ", "", StringComparison.Ordinal)} {headers["X-Two"]} {headers.SecWebSocketVersion}\n"
                    );
                    await foreach (WebSocketMessage message in socket.ReadAllAsync())
                    {
                        seen.Append($"{message.Type} {message.Text}\n");
                        await socket.SendAsync(message.Payload, message.Type);
                    }

                    // wscat's Close has no status, ours says 1000: both are in good order.
                    seen.Append(
                        socket.CloseStatus is CloseStatus.NormalClosure or CloseStatus.NoStatus ? "closed" : $"{socket.CloseStatus}"
                    );
                    over.SetResult();
                },
                static endpoint =>
                {
                    endpoint.Origins = OriginRule.Any;
                    endpoint.Subprotocols = ["chat.v1"];
                }
            );
            application.MapGet(
                "/moved",
                static context =>
                {
                    context.Response.StatusCode = 302;
                    context.Response.Headers.Location = "/";
                    return Task.CompletedTask;
                }
            );
        });
        string address = options.Contains("MOVED") ? server.Address + "moved" : server.Address;
        await using ToolProcess tool = start(["-c", address, .. options.Where(static option => option != "MOVED")]);
        int exitCode = await tool.EndAsync();
        await over.Task.WaitAsync(Patience.Long);
        Assert.True(exitCode == 0, tool.Error.Text);
        return (seen.ToString(), tool.Output.Text);
    }
}
