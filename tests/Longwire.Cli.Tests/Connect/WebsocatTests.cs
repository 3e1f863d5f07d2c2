namespace Longwire.Cli.Tests;

/// <summary>websocat's options, by what its manual says of them.</summary>
public sealed class WebsocatTests
{
    [Theory]
    [InlineData("-t", "text", "a\nb\n", "Text a, Text b")] // --text: a message for each line
    [InlineData("-b", "binary", "a\n", "Binary a")] // --binary
    [InlineData("-1", "one message", "a\nb\n", "Text a")] // --one-message
    [InlineData("-0", "null terminated", "a\nb\0c\0", "Text a\nb, Text c")] // --null-terminated
    [InlineData("-E", "exit on EOF", "a\n", "Text a")] // --exit-on-eof
    [InlineData("--protocol=13", "other meaning: wscat's", "a\n", "Text a")]
    public async Task An_option_sends_what_the_manual_says(string option, string meaning, string input, string messages)
    {
        var seen = new List<string>();
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            async (socket, _) =>
            {
                await foreach (WebSocketMessage message in socket.ReadAllAsync())
                {
                    seen.Add($"{message.Type} {message.Text}");
                    await socket.SendAsync(message.Payload, message.Type);
                }

                over.SetResult();
            }
        );
        await using ToolRun run = ToolRun.StartWithInput(input, server.Address, option, "-q", "-w", "4");
        Assert.True(await run.EndAsync() == 0, $"{meaning}: {run.Error.Text}");
        await over.Task.WaitAsync(Patience.Long);
        Assert.Equal(messages, string.Join(", ", seen));
    }

    [Theory]
    [InlineData("--base64", "AP8=\n")]
    [InlineData("--raw", "\0\ufffd")]
    [InlineData("--hex", "00ff\n")]
    public async Task Binary_messages_are_shown_as_the_option_says(string option, string shown)
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static async (socket, _) => await socket.SendAsync(new byte[] { 0, 255 }, MessageType.Binary)
        );
        await using ToolRun run = ToolRun.Start(server.Address, option, "-q", "-w", "-1");
        Assert.Equal((0, shown), (await run.EndAsync(), run.Output.Text));
    }

    [Fact]
    public async Task Headers_authentication_and_the_count_have_its_long_names_too()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static async (socket, context) =>
            {
                await socket.SendTextAsync($"{context.Request.Headers.Authorization} {context.Request.Headers.Origin}");
                await socket.SendTextAsync("more");
                await socket.Completion;
            }
        );
        await using ToolRun run = ToolRun.Start(
            server.Address,
            "--basic-auth",
            "ada:secret",
            "--origin",
            "https://example.com",
            "--max-messages",
            "1",
            "--ping-interval",
            "20",
            "--ping-timeout",
            "10",
            "-q",
            "-k"
        );
        Assert.Equal((0, "Basic YWRhOnNlY3JldA== https://example.com\n"), (await run.EndAsync(), run.Output.Text));
    }
}
