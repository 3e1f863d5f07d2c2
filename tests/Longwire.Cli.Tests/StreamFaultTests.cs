using Longwire.Transport.Linux.Tests;

namespace Longwire.Cli.Tests;

/// <summary>Streams that are full, closed or not text, and proxies that aren't there: one line, and a code that says so.</summary>
public sealed class StreamFaultTests
{
    [Theory]
    [InlineData("$LONGWIRE connect ADDRESS -q -x hi -w -1 > /dev/full")]
    [InlineData("$LONGWIRE connect ADDRESS -q -x hi -w -1 >&-")]
    [InlineData("$LONGWIRE bench ADDRESS -c 2 -w 0 -d 0.1 > /dev/full")]
    [InlineData("$LONGWIRE bench ADDRESS -c 2 -w 0 -d 0.1 >&-")]
    [InlineData("$LONGWIRE serve --port 0 > /dev/full")]
    [InlineData("$LONGWIRE serve --port 0 >&-")]
    public async Task An_output_that_can_not_be_written_is_told_in_one_line_and_is_a_failure(string script)
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolProcess tool = ToolProcess.StartShell(script.Replace("ADDRESS", server.Address, StringComparison.Ordinal));
        int exitCode = await tool.EndAsync();
        Assert.True(exitCode is not 0 and < 100, $"{exitCode}: {tool.Error.Text}");
        Assert.Matches(@"^The output can't be written: [^\n]+\n$", tool.Error.Text);
    }

    [Fact]
    public async Task A_reader_that_has_had_enough_is_no_failure()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolProcess tool = ToolProcess.StartShell(
            $"yes 2>/dev/null | $LONGWIRE connect {server.Address} -q | head -n 1; exit ${{PIPESTATUS[1]}}"
        );
        Assert.Equal((0, "y\n", ""), (await tool.EndAsync(), tool.Output.Text, tool.Error.Text));
    }

    [Fact]
    public async Task A_closed_input_is_the_end_of_the_input()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolProcess tool = ToolProcess.StartShell($"$LONGWIRE connect {server.Address} -q -w 0.1 <&-");
        Assert.Equal((0, "", ""), (await tool.EndAsync(), tool.Output.Text, tool.Error.Text));
    }

    [Fact]
    public async Task A_server_that_is_killed_while_replies_are_waited_for_is_a_failure()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static async (socket, _) =>
            {
                await socket.ReadAsync();
                socket.Abort();
            }
        );
        await using ToolProcess tool = ToolProcess.StartShell($"echo hi | $LONGWIRE connect {server.Address} -w -1");
        Assert.Equal(7, await tool.EndAsync());
        Assert.Contains("Disconnected: 1006", tool.Error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"a\rb\nc\r\n", "a\rb|c")]
    [InlineData(@"\xef\xbb\xbfbom\n", "\ufeffbom")]
    [InlineData(@"a\n\nb", "a||b")]
    public async Task Lines_end_with_a_line_feed_and_nothing_else(string input, string messages)
    {
        await using TestEndpoint server = await JoiningServerAsync(messages.Split('|').Length);
        await using ToolProcess tool = ToolProcess.StartShell($"printf '{input}' | $LONGWIRE connect {server.Address} -q -w -1");
        Assert.Equal((0, messages + "\n"), (await tool.EndAsync(), tool.Output.Text));
    }

    [Theory]
    [InlineData(@"\x80\n", "80")]
    [InlineData(@"\xff\xfe\x00\x01", "fffe0001")]
    [InlineData(@"\xef\xbb\xbf\x00\x0d\n", "efbbbf000d")]
    public async Task Binary_messages_are_the_bytes_of_the_input(string input, string message)
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolProcess tool = ToolProcess.StartShell($"printf '{input}' | $LONGWIRE connect {server.Address} -q -b --count 1");
        Assert.Equal((0, message + "\n"), (await tool.EndAsync(), tool.Output.Text));
    }

    [Fact]
    public async Task Text_that_is_not_UTF_8_is_sent_with_replacements_and_a_warning()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolProcess tool = ToolProcess.StartShell($@"printf 'a\x80b\n' | $LONGWIRE connect {server.Address} --count 1");
        Assert.Equal((0, "a\ufffdb\n"), (await tool.EndAsync(), tool.Output.Text));
        Assert.Contains("not UTF-8", tool.Error.Text, StringComparison.Ordinal);
        Assert.Contains("--binary", tool.Error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("connect")]
    [InlineData("bench")]
    public async Task A_proxy_that_is_not_there_is_named_and_not_its_target(string verb)
    {
        using var unused = new UnusedPort();
        int port = unused.Port;
        foreach (string proxy in (string[])[$"127.0.0.1:{port}", "no.such.host.invalid:3128"])
        {
            await using ToolProcess tool = ToolProcess.StartWith(
                new() { ["http_proxy"] = $"http://ada:secret@{proxy}", ["no_proxy"] = "" },
                Environment.CurrentDirectory,
                verb,
                "ws://target.example/path"
            );
            Assert.Equal(7, await tool.EndAsync());
            Assert.Matches($@"^[^\n]*proxy {proxy}[^\n]*http_proxy[^\n]*\n$", tool.Error.Text);
            Assert.DoesNotContain("secret", tool.Error.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("connect", ":1", "--nonsense")]
    [InlineData("bench", ":1", "--nonsense")]
    [InlineData("connect", ":1", "--wait", "long")]
    [InlineData("srve")]
    public async Task A_wrong_option_is_told_in_two_lines_and_no_page_of_help(params string[] arguments)
    {
        await using ToolRun run = ToolRun.Start(arguments);
        Assert.Equal(1, await run.EndAsync());
        Assert.Equal("", run.Output.Text);
        Assert.InRange(run.Error.Text.Count(static letter => letter == '\n'), 1, 3);
        Assert.Contains("--help", run.Error.Text, StringComparison.Ordinal);
    }

    // Answers with all messages in one, and closes.
    private static Task<TestEndpoint> JoiningServerAsync(int count) =>
        TestEndpoint.StartAsync(
            async (socket, _) =>
            {
                var messages = new List<string>();
                while (messages.Count < count)
                {
                    messages.Add((await socket.ReadAsync()).Text);
                }

                await socket.SendTextAsync(string.Join('|', messages));
            }
        );
}
