using System.Runtime.Versioning;

namespace Longwire.Cli.Tests;

/// <summary>The screen as somebody at a terminal sees it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ScreenTests
{
    [Fact]
    public async Task Typing_editing_history_completion_and_pasting_work_as_in_a_shell()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolScreen screen = await ToolScreen.StartAsync($"connect {server.Address}", history: "an old line\nanother one\n");
        await screen.WaitForAsync("Connected to");

        // Wide signs: the cursor stands where the letter goes.
        await screen.TypeAsync("漢字 🎉");
        await screen.WaitForCursorAsync(9);
        await screen.PressAsync("Left", "Left", "Left");
        await screen.WaitForCursorAsync(4);
        await screen.TypeAsync("|");
        await screen.PressAsync("Enter");
        await screen.WaitForAsync("< 漢|字 🎉");

        // A line of an earlier run, found by its middle.
        await screen.PressAsync("C-r");
        await screen.TypeAsync("old");
        await screen.WaitForAsync("(search: old) an old line");
        await screen.PressAsync("Enter");
        await screen.WaitForAsync("< an old line");
        Assert.EndsWith("another one\n漢|字 🎉\nan old line\n", await File.ReadAllTextAsync(screen.History), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(screen.History) & UnixFileMode.OtherWrite);

        // Several lines that are pasted are one message, and not sent before Enter.
        await screen.PasteAsync("first\nsecond");
        await screen.WaitForAsync("> first↵second");
        await screen.PressAsync("Enter");
        await screen.WaitForAsync("< first\nsecond");

        await screen.TypeAsync("/pi");
        await screen.PressAsync("Tab");
        await screen.TypeAsync("hello");
        await screen.WaitForAsync("> /ping hello");
        await screen.PressAsync("C-u");
        await screen.TypeAsync("/p");
        await screen.PressAsync("Tab");
        await screen.WaitForAsync("/ping  /pong");
        await screen.PressAsync("C-u");

        // A message that comes while something is typed leaves that as it is, also in a terminal that has become narrow.
        await screen.TypeAsync("half a line");
        await screen.WaitForAsync("> half a line");
        await screen.ResizeAsync(30);
        await screen.WaitForCursorAsync(13);
        await screen.PressAsync("C-c");
        await screen.WaitForAsync("ended with 130");
    }

    // dash leaves the terminal as it finds it, so that the tool has to give it back as it was.
    [Theory]
    [InlineData("bash --norc --noprofile -i")]
    [InlineData("dash -i")]
    public async Task A_tool_that_is_stopped_gives_the_terminal_back_and_goes_on_where_it_was(string shell)
    {
        var server = new TaskCompletionSource<WebSocketConnection>();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            async (socket, _) =>
            {
                server.SetResult(socket);
                await foreach (WebSocketMessage message in socket.ReadAllAsync())
                {
                    await socket.SendAsync(message.Payload, message.Type);
                }
            }
        );
        await using ToolScreen screen = await ToolScreen.StartShellAsync(shell);
        await screen.EnterAsync($"dotnet '{ToolProcess.Tool}' connect {endpoint.Address}");
        await screen.WaitForAsync("Connected to");
        await screen.TypeAsync("half a line");
        await screen.WaitForAsync("> half a line");

        await screen.PressAsync("C-z");
        await screen.WaitForAsync("Stopped");
        await screen.WaitForPromptAsync();
        await screen.EnterAsync("stty -a | grep -o -e ' icanon' -e ' echo ' | wc -l; echo lines: $?");
        await screen.WaitForAsync("\n2\nlines: 0");
        await (await server.Task).SendTextAsync("while it slept");

        await screen.EnterAsync("fg");
        await screen.WaitForAsync("< while it slept");
        await screen.WaitForAsync("> half a line");
        await screen.TypeAsync(" and the rest");
        await screen.WaitForAsync("> half a line and the rest");
        await screen.PressAsync("Enter");
        string shown = await screen.WaitForAsync("< half a line and the rest");
        // Nothing but the tool has shown what was typed.
        Assert.Single(shown.Split('\n'), "> half a line and the rest");
        await screen.PressAsync("C-c");
        await screen.WaitForPromptAsync();
        await screen.EnterAsync("echo ended with $?");
        await screen.WaitForAsync("ended with 130");
    }

    [Fact]
    public async Task JSON_is_coloured_binary_shown_in_hexadecimal_and_what_is_long_is_folded()
    {
        await using TestEndpoint server = await TestEndpoint.StartAsync(
            static async (socket, _) =>
            {
                await socket.ReadAsync();
                await socket.SendTextAsync("""{"name":"ann","numbers":[1,2.50]}""");
                await socket.SendAsync("\0\u0001binary"u8.ToArray(), MessageType.Binary);
                await socket.SendTextAsync("ten million letters: " + new string('x', 10_000_000));
                await socket.Completion;
            }
        );
        await using ToolScreen screen = await ToolScreen.StartAsync($"connect {server.Address}");
        await screen.WaitForAsync("Connected to");
        await screen.PressAsync("Enter");
        await screen.WaitForAsync("10,000,021 bytes in all; /show shows all");
        await screen.PressAsync("C-l");
        await screen.TypeAsync("/quit");
        await screen.PressAsync("Enter");
        await screen.WaitForAsync("ended with 0");
        await using ToolScreen colours = await ToolScreen.StartAsync($"connect {server.Address} -x hi --until numbers");
        string shown = await colours.WaitForAsync("ended with 0", colors: true);
        Assert.Contains("\e[32m\"ann\"", shown, StringComparison.Ordinal);
        Assert.Contains("\e[33m2.50", shown, StringComparison.Ordinal);
        await using ToolScreen plain = await ToolScreen.StartAsync($"connect {server.Address} -x hi --count 2", environment: "NO_COLOR=1");
        shown = await plain.WaitForAsync("ended with 0", colors: true);
        Assert.DoesNotContain("\e[3", shown, StringComparison.Ordinal);
        Assert.Contains("00000000  00 01 62 69 6e 61 72 79", shown, StringComparison.Ordinal);
        Assert.Contains("|..binary|", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_typed_before_the_tool_is_ready_is_not_lost_and_a_wrong_option_stays_on_the_screen()
    {
        await using TestEndpoint server = await TestEndpoint.StartEchoAsync();
        await using ToolScreen early = await ToolScreen.StartAsync($"connect {server.Address}");
        await early.TypeAsync("typed early");
        await early.PressAsync("Enter");
        await early.WaitForAsync("< typed early");
        await early.TypeAsync("half");
        string shown = await early.WaitForAsync("> half");
        Assert.DoesNotContain("> > ", shown, StringComparison.Ordinal);
        await early.PressAsync("C-c");
        await early.WaitForAsync("ended with 130");

        await using ToolScreen wrong = await ToolScreen.StartAsync("connect :1 --nonsense");
        shown = await wrong.WaitForAsync("ended with 1");
        Assert.StartsWith(
            "Unrecognized command or argument '--nonsense'.\nFor all options: longwire connect --help\n",
            shown,
            StringComparison.Ordinal
        );
        await using ToolScreen help = await ToolScreen.StartAsync("--help");
        shown = await help.WaitForAsync("ended with 0");
        Assert.StartsWith("WebSockets from the terminal", shown, StringComparison.Ordinal);
        Assert.Contains("130  interrupted", shown, StringComparison.Ordinal);
    }
}
