using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Longwire.Yjs.Tests;

/// <summary>The C# of docs/guides/editing.md compiles against what ships.</summary>
public sealed partial class GuideTests
{
    // The usings of a project of Microsoft.NET.Sdk.Web.
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http;
        global using System.Threading; global using System.Threading.Tasks; global using Microsoft.AspNetCore.Builder; global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http; global using Microsoft.AspNetCore.Routing; global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection; global using Microsoft.Extensions.Hosting; global using Microsoft.Extensions.Logging;
        """;

    // The code around the pieces that are no program of their own.
    private const string Surroundings = """
        global using Longwire.Yjs;
        partial class Program { static readonly WebApplication app = null!; }
        """;

    private static readonly MetadataReference[] _assemblies =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static TheoryData<string> Examples =>
        [.. Fence().Matches(File.ReadAllText(Peers.Repository("docs/guides/editing.md"))).Select(match => match.Groups["code"].Value)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_compiles(string code)
    {
        bool isProgram = code.Contains("WebApplication.CreateBuilder", StringComparison.Ordinal);
        string errors = ErrorsIn(isProgram ? [Usings, code] : [Usings, Surroundings, code]);
        Assert.True(errors.Length == 0, errors);
    }

    [Fact]
    public void A_name_that_does_not_exist_is_an_error() =>
        Assert.Contains("CS1061", ErrorsIn([Usings, Surroundings, """app.MapYyjs("/yjs/{document}");"""]), StringComparison.Ordinal);

    private static string ErrorsIn(string[] sources) =>
        string.Join(
            '\n',
            CSharpCompilation
                .Create(
                    "Guide",
                    sources.Select(static source => CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Latest))),
                    _assemblies
                )
                .GetDiagnostics()
                .Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
        );

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
