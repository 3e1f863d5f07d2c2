using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Longwire.Packages.Tests;

/// <summary>The C# on every page compiles in a project outside of the repository that refers to the packages.</summary>
public sealed partial class ExampleTests(Feed feed)
{
    // The code around the pieces that are no program of their own.
    private const string Surroundings = """
        global using System.Net; global using Longwire.Client; global using Longwire.Protocol; global using Longwire.Yjs;
        abstract class MyTokens : ITokenValidator { public abstract ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken); }
        abstract class Tokens { public abstract Task<string> GetAsync(CancellationToken cancellationToken); }
        partial class Program
        {
            static readonly WebApplicationBuilder builder = null!;
            static readonly WebApplication app = null!;
            static readonly Tokens tokens = null!;
            static readonly WebSocketConnection socket = null!;
            static readonly Stream source = null!, file = null!;
        }
        """;

    private static readonly CSharpParseOptions _language = new(LanguageVersion.Latest);

    private readonly MetadataReference[] _references = [.. feed.References.Select(path => MetadataReference.CreateFromFile(path))];

    public static TheoryData<string, string> Examples
    {
        get
        {
            var examples = new TheoryData<string, string>();
            foreach (string page in Repository.Pages)
            {
                string text = File.ReadAllText(Path.Combine(Repository.Root, page));
                foreach (Match match in Fence().Matches(text))
                {
                    int line = text.AsSpan(0, match.Index).Count('\n') + 1;
                    examples.Add($"{page}:{line}", match.Groups["code"].Value);
                }
            }

            return examples;
        }
    }

    // A whole program needs nothing that the reader doesn't see.
    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_compiles(string place, string code)
    {
        bool isProgram = code.Contains("WebApplication.CreateBuilder", StringComparison.Ordinal);
        string errors = ErrorsIn(isProgram ? [code] : [Surroundings, code]);
        Assert.True(errors.Length == 0, $"{place}\n{errors}");
    }

    [Fact]
    public void A_name_that_does_not_exist_is_an_error() =>
        Assert.StartsWith("(1,5): error CS1061", ErrorsIn([Surroundings, """app.MapWebSockets("/echo");"""]), StringComparison.Ordinal);

    private string ErrorsIn(string[] sources)
    {
        string usings = string.Concat(feed.ImplicitUsings.Select(space => $"global using {space}; "));
        SyntaxTree[] trees = [.. sources.Prepend(usings).Select(source => CSharpSyntaxTree.ParseText(source, _language))];
        // Types alone are no program.
        bool hasStatements = trees.Any(static tree => tree.GetRoot().ChildNodes().OfType<GlobalStatementSyntax>().Any());
        OutputKind kind = hasStatements ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        return string.Join(
            '\n',
            CSharpCompilation
                .Create("Example", trees, _references, new CSharpCompilationOptions(kind))
                .GetDiagnostics()
                .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
        );
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
