using System.Text.RegularExpressions;

namespace Longwire.JavaScript.Tests;

/// <summary>Every scenario of docs/protocol/client.md that is JavaScript's has a test whose name it leads.</summary>
public sealed partial class ScenarioTests
{
    [Fact]
    public void Every_scenario_has_a_test()
    {
        string document = File.ReadAllText(Path.Combine(BuiltPackage.Folder, "../../docs/protocol/client.md"));
        int[] scenarios =
        [
            .. Row()
                .Matches(document[document.IndexOf("\n## Scenarios", StringComparison.Ordinal)..])
                .Where(static row => row.Groups["clients"].Value is not (".NET" or "hub .NET, kept outbox"))
                .Select(static row => int.Parse(row.Groups["number"].Value)),
        ];
        HashSet<int> tested =
        [
            .. Script
                .Files.SelectMany(static file => Name().Matches(File.ReadAllText(Path.Combine(BuiltPackage.Folder, "test", file))))
                .SelectMany(static name => name.Groups["number"].Captures.Select(static number => int.Parse(number.Value))),
        ];
        Assert.True(scenarios.Length > 60, $"{scenarios.Length} scenarios were found.");
        Assert.Empty(scenarios.Except(tested));
        Assert.Empty(tested.Except(scenarios));
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \| (?<clients>[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    // "36, 44. A connection …", "42. and 59. Publications …", "9. With maxAttempts … 10. By hand …".
    [GeneratedRegex(
        @"^ *(?:test\(|: )(?:forgets \? )?['`](?:(?:and )?(?<number>\d+)[.,] )+(?:.*?[.,] (?<number>\d+)\. [A-Z])?",
        RegexOptions.Multiline
    )]
    private static partial Regex Name();
}
