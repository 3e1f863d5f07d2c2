using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;

namespace Longwire.Cli;

/// <summary>The help of a command, for 80 columns. That of the tool itself fits 24 rows.</summary>
internal static class HelpPage
{
    private const int Width = 80;
    private const int MaxNameColumn = 30;

    public static string Write(CommandResult result)
    {
        Command command = result.Command;
        var text = new StringBuilder();
        if (command is RootCommand)
        {
            WriteRoot(text, command);
            return text.ToString();
        }

        Wrap(text, command.Description ?? "", 0);
        text.AppendLine().AppendLine($"Usage: longwire {PathOf(result)}{UsageOf(command)}");
        Section(text, "", command.Arguments.Where(static argument => !argument.Hidden).Select(Row));
        Section(text, "Commands", VisibleVerbs(command).Select(static verb => (verb.Name, verb.Description ?? "")));
        foreach (IGrouping<string, Option> group in VisibleOptions(command).GroupBy(OptionGroups.GroupOf))
        {
            Section(text, group.Key, group.Select(Row));
        }

        text.AppendLine().AppendLine("  -h, --help  Show this page.");
        text.AppendLine().AppendLine(ExitCode.Help);
        return text.ToString();
    }

    /// <summary>The names of a command and those above it, without the tool's own.</summary>
    public static string PathOf(CommandResult result) =>
        result.Parent is CommandResult { Command: not RootCommand } parent
            ? $"{PathOf(parent)} {result.Command.Name}"
            : result.Command.Name;

    /// <summary>The commands that are shown.</summary>
    public static IEnumerable<Command> VisibleVerbs(Command command) => command.Subcommands.Where(static verb => !verb.Hidden);

    /// <summary>The options that are shown.</summary>
    public static IEnumerable<Option> VisibleOptions(Command command) => command.Options.Where(static option => !option.Hidden);

    /// <summary>An option's names that are shown, the short ones first; a value where it takes one.</summary>
    public static string NamesOf(Option option)
    {
        IEnumerable<string> shortNames = option.Aliases.Where(static alias => alias.Length == 2);
        string value = IsFlag(option) ? "" : $" <{ValueOf(option)}>";
        return string.Join(", ", shortNames.Order(StringComparer.Ordinal).Append(option.Name)) + value;
    }

    public static bool IsFlag(Option option) => option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;

    /// <summary>The name of an option's value.</summary>
    public static string ValueOf(Option option) => option.HelpName ?? option.Name.TrimStart('-');

    /// <summary>The arguments of a command as they are typed.</summary>
    public static string UsageOf(Command command)
    {
        string arguments = string.Concat(
            command.Arguments.Where(static argument => !argument.Hidden).Select(static argument => $" {Name(argument)}")
        );
        return VisibleVerbs(command).Any() && arguments.Length == 0 ? " COMMAND" : $" [OPTIONS]{arguments}";
    }

    private static void WriteRoot(StringBuilder text, Command root)
    {
        text.AppendLine(root.Description);
        text.AppendLine("Usage: longwire URL [OPTIONS]   or   longwire COMMAND [OPTIONS]").AppendLine();
        foreach (Command verb in VisibleVerbs(root))
        {
            text.AppendLine($"  {verb.Name, -12}{FirstSentence(verb.Description ?? "")}");
        }

        text.AppendLine().AppendLine("  longwire COMMAND --help lists the options, longwire --version the version.");
        text.AppendLine("  longwire :8080/echo   longwire -c ws://localhost -x hi   longwire listen 0");
        text.AppendLine().AppendLine(ExitCode.Help);
    }

    private static (string, string) Row(Argument argument) => (Name(argument), argument.Description ?? "");

    private static string Name(Argument argument) => argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}]" : argument.Name;

    private static (string, string) Row(Option option) => (NamesOf(option), option.Description ?? "");

    private static string FirstSentence(string text) => text.Split(": ")[0].Split(". ")[0].TrimEnd('.');

    private static void Section(StringBuilder text, string title, IEnumerable<(string Name, string Text)> rows)
    {
        (string Name, string Text)[] all = [.. rows];
        if (all.Length == 0)
        {
            return;
        }

        text.AppendLine();
        if (title.Length > 0)
        {
            text.AppendLine($"{title}:");
        }

        int column = Math.Min(MaxNameColumn, all.Max(static row => row.Name.Length) + 4);
        foreach ((string name, string description) in all)
        {
            text.Append("  ").Append(name);
            if (name.Length + 3 > column)
            {
                text.AppendLine().Append(' ', column);
            }
            else
            {
                text.Append(' ', column - 2 - name.Length);
            }

            Wrap(text, description, column);
        }
    }

    private static void Wrap(StringBuilder text, string words, int indentation)
    {
        int room = Width - indentation;
        int used = 0;
        foreach (string word in words.Split(' '))
        {
            if (used > 0 && used + 1 + word.Length > room)
            {
                text.AppendLine().Append(' ', indentation);
                used = 0;
            }

            text.Append(used > 0 ? " " : "").Append(word);
            used += word.Length + (used > 0 ? 1 : 0);
        }

        text.AppendLine();
    }
}
