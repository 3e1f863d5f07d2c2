using System.CommandLine;
using System.Text;

namespace Longwire.Cli.Shell;

/// <summary><c>longwire man</c>: the manual page, made from the commands as they are.</summary>
internal static class ManCommand
{
    private static readonly (string, string)[] _environment =
    [
        ("NO_COLOR", "No colours."),
        ("http_proxy, https_proxy, all_proxy, no_proxy", "The proxy, and the hosts that are reached without it."),
        ("LONGWIRE_HISTORY", "The file of lines typed before; empty for none."),
        ("LONGWIRE_BENCH_SECRET", "The secret that bench and its agents share."),
        ("LONGWIRE_JWT_KEY", "The key of serve's tokens."),
    ];

    public static Command Create(CommandStreams streams)
    {
        var command = new Command("man", "Write the manual page: longwire man | man -l -");
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(Write(parsed.RootCommandResult.Command)), cancellationToken);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static string Write(Command root)
    {
        string version = typeof(ManCommand).Assembly.GetName().Version?.ToString(3) ?? "";
        var text = new StringBuilder();
        text.Append($".TH LONGWIRE 1 \"\" \"longwire {version}\" \"User Commands\"\n");
        text.Append(".SH NAME\nlongwire \\- WebSockets from the terminal\n");
        text.Append(".SH SYNOPSIS\n.B longwire\n.I URL\n[\\fIOPTIONS\\fR]\n.br\n.B longwire\n.I COMMAND\n[\\fIOPTIONS\\fR]\n");
        text.Append($".SH DESCRIPTION\n{Escape(root.Description)}\n");
        text.Append(".SH COMMANDS\n");
        foreach (Command verb in HelpPage.VisibleVerbs(root))
        {
            WriteVerb(text, verb, verb.Name);
        }

        text.Append(".SH EXIT STATUS\n.nf\n").Append(Escape(string.Join('\n', ExitCode.Help.Split('\n').Skip(1)))).Append("\n.fi\n");
        text.Append(".SH ENVIRONMENT\n");
        foreach ((string name, string meaning) in _environment)
        {
            text.Append($".TP\n.B {name}\n{Escape(meaning)}\n");
        }

        return text.ToString();
    }

    private static void WriteVerb(StringBuilder text, Command verb, string path)
    {
        text.Append($".SS \"{path}{HelpPage.UsageOf(verb)}\"\n{Escape(verb.Description)}\n");
        foreach (Argument argument in verb.Arguments.Where(static argument => !argument.Hidden))
        {
            text.Append($".TP\n.I {argument.Name}\n{Escape(argument.Description)}\n");
        }

        foreach (Option option in HelpPage.VisibleOptions(verb))
        {
            text.Append($".TP\n.B {Escape(HelpPage.NamesOf(option))}\n{Escape(option.Description)}\n");
        }

        foreach (Command sub in HelpPage.VisibleVerbs(verb))
        {
            WriteVerb(text, sub, $"{path} {sub.Name}");
        }
    }

    private static string Escape(string? text) =>
        string.Join(
            '\n',
            (text ?? "")
                .Replace("\\", "\\e", StringComparison.Ordinal)
                .Replace("-", "\\-", StringComparison.Ordinal)
                .Split('\n')
                .Select(static line => line.StartsWith('.') || line.StartsWith('\'') ? "\\&" + line : line)
        );
}
