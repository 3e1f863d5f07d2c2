using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Longwire.Transport.Linux.Tests;

namespace Longwire.Cli.Tests;

/// <summary>Behaviour that only a process shows: signals, the environment, the exit code.</summary>
public sealed partial class ServeProcessTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_it_and_clients_get_1001(string signal)
    {
        await using ToolProcess server = ToolProcess.Start("serve", "--port", "0");
        string output = await server.Output.WaitForAsync("Ctrl-C");
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(
            new Uri("ws://" + Authority().Match(output).Groups[1].Value + "/ws")
        );
        server.Signal(signal);
        Assert.Equal(0, await server.EndAsync());
        await socket.Completion.WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.GoingAway, socket.CloseStatus);
        Assert.Equal("", server.Error.Text);
    }

    [Fact]
    public async Task The_environment_gives_the_port_and_the_key_and_settings_in_the_directory_are_not_read()
    {
        string port = FreePort.Choose().ToString(CultureInfo.InvariantCulture);
        DirectoryInfo directory = Directory.CreateTempSubdirectory("longwire-");
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(directory.FullName, "appsettings.json"),
                """{"Kestrel":{"Endpoints":{"Other":{"Url":"nonsense"}}}}"""
            );
            await using ToolProcess server = ToolProcess.StartWith(
                new()
                {
                    ["PORT"] = port,
                    ["LONGWIRE_JWT_KEY"] = "0123456789abcdef0123456789abcdef",
                    ["ASPNETCORE_URLS"] = "http://*:1",
                },
                directory.FullName,
                "serve"
            );
            string output = await server.Output.WaitForAsync("Ctrl-C");
            Assert.Contains($"http://localhost:{port}/chat", output, StringComparison.Ordinal);
            Assert.Contains("JWT", output, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_one_line_and_ends_with_7()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await using ToolProcess server = ToolProcess.Start("serve", "--port", port);
        Assert.Equal(7, await server.EndAsync());
        Assert.Matches($"^Can't listen on localhost:{port}: .* --port\\.\n$", server.Error.Text);
    }

    [GeneratedRegex(@"http://([^\s/]+)")]
    private static partial Regex Authority();
}
