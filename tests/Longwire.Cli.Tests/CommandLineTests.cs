namespace Longwire.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("connect", "--help")]
    [InlineData("serve", "--help")]
    [InlineData("bench", "--help")]
    public async Task Help_lists_the_exit_codes(params string[] arguments)
    {
        await using ToolRun run = ToolRun.Start(arguments);
        Assert.Equal(0, await run.EndAsync());
        Assert.Contains("--help", run.Output.Text, StringComparison.Ordinal);
        foreach (string code in new[] { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "130" })
        {
            Assert.Matches($"  {code}  [a-zA-Z]", run.Output.Text);
        }

        Assert.Equal("", run.Error.Text);
    }

    [Theory]
    [InlineData("srve")]
    [InlineData("serve", "--nonsense")]
    [InlineData("serve", "--port", "65536")]
    [InlineData("serve", "--port", "x")]
    [InlineData("connect")]
    [InlineData("connect", "ftp://host")]
    [InlineData("connect", ":1", "-H", "no colon")]
    [InlineData("connect", ":1", "-H", "X-Name: va\rlue")]
    [InlineData("connect", ":1", "-H", "Sec-WebSocket-Key: x")]
    [InlineData("connect", ":1", "-s", "no token")]
    [InlineData("connect", ":1", "--wait", "NaN")]
    [InlineData("connect", ":1", "--wait", "long")]
    [InlineData("connect", ":1", "--timeout", "-1")]
    [InlineData("connect", ":1", "--timeout", "soon")]
    [InlineData("connect", ":1", "--timeout", "1e9")]
    [InlineData("bench")]
    [InlineData("bench", "ftp://host")]
    [InlineData("bench", "tcp://host")]
    [InlineData("bench", ":1", "--size", "many")]
    [InlineData("bench", ":1", "--size", "5", "--json")]
    [InlineData("bench", ":1", "--connections", "0")]
    [InlineData("bench", ":1", "--duration", "0")]
    [InlineData("bench", ":1", "--rate", "-1")]
    [InlineData("bench", ":1", "--assert", "p99")]
    [InlineData("bench", ":1", "--source", "here")]
    [InlineData("bench", ":1", "--mode", "storm", "--rate", "5")]
    [InlineData("bench", ":1", "--mode", "broadcast", "--deflate")]
    [InlineData("bench", ":1", "--mode", "broadcast", "--size", "31")]
    [InlineData("bench", ":1", "--mode", "broadcast", "--size", "42", "--json")]
    [InlineData("bench", ":1", "--slow-readers", "100")]
    [InlineData("bench", "tcp://localhost:1", "--mode", "broadcast")]
    public async Task A_wrong_usage_is_explained_and_ends_with_1(params string[] arguments)
    {
        await using ToolRun run = ToolRun.Start(arguments);
        Assert.Equal(1, await run.EndAsync());
        Assert.NotEqual("", run.Error.Text);
        Assert.DoesNotContain("Exception", run.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error.Text, StringComparison.Ordinal);
    }
}
