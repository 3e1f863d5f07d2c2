using System.Text.RegularExpressions;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Every scenario of docs/protocol/client.md that is .NET's has a test that bears its number.</summary>
public sealed partial class ScenarioTests
{
    [Fact]
    public void Every_scenario_has_a_test()
    {
        string root = FindRoot();
        string document = File.ReadAllText(Path.Combine(root, "docs/protocol/client.md"));
        int[] scenarios =
        [
            .. Row()
                .Matches(document[document.IndexOf("\n## Scenarios", StringComparison.Ordinal)..])
                .Where(static row => row.Groups["clients"].Value is not ("browser" or "hub, JavaScript"))
                .Select(static row => int.Parse(row.Groups["number"].Value)),
        ];
        HashSet<int> tested =
        [
            .. new[] { "Longwire.Client.Tests", "Longwire.Hubs.Client.Tests" }
                .SelectMany(project => Directory.GetFiles(Path.Combine(root, "tests", project), "*.cs", SearchOption.AllDirectories))
                .SelectMany(static file => Name().Matches(File.ReadAllText(file)))
                .SelectMany(static name => name.Groups["number"].Captures.Select(static number => int.Parse(number.Value))),
        ];
        Assert.True(scenarios.Length > 50, $"{scenarios.Length} scenarios were found.");
        Assert.Empty(scenarios.Except(tested));
        Assert.Empty(tested.Except(scenarios));
    }

    private static string FindRoot()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Longwire.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \| (?<clients>[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@" Scenarios?_(?<number>\d+)(?:_and_(?<number>\d+))*_")]
    private static partial Regex Name();
}
