using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Longwire.Cli.Tests;

/// <summary>Behaviour that only a process shows: its own streams, signals, the environment.</summary>
public sealed class ConnectProcessTests
{
    [Fact]
    public async Task Lines_of_a_pipe_go_out_as_they_come_and_its_end_is_the_end()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolProcess tool = ToolProcess.Start(server.Address, "-w", "0.1");
        await tool.Input.WriteLineAsync("früh");
        await tool.Input.FlushAsync();
        await tool.Output.WaitForAsync("früh\n");
        await tool.Input.WriteLineAsync("spät");
        await tool.Input.FlushAsync();
        await tool.Output.WaitForAsync("spät\n");
        tool.Input.Close();
        Assert.Equal(0, await tool.EndAsync());
        Assert.Equal("früh\nspät\n", tool.Output.Text);
    }

    [Fact]
    public async Task Ctrl_C_closes_and_ends_with_130()
    {
        var closed = new TaskCompletionSource<CloseStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            async (socket, _) =>
            {
                await socket.Completion;
                closed.SetResult(socket.CloseStatus);
            }
        );
        await using ToolProcess tool = ToolProcess.Start(server.Address);
        await tool.Error.WaitForAsync("Connected");
        tool.Signal("INT");
        Assert.Equal(130, await tool.EndAsync());
        Assert.Equal(CloseStatus.NormalClosure, await closed.Task.WaitAsync(Patience.Long));
    }

    [Fact]
    public async Task The_usual_environment_variables_name_the_proxy_and_its_credentials()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        Task<string> asked = AnswerAsync();
        await using ToolProcess tool = ToolProcess.StartWith(
            new() { ["http_proxy"] = $"http://ada:secret@127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}", ["no_proxy"] = "" },
            Environment.CurrentDirectory,
            "connect",
            "ws://target.invalid/path"
        );
        Assert.Equal(7, await tool.EndAsync());
        string request = await asked;
        Assert.StartsWith("CONNECT target.invalid:80 HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Proxy-Authorization: Basic YWRhOnNlY3JldA==\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", tool.Error.Text, StringComparison.Ordinal);

        // Asks for the credentials, and refuses who has them.
        async Task<string> AnswerAsync()
        {
            string request = "";
            while (!request.Contains("Proxy-Authorization", StringComparison.Ordinal))
            {
                using TcpClient client = await proxy.AcceptTcpClientAsync();
                request = "";
                byte[] one = new byte[1];
                while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    await client.GetStream().ReadExactlyAsync(one);
                    request += (char)one[0];
                }

                string status = request.Contains("Proxy-Authorization", StringComparison.Ordinal)
                    ? "403 Forbidden"
                    : "407 Proxy Authentication Required";
                await client
                    .GetStream()
                    .WriteAsync(
                        Encoding.ASCII.GetBytes(
                            $"HTTP/1.1 {status}\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        )
                    );
            }

            return request;
        }
    }
}
