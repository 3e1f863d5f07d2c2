using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Longwire.Architecture.Tests;

/// <summary>The tree stays tidy: small files, each named after what is in it, nothing put off without an owner.</summary>
public sealed partial class TidyTests
{
    private const int MaxLines = 400;
    private const int MaxColumns = 140;
    private const int MaxPartialFiles = 3;
    private const int MaxBooleans = 4;

    [Fact]
    public void A_file_has_400_lines_at_most()
    {
        IEnumerable<string> large = Repository
            .SourceFiles("*.cs")
            .Concat(Repository.SourceFiles("*.js"))
            .Where(path => LinesOf(path).Length > MaxLines);
        Assert.Empty(large);
    }

    [Fact]
    public void A_type_lies_in_three_files_at_most()
    {
        // A partial type's files bear its name, and what of it they hold: WebSocketConnection.Sending.cs.
        IEnumerable<string> spread = Repository
            .SourceFiles("*.cs")
            .GroupBy(path => Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileName(path).Split('.')[0]))
            .Where(files => files.Count() > MaxPartialFiles)
            .Select(files => files.Key.Replace('\\', '/'));
        Assert.Empty(spread);
    }

    [Fact]
    public void A_type_has_four_booleans_of_state_at_most()
    {
        // More of them have more combinations than anybody keeps in mind: an enum says which are meant.
        IEnumerable<string> many = Repository
            .SourceFiles("*.cs")
            .Where(path => path.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(path => BooleansOf(Read(path)).Select(type => (Type: $"{Path.GetDirectoryName(path)}/{type.Name}", type.Count)))
            .GroupBy(type => type.Type, (name, parts) => (Name: name, Count: parts.Sum(part => part.Count)))
            .Where(type => type.Count > MaxBooleans)
            .Select(type => type.Name);
        Assert.Empty(many);
    }

    [Fact]
    public void Booleans_of_state_are_counted_and_what_never_changes_is_not()
    {
        const string Code = """
            class A
            {
                private volatile bool _a, _b;
                public bool C { get; private set; }
                private readonly bool _d;
                private static bool _e;
                public bool F { get; init; }
                public bool G => _a;
                public bool H { get => _b; set => _b = value; }
                private struct B { public bool I; }
            }
            """;
        Assert.Equal([("A", 3), ("B", 1)], BooleansOf(Code));
    }

    [Fact]
    public void A_line_has_140_columns_at_most_not_counting_literals()
    {
        // The formatter breaks neither comments nor literals. A literal may be wide.
        string[] wide = [.. Repository.SourceFiles("*.cs").SelectMany(path => WideLinesOf(Read(path)).Select(line => $"{path}:{line}"))];
        Assert.Empty(wide);
    }

    [Fact]
    public void Wide_code_and_comments_are_found_and_wide_literals_are_not()
    {
        string wide = new('a', 200);
        Assert.Equal([1], WideLinesOf($"int {wide};"));
        Assert.Equal([2], WideLinesOf($"int a;\n// {wide}"));
        Assert.Empty(WideLinesOf($"string a = \"{wide}\";\nstring b = $\"{wide}\";\nstring c = \"\"\"\n{wide}\n\"\"\";"));
    }

    [Fact]
    public void A_comment_names_its_subject()
    {
        // "What is sent" could be anything: a message, a frame, a byte. Questions may ask.
        string[] vague =
        [
            .. ((string[])["src", "tests", "benchmarks", "fuzzing", "samples"])
                .SelectMany(static folder => Repository.FilesIn(folder, "*.cs"))
                .Concat(Repository.FilesIn("src", "*.js"))
                .Concat(Repository.FilesIn("apps/playground", "*.js").Where(static path => !path.Contains("/vendor/")))
                .Concat(Repository.FilesIn("clients/js/src", "*.ts"))
                .SelectMany(path => VagueLinesOf(Read(path)).Select(line => $"{path}:{line}")),
        ];
        Assert.Empty(vague);
    }

    [Fact]
    public void Vague_comments_are_found_and_questions_are_not()
    {
        string vague = "/// <summary>What" + " is sent.</summary>\nint a;\n    // It waits. Who" + " comes first goes first.";
        Assert.Equal([1, 3], VagueLinesOf(vague));
        Assert.Equal([1, 3], VagueLinesOf("/** What" + " is sent. */\n/**\n * It waits. Whoever" + " comes first goes first.\n */"));
        Assert.Empty(VagueLinesOf("// What is sent?\n// It says what is sent.\nstring a = \"What is sent.\";"));
    }

    [Fact]
    public void The_median_file_is_under_a_hundred_and_twenty_lines()
    {
        int[] lines = [.. Repository.SourceFiles("*.cs").Select(path => LinesOf(path).Length).Order()];
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

    private static IEnumerable<int> VagueLinesOf(string code)
    {
        string[] lines = code.Split('\n');
        return Enumerable.Range(1, lines.Length).Where(number => Vague().IsMatch(lines[number - 1]));
    }

    // The fields and automatic properties of each type that are true or false, and change.
    private static IEnumerable<(string Name, int Count)> BooleansOf(string code) =>
        from type in CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes().OfType<TypeDeclarationSyntax>()
        let count = type.Members.Sum(member =>
            member switch
            {
                FieldDeclarationSyntax field when IsBoolean(field.Declaration.Type) && !IsFixed(field) => field.Declaration.Variables.Count,
                PropertyDeclarationSyntax { AccessorList: { } accessors } property
                    when IsBoolean(property.Type)
                        && !IsFixed(property)
                        && accessors.Accessors.All(accessor => accessor is { Body: null, ExpressionBody: null })
                        && accessors.Accessors.Any(accessor => accessor.IsKind(SyntaxKind.SetAccessorDeclaration)) => 1,
                _ => 0,
            }
        )
        where count != 0
        select (type.Identifier.Text, count);

    private static bool IsBoolean(TypeSyntax type) => type.ToString() == "bool";

    private static bool IsFixed(MemberDeclarationSyntax member) =>
        member.Modifiers.Any(SyntaxKind.StaticKeyword)
        || member.Modifiers.Any(SyntaxKind.ReadOnlyKeyword)
        || member.Modifiers.Any(SyntaxKind.ConstKeyword)
        || member.Modifiers.Any(SyntaxKind.AbstractKeyword);

    private static IEnumerable<int> WideLinesOf(string code)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(code);
        SyntaxNode[] literals =
        [
            .. tree.GetRoot()
                .DescendantNodes(node => node is not InterpolatedStringExpressionSyntax)
                .Where(node =>
                    node is InterpolatedStringExpressionSyntax
                    || node.Kind() is SyntaxKind.StringLiteralExpression or SyntaxKind.Utf8StringLiteralExpression
                ),
        ];
        return tree.GetText()
            .Lines.Where(line =>
                line.Span.Length > MaxColumns
                && line.Span.Length - literals.Sum(literal => literal.Span.Intersection(line.Span)?.Length ?? 0) > MaxColumns
            )
            .Select(line => line.LineNumber + 1);
    }

    private static string[] LinesOf(string path) => File.ReadAllLines(Path.Combine(Repository.Root, path));

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    // A type of the file's namespace stands at the left edge.
    [GeneratedRegex(
        @"^public (?:(?:static|abstract|sealed|readonly|ref|partial|unsafe) )*(?:class|struct|interface|enum|record struct|record class|record|delegate \S+) (?<name>\w+)",
        RegexOptions.Multiline
    )]
    private static partial Regex PublicType();

    // An owner stands in brackets behind the word.
    [GeneratedRegex(@"^\s*(?:///?|/\*\*|\*) (?:.*(?:\. |>))?(?:What|Who|Whoever|Whatever) (?!.*\?\s*$)")]
    private static partial Regex Vague();

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX)\b(?!\(\w+\))")]
    private static partial Regex PutOff();
}
