using System.Globalization;
using System.Text.RegularExpressions;

namespace Longwire.Architecture.Tests;

/// <summary>An operator who watches a log goes by the numbers of its events: the guide has them, and they stay.</summary>
public sealed partial class LogEventTests
{
    [Fact]
    public void The_guide_has_the_number_and_level_of_each_event_of_the_hubs_log()
    {
        List<(int Number, string Level)> events =
        [
            .. Written()
                .Matches(Read("src/Longwire.Hubs/Diagnostics/HubLog.cs"))
                .Select(static match => (Number(match), match.Groups["level"].Value)),
            .. Audited()
                .Matches(Read("src/Longwire.Hubs/Administration/AdminEvent.cs"))
                .Select(static match => (Number(match), match.Groups["name"].Value == "TokenRefused" ? "Warning" : "Information")),
        ];
        AssertDocumented([.. events.Where(static entry => entry.Level != "Debug")], "docs/guides/operations.md");
    }

    [Fact]
    public void The_guide_has_the_number_and_level_of_each_event_of_the_clients_logs() =>
        AssertDocumented(
            [
                .. new[] { "src/Longwire.Client/Resilient/ClientLog.cs", "src/Longwire.Hubs.Client/HubClientLog.cs" }
                    .SelectMany(static path => Written().Matches(Read(path)))
                    .Select(static match => (Number(match), match.Groups["level"].Value)),
            ],
            "docs/guides/resilient-clients.md"
        );

    private static void AssertDocumented(List<(int Number, string Level)> events, string guide)
    {
        Assert.NotEmpty(events);
        Assert.Equal(events.Count, events.Select(static entry => entry.Number).Distinct().Count());
        IEnumerable<(int, string)> documented = Documented()
            .Matches(Read(guide))
            .SelectMany(static row => Numbers(row.Groups["numbers"].Value).Select(number => (number, row.Groups["level"].Value)));
        Assert.Equal(events.Order(), documented.Order());
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    private static int Number(Match match) => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);

    /// <summary>The numbers of <c>3, 17</c> or <c>60 to 68</c>.</summary>
    private static IEnumerable<int> Numbers(string text)
    {
        foreach (string part in text.Split(", "))
        {
            int[] ends = [.. part.Split(" to ").Select(static number => int.Parse(number, CultureInfo.InvariantCulture))];
            for (int number = ends[0]; number <= ends[^1]; number++)
            {
                yield return number;
            }
        }
    }

    [GeneratedRegex("""\[LoggerMessage\((?<number>\d+), LogLevel\.(?<level>\w+),""")]
    private static partial Regex Written();

    [GeneratedRegex("""^    (?<name>\w+) = (?<number>\d+),""", RegexOptions.Multiline)]
    private static partial Regex Audited();

    [GeneratedRegex("""^\| (?<numbers>\d[\d, to]*) \| (?<level>Information|Warning|Error|Debug) \|""", RegexOptions.Multiline)]
    private static partial Regex Documented();
}
