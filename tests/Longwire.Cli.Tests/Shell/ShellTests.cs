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

    [Fact]
    public async Task Zsh_completes_commands_options_and_values()
    {
        await using ToolScreen zsh = await ToolScreen.StartShellAsync("zsh -f -i");
        // By what is after the cursor when a completion has come: a letter that is typed behind it.
        await zsh.EnterAsync("PROMPT='$ '; autoload -U compinit && compinit -u -D && echo set; echo up");
        await zsh.WaitForAsync("\nset\nup\n");
        await zsh.EnterAsync($"source <(dotnet '{ToolProcess.Tool}' completion zsh) && echo done; touch a-file.pem");
        await zsh.WaitForAsync("\ndone\n");
        await ExpectAsync("longwire lis", "longwire listen .");
        await ExpectAsync("longwire connect :8080 --send-", "longwire connect :8080 --send-file .");
        await ExpectAsync("longwire bench --mo", "longwire bench --mode .");
        await ExpectAsync("longwire listen 0 --output j", "longwire listen 0 --output jsonl .");
        await ExpectAsync("longwire conform se", "longwire conform server .");
        await ExpectAsync("longwire doctor --ca a-f", "longwire doctor --ca a-file.pem .");

        // As a package installs it: in a folder of $fpath.
        await zsh.EnterAsync($"mkdir site; dotnet '{ToolProcess.Tool}' completion zsh > site/_longwire; clear");
        await zsh.EnterAsync("unfunction _longwire; fpath=($PWD/site $fpath); compinit -u -D; clear; echo again");
        await zsh.WaitForAsync("again\n");
        await ExpectAsync("longwire lis", "longwire listen .");

        async Task ExpectAsync(string typed, string shown)
        {
            await zsh.TypeAsync(typed);
            await zsh.PressAsync("Tab");
            await zsh.TypeAsync(".");
            await zsh.WaitForAsync($"$ {shown}\n");
            await zsh.PressAsync("C-u");
        }
    }

    [Fact]
    public async Task Fish_completes_commands_options_and_values()
    {
        await using ToolProcess script = ToolProcess.StartShell(
            """
            home=$(mktemp -d) && cd "$home" && touch a-file.pem && mkdir -p .config/fish/completions
            # Of a command that isn't there fish completes nothing.
            touch longwire && chmod +x longwire && export PATH=$home:$PATH
            $LONGWIRE completion fish > .config/fish/completions/longwire.fish
            export HOME=$home XDG_CONFIG_HOME=$home/.config
            for line in 'longwire lis' 'longwire connect :8080 --send-' 'longwire bench --mo' 'longwire listen 0 --output j' 'longwire conform se' \
              'longwire doctor --ca a-f' 'longwire connect -q :8080 --expect '
            do fish -c "complete -C '$line'" | cut -f 1 | tr '\n' ' '; echo; done
            rm -r "$home"
            """
        );
        Assert.Equal(0, await script.EndAsync());
        Assert.Equal("", script.Error.Text);
        Assert.Equal(["listen ", "--send-file ", "--mode ", "jsonl ", "server ", "a-file.pem ", "", ""], script.Output.Text.Split('\n'));
    }

    [Fact]
    public async Task The_manual_is_typeset_without_a_complaint()
    {
        await using ToolProcess man = ToolProcess.StartShell(
            """
            file=$(mktemp --suffix=.1)
            $LONGWIRE man > "$file"
            LC_ALL=C.UTF-8 MANWIDTH=100 MANROFFOPT=-ww man --warnings=all -P cat -l "$file"
            rm "$file"
            """
        );
        Assert.Equal(0, await man.EndAsync());
        Assert.Equal("", man.Error.Text);
        Assert.Contains("SYNOPSIS", man.Output.Text, StringComparison.Ordinal);
        Assert.Contains("--send-file", man.Output.Text, StringComparison.Ordinal);
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
