namespace Longwire.Cli.Tests;

public sealed class SocksProxyTests
{
    [Fact]
    public async Task A_SOCKS_proxy_is_signed_in_to_and_connects_to_the_server()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using SocksProxy proxy = await SocksProxy.StartAsync();
        string address = $"{SocksProxy.User}@{proxy.Address}";
        foreach (string scheme in (string[])["socks5://", "socks5h://"])
        {
            await using ToolRun run = ToolRun.Start(
                "connect",
                server.Address,
                "--proxy",
                scheme + address,
                "-q",
                "-x",
                "hi",
                "--count",
                "1"
            );
            Assert.Equal((0, "hi\n", ""), (await run.EndAsync(), run.Output.Text, run.Error.Text));
        }

        await using ToolProcess fromEnvironment = ToolProcess.StartWith(
            new() { ["all_proxy"] = $"socks5://{address}", ["no_proxy"] = "" },
            Environment.CurrentDirectory,
            "bench",
            server.Address,
            "-d",
            "0.2",
            "-w",
            "0",
            "-c",
            "2"
        );
        Assert.True(await fromEnvironment.EndAsync() == 0, fromEnvironment.Error.Text);
    }

    [Theory]
    [InlineData("", "ws://127.0.0.1:9/")]
    [InlineData("ada:wrong@", "ws://127.0.0.1:9/")]
    [InlineData(SocksProxy.User + "@", "ws://127.0.0.1:1/")]
    public async Task A_SOCKS_proxy_that_refuses_is_named_without_the_password(string user, string target)
    {
        await using SocksProxy proxy = await SocksProxy.StartAsync();
        await using ToolRun run = ToolRun.Start("connect", target, "--proxy", $"socks5://{user}{proxy.Address}", "-x", "hi");
        Assert.True(await run.EndAsync() == ExitCode.NameOrTcp, run.Error.Text);
        Assert.Contains($"The proxy {proxy.Address} is named by --proxy", run.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", run.Error.Text, StringComparison.Ordinal);
    }
}
