namespace Longwire.Cli.Tests;

/// <summary>The tool at a terminal, which `script` makes.</summary>
public sealed class TerminalTests
{
    [Fact]
    public async Task A_message_that_comes_does_not_break_the_line_that_is_being_typed()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            async (socket, _) =>
            {
                await go.Task;
                await socket.SendTextAsync("incoming");
                await socket.SendTextAsync("you said " + (await socket.ReadAsync()).Text);
                // Asking for more says that all was answered, so the client's Close is answered at once.
                await Assert.ThrowsAsync<WebSocketClosedException>(async () => await socket.ReadAsync());
            }
        );
        await using ToolProcess tool = ToolProcess.StartInTerminal("connect", server.Address);
        await tool.Output.WaitForAsync("> ");
        await TypeAsync("half a l");
        await tool.Output.WaitForAsync("> half a l");
        go.SetResult();
        // Taken away, the message, and put back as it was.
        await tool.Output.WaitForAsync("\r\e[K< incoming\r\n\r\e[K> half a l");
        await TypeAsync("ine\r");
        await tool.Output.WaitForAsync("< you said half a line\r\n");
        await TypeAsync("/quit\r");
        Assert.Equal(0, await tool.EndAsync());
        Assert.True(tool.Output.Text.Contains("Disconnected: 1000", StringComparison.Ordinal), tool.Output.Text);

        async Task TypeAsync(string keys)
        {
            await tool.Input.WriteAsync(keys);
            await tool.Input.FlushAsync();
        }
    }
}
