namespace Longwire.Cli.Tests;

/// <summary>Completions and the manual are made from the commands, and understood by those who read them.</summary>
public sealed class ShellTests
{
    [Fact]
    public async Task Bash_completes_commands_options_and_values()
    {
        await using ToolProcess bash = ToolProcess.StartShell(
            """
            source <($LONGWIRE completion bash)
            try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _longwire; echo "${COMPREPLY[*]}"; }
            try longwire li
            try longwire connect :8080 --send
            try longwire bench --mo
            try longwire listen 0 --output j
            try longwire --ver
            try longwire conform se
            """
        );
        Assert.Equal(0, await bash.EndAsync());
        string[] lines = bash.Output.Text.Split('\n');
        Assert.Equal(["listen", "--send-file", "--mode", "jsonl"], lines[..4]);
        Assert.Contains("--version", lines[4], StringComparison.Ordinal);
        Assert.Equal("server", lines[5]);
    }

    [Theory]
    [InlineData("zsh", "#compdef longwire")]
    [InlineData("fish", "complete -c longwire")]
    public async Task Scripts_for_other_shells_name_every_command_and_option(string shell, string sign)
    {
        await using ToolRun script = ToolRun.Start("completion", shell);
        Assert.Equal(0, await script.EndAsync());
        Assert.Contains(sign, script.Output.Text, StringComparison.Ordinal);
        foreach (
            string name in (string[])["connect", "listen", "doctor", "bench", "scenario", "conform", "send-file", "fault", "idle", "agents"]
        )
        {
            Assert.Contains(name, script.Output.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_manual_has_every_command_every_option_and_the_exit_codes()
    {
        await using ToolRun man = ToolRun.Start("man");
        Assert.Equal(0, await man.EndAsync());
        string text = man.Output.Text.Replace("\\-", "-", StringComparison.Ordinal);
        Assert.StartsWith(".TH LONGWIRE 1", text, StringComparison.Ordinal);
        foreach (
            string part in (string[])
                [".SS \"connect ", ".SS \"bench scenario ", "--send-file <FILE>", "--message-bytes", "interrupted", "NO_COLOR"]
        )
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_help_of_the_tool_fits_a_screen()
    {
        await using ToolRun help = ToolRun.Start("--help");
        Assert.Equal(0, await help.EndAsync());
        string[] lines = help.Output.Text.TrimEnd('\n').Split('\n');
        Assert.InRange(lines.Length, 10, 23); // and a prompt
        Assert.All(lines, static line => Assert.InRange(line.Length, 0, 80));
    }
}
