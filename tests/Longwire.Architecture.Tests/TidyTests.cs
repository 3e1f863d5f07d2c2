using System.Text.RegularExpressions;

namespace Longwire.Architecture.Tests;

/// <summary>The tree stays tidy: small files, each named after what is in it, nothing put off without an owner.</summary>
public sealed partial class TidyTests
{
    // 400 is the aim; what a file may go over it before it must be taken apart.
    private const int MostLines = 490;

    [Fact]
    public void Every_file_is_small()
    {
        string[] large =
        [
            .. Repository
                .SourceFiles("*.cs")
                .Concat(Repository.SourceFiles("*.js"))
                .Select(path => (path, lines: File.ReadLines(Path.Combine(Repository.Root, path)).Count()))
                .Where(file => file.lines > MostLines)
                .Select(file => $"{file.path} has {file.lines} lines"),
        ];
        Assert.Empty(large);
    }

    [Fact]
    public void The_median_file_is_under_a_hundred_and_twenty_lines()
    {
        int[] lines =
        [
            .. Repository.SourceFiles("*.cs").Select(path => File.ReadLines(Path.Combine(Repository.Root, path)).Count()).Order(),
        ];
        Assert.InRange(lines[lines.Length / 2], 1, 120);
    }

    [Fact]
    public void A_file_holds_one_public_type_and_bears_its_name()
    {
        var untidy = new List<string>();
        foreach (string path in Repository.SourceFiles("*.cs"))
        {
            string[] types = [.. PublicType().Matches(Read(path)).Select(match => match.Groups["name"].Value).Distinct()];
            string name = Path.GetFileName(path).Split('.')[0];
            if (types.Length > 1 || (types.Length == 1 && types[0] != name))
            {
                untidy.Add($"{path} holds {string.Join(", ", types)}");
            }
        }

        Assert.Empty(untidy);
    }

    [Fact]
    public void Nothing_is_put_off_without_an_owner()
    {
        string[] putOff =
        [
            .. Repository
                .SourceFiles("*.*")
                .Where(path => Path.GetExtension(path) is ".cs" or ".js" or ".css" or ".html" or ".csproj")
                .Where(path => PutOff().IsMatch(Read(path))),
        ];
        Assert.Empty(putOff);
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    // A type of the file's namespace stands at the left edge.
    [GeneratedRegex(
        @"^public (?:(?:static|abstract|sealed|readonly|ref|partial|unsafe) )*(?:class|struct|interface|enum|record struct|record class|record|delegate \S+) (?<name>\w+)",
        RegexOptions.Multiline
    )]
    private static partial Regex PublicType();

    // An owner stands in brackets behind the word.
    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX)\b(?!\(\w+\))")]
    private static partial Regex PutOff();
}
