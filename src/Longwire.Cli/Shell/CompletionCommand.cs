using System.CommandLine;
using System.Text;

namespace Longwire.Cli.Shell;

/// <summary><c>longwire completion SHELL</c>: a script that completes commands and options, made from the commands as they are.</summary>
internal static class CompletionCommand
{
    public static Command Create(CommandStreams streams)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command(
            "completion",
            "Write a script that completes commands and options: source <(longwire completion bash); "
                + "fish: longwire completion fish | source."
        )
        {
            shell,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                Command root = parsed.RootCommandResult.Command;
                string script = parsed.GetValue(shell) switch
                {
                    "bash" => Bash(root),
                    "zsh" => Zsh(root),
                    _ => Fish(root),
                };
                await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(script), cancellationToken);
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static string Bash(Command root)
    {
        var text = new StringBuilder();
        string verbs = string.Join('|', Verbs(root).Select(static verb => verb.Name));
        text.Append("# bash completion of longwire\n_longwire() {\n");
        text.Append("  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= word words\n");
        text.Append($"  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do case $word in {verbs}) verb=$word; break ;; esac; done\n");
        text.Append("  case $prev in\n");
        foreach ((string names, string choices) in ValuesByOption(root))
        {
            string words = choices.Length == 0 ? "-f" : $"-W '{choices}'";
            text.Append($"    {names}) COMPREPLY=($(compgen {words} -- \"$cur\")); return ;;\n");
        }

        text.Append("  esac\n  case $verb in\n");
        foreach (Command verb in Verbs(root))
        {
            text.Append($"    {verb.Name}) words='{string.Join(' ', WordsOf(verb))}' ;;\n");
        }

        text.Append($"    *) words='{verbs.Replace('|', ' ')} --help --version {string.Join(' ', WordsOf(Verbs(root).First()))}' ;;\n");
        text.Append("  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o default -F _longwire longwire\n");
        return text.ToString();
    }

    private static string Zsh(Command root)
    {
        var text = new StringBuilder(
            "#compdef longwire\n# zsh completion of longwire\n_longwire() {\n  local -a verbs options\n  local verb word\n  verbs=(\n"
        );
        foreach (Command verb in Verbs(root))
        {
            text.Append($"    '{verb.Name}:{Plain(verb.Description)}'\n");
        }

        text.Append("  )\n  case ${words[CURRENT-1]} in\n");
        foreach ((string names, string choices) in ValuesByOption(root))
        {
            text.Append($"    {names}) {(choices.Length == 0 ? "_files" : $"compadd -- {choices}")}; return ;;\n");
        }

        text.Append(
            "  esac\n  for word in ${words[2,CURRENT-1]}; do (( ${verbs[(I)$word:*]} )) && { verb=$word; break; }; done\n  case $verb in\n"
        );
        foreach (Command verb in Verbs(root))
        {
            text.Append($"    {verb.Name}) options=(\n");
            foreach (Command sub in Verbs(verb))
            {
                text.Append($"      '{sub.Name}:{Plain(sub.Description)}'\n");
            }

            foreach (Option option in OptionsOf(verb))
            {
                text.Append($"      '{option.Name}:{Plain(option.Description)}'\n");
            }

            text.Append("    ) ;;\n");
        }

        text.Append("    *) _describe command verbs; return ;;\n  esac\n  _describe option options || _files\n}\n");
        // Sourced, it registers itself; in a folder of $fpath, zsh calls it.
        text.Append("if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _longwire \"$@\"; else compdef _longwire longwire; fi\n");
        return text.ToString();
    }

    private static string Fish(Command root)
    {
        var text = new StringBuilder("# fish completion of longwire\ncomplete -c longwire -f\n");
        foreach (Command verb in Verbs(root))
        {
            text.Append($"complete -c longwire -n __fish_use_subcommand -a {verb.Name} -d '{Plain(verb.Description)}'\n");
            string seen = $"-n '__fish_seen_subcommand_from {verb.Name}'";
            foreach (Command sub in Verbs(verb))
            {
                text.Append($"complete -c longwire {seen} -a {sub.Name} -d '{Plain(sub.Description)}'\n");
            }

            foreach (Option option in OptionsOf(verb))
            {
                string names = string.Concat(
                    NamesOf(option)
                        .Select(static name => name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}")
                );
                string value =
                    HelpPage.IsFlag(option) ? ""
                    : TakesFile(option) ? " -r -F"
                    : ChoicesOf(option) is { Length: > 0 } choices ? $" -x -a '{string.Join(' ', choices)}'"
                    : " -x";
                text.Append($"complete -c longwire {seen}{names}{value} -d '{Plain(option.Description)}'\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<Command> Verbs(Command command) => HelpPage.VisibleVerbs(command);

    private static IEnumerable<Option> OptionsOf(Command verb) =>
        HelpPage.VisibleOptions(verb).Concat(Verbs(verb).SelectMany(HelpPage.VisibleOptions)).DistinctBy(static option => option.Name);

    private static IEnumerable<Option> AllOptions(Command root) => Verbs(root).SelectMany(OptionsOf);

    // Options by what their values are: names of files, for which the choices are empty, or a few words.
    private static IEnumerable<(string Names, string Choices)> ValuesByOption(Command root) =>
        AllOptions(root)
            .Where(static option => TakesFile(option) || ChoicesOf(option).Length > 0)
            .GroupBy(static option => TakesFile(option) ? "" : string.Join(' ', ChoicesOf(option)))
            .Select(static group => (string.Join('|', group.SelectMany(NamesOf).Distinct()), group.Key));

    private static IEnumerable<string> WordsOf(Command verb) =>
        Verbs(verb).Select(static sub => sub.Name).Concat(OptionsOf(verb).Select(static option => option.Name)).Append("--help");

    private static IEnumerable<string> NamesOf(Option option) =>
        option.Aliases.Where(static alias => alias.Length == 2).Prepend(option.Name);

    private static bool TakesFile(Option option) => option.HelpName is "FILE" or "FOLDER" or "PROGRAM";

    private static string[] ChoicesOf(Option option) =>
        option.HelpName?.Contains('|') == true ? option.HelpName.Split('|')
        : option.ValueType.IsEnum ? [.. Enum.GetNames(option.ValueType).Select(static name => name.ToLowerInvariant())]
        : [];

    // One sentence without what shells read as something else.
    private static string Plain(string? text)
    {
        string sentence = (text ?? "").Split(". ")[0].TrimEnd('.');
        return sentence.Replace("'", "", StringComparison.Ordinal).Replace(':', ',');
    }
}
