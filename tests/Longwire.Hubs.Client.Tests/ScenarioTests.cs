using System.Text.RegularExpressions;

namespace Longwire.Hubs.Client.Tests;

/// <summary>Every scenario of docs/protocol/client.md has a test of each client that it is about, which bears its number.</summary>
public sealed partial class ScenarioTests
{
    private static readonly string _root = FindRoot();

    [Fact]
    public void Every_scenario_of_the_NET_clients_has_a_test()
    {
        int[] scenarios = Scenarios(static clients => clients is not ("browser" or "hub, JavaScript"));
        HashSet<int> tested =
        [
            .. new[] { "Longwire.Client.Tests", "Longwire.Hubs.Client.Tests" }
                .SelectMany(project => Directory.GetFiles(Path.Combine(_root, "tests", project), "*.cs", SearchOption.AllDirectories))
                .SelectMany(static file => Name().Matches(File.ReadAllText(file)))
                .SelectMany(static name => name.Groups["number"].Captures.Select(static number => int.Parse(number.Value))),
        ];
        Assert.True(scenarios.Length > 50, $"{scenarios.Length} scenarios were found.");
        Assert.Empty(scenarios.Except(tested));
        Assert.Empty(tested.Except(scenarios));
    }

    [Fact]
    public void Every_scenario_of_the_JavaScript_clients_has_a_test()
    {
        int[] scenarios = Scenarios(static clients => clients is not (".NET" or "hub .NET, kept outbox"));
        HashSet<int> tested =
        [
            .. Directory
                .GetFiles(Path.Combine(_root, "clients/js/test"), "*.test.mjs")
                .SelectMany(static file => Title().Matches(File.ReadAllText(file)))
                .SelectMany(static title => title.Groups["number"].Captures.Select(static number => int.Parse(number.Value))),
        ];
        Assert.True(scenarios.Length > 60, $"{scenarios.Length} scenarios were found.");
        Assert.Empty(scenarios.Except(tested));
    }

    private static int[] Scenarios(Func<string, bool> isMeant)
    {
        string document = File.ReadAllText(Path.Combine(_root, "docs/protocol/client.md"));
        return
        [
            .. Row()
                .Matches(document[document.IndexOf("\n## Scenarios", StringComparison.Ordinal)..])
                .Where(row => isMeant(row.Groups["clients"].Value))
                .Select(static row => int.Parse(row.Groups["number"].Value)),
        ];
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

    // As '38. One thing. 39. Another', or '42. and 59. Both'.
    [GeneratedRegex(@"['`](?<number>\d+)(?:(?:,|\.? and) (?<number>\d+))*\. (?:[^'`\n]*?\. (?<number>\d+)\. [A-Z])?")]
    private static partial Regex Title();
}
