using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Longwire.Cli;

/// <summary>The headings that options stand under in help and in the manual.</summary>
internal static class OptionGroups
{
    public const string Usual = "Options";

    private static readonly ConditionalWeakTable<Option, string> _groups = [];

    /// <summary>Adds options to a command under a heading.</summary>
    public static void AddGroup(this Command command, string heading, params Option[] options)
    {
        foreach (Option option in options)
        {
            _groups.Add(option, heading);
            command.Add(option);
        }
    }

    public static string GroupOf(Option option) => _groups.TryGetValue(option, out string? heading) ? heading : Usual;
}
