using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Longwire.Architecture.Tests;

/// <summary>
/// The walks through the source in docs/ARCHITECTURE.md are true: each line names a member that exists, and the member that it is indented
/// under mentions it.
/// </summary>
public sealed partial class WalkThroughTests
{
    private static readonly Lazy<Dictionary<string, HashSet<string>>> _members = new(ReadMembers);

    [Fact]
    public void Every_place_of_a_walk_exists_and_is_called_where_the_walk_says()
    {
        string[] walks =
        [
            .. Walk().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "ARCHITECTURE.md"))).Select(match => match.Value),
        ];
        Assert.Equal(2, walks.Length);
        Assert.Empty(walks.SelectMany(FaultsIn));
    }

    [Fact]
    public void A_place_that_does_not_exist_and_a_call_that_does_not_happen_are_found()
    {
        Assert.Equal(
            ["WebSocketConnection.Reseive does not exist", "WebSocketConnection.Receive does not mention SendHalf.Write"],
            FaultsIn("WebSocketConnection.Reseive\nWebSocketConnection.Receive   words\n  WebSocketConnection.Call\n  SendHalf.Write")
        );
    }

    private static List<string> FaultsIn(string walk)
    {
        var faults = new List<string>();
        var above = new Stack<(int Indent, string Place)>();
        foreach (Match line in Place().Matches(walk))
        {
            int indent = line.Groups["indent"].Length;
            string place = line.Groups["place"].Value;
            while (above.TryPeek(out (int Indent, string Place) last) && last.Indent >= indent)
            {
                above.Pop();
            }

            if (!_members.Value.ContainsKey(place))
            {
                faults.Add($"{place} does not exist");
            }

            if (
                above.TryPeek(out (int Indent, string Place) caller)
                && _members.Value.TryGetValue(caller.Place, out HashSet<string>? mentioned)
                && !mentioned.Contains(place.Split('.')[1])
            )
            {
                faults.Add($"{caller.Place} does not mention {place}");
            }

            above.Push((indent, place));
        }

        return faults;
    }

    // Each method of each type, and the names that its body mentions, those of all overloads together.
    private static Dictionary<string, HashSet<string>> ReadMembers()
    {
        var members = new Dictionary<string, HashSet<string>>();
        foreach (string path in Repository.SourceFiles("*.cs"))
        {
            string code = File.ReadAllText(Path.Combine(Repository.Root, path));
            foreach (
                MethodDeclarationSyntax method in CSharpSyntaxTree
                    .ParseText(code)
                    .GetRoot()
                    .DescendantNodes()
                    .OfType<MethodDeclarationSyntax>()
            )
            {
                string place = $"{((method.Parent as BaseTypeDeclarationSyntax)?.Identifier.Text)}.{method.Identifier.Text}";
                if (!members.TryGetValue(place, out HashSet<string>? mentioned))
                {
                    members.Add(place, mentioned = []);
                }

                mentioned.UnionWith(method.DescendantNodes().OfType<SimpleNameSyntax>().Select(name => name.Identifier.Text));
            }
        }

        return members;
    }

    [GeneratedRegex(@"(?<=^```walk\n).*?(?=^```$)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Walk();

    [GeneratedRegex(@"^(?<indent> *)(?<place>\w+\.\w+)\b", RegexOptions.Multiline)]
    private static partial Regex Place();
}
