using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Longwire.Architecture.Tests;

/// <summary>The README's C# compiles against what ships.</summary>
public sealed partial class ReadmeTests
{
    // What a project of Microsoft.NET.Sdk.Web has by itself.
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http;
        global using System.Net.Http.Json; global using System.Threading; global using System.Threading.Tasks; global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting; global using Microsoft.AspNetCore.Http; global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration; global using Microsoft.Extensions.DependencyInjection; global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        """;

    // What stands around the pieces that are no program of their own.
    private const string Surroundings = """
        global using System.Net; global using Longwire; global using Longwire.Client; global using Longwire.Hubs; global using Longwire.Protocol;
        abstract class MyTokens : ITokenValidator { public abstract ValueTask<HubIdentity?> ValidateAsync(TokenRequest request, CancellationToken cancellationToken); }
        partial class Program
        {
            static readonly WebApplicationBuilder builder = null!;
            static readonly WebApplication app = null!;
            static readonly WebSocketConnection socket = null!;
            static readonly Stream source = null!, file = null!;
        }
        """;

    private static readonly CSharpParseOptions _language = new(LanguageVersion.Latest);

    private static readonly MetadataReference[] _assemblies =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static TheoryData<string> Examples =>
        [.. Fence().Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Select(match => match.Groups["code"].Value)];

    // A whole program needs nothing that the reader doesn't see.
    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_compiles(string code)
    {
        bool isProgram = code.Contains("WebApplication.CreateBuilder", StringComparison.Ordinal);
        string errors = ErrorsIn(isProgram ? [Usings, code] : [Usings, Surroundings, code]);
        Assert.True(errors.Length == 0, errors);
    }

    [Fact]
    public void A_handler_needs_no_other_using_than_Longwire_and_an_application_none() =>
        Assert.Equal(
            "",
            ErrorsIn([
                Usings,
                """
                using Longwire;

                sealed class Counter : WebSocketHandler
                {
                    private int _open;

                    public override void OnOpen(WebSocketConnection connection) => Interlocked.Increment(ref _open);

                    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
                    {
                        if (type == MessageType.Binary) connection.TryClose(CloseStatus.UnsupportedData, "text only");
                        else connection.TrySend(payload, type);
                    }

                    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason) =>
                        Interlocked.Decrement(ref _open);
                }
                """,
                """
                var builder = WebApplication.CreateBuilder(args);
                builder.WebHost.UseLongwireTransport();
                builder.Services.AddLongwire();
                var app = builder.Build();
                app.MapWebSocket<Counter>("/count").WithWebSocketOptions(options => options.Connection.MaxMessageBytes = 1 << 20);
                app.MapWebSocket("/echo", async socket =>
                {
                    await foreach (var message in socket.ReadAllAsync()) await socket.SendAsync(message);
                });
                app.Run();
                """,
            ])
        );

    [Fact]
    public void A_name_that_does_not_exist_is_an_error() =>
        Assert.StartsWith(
            "(1,5): error CS1061",
            ErrorsIn([Usings, Surroundings, """app.MapWebSockets("/echo");"""]),
            StringComparison.Ordinal
        );

    private static string ErrorsIn(string[] sources) =>
        string.Join(
            '\n',
            CSharpCompilation
                .Create("Readme", sources.Select(source => CSharpSyntaxTree.ParseText(source, _language)), _assemblies)
                .GetDiagnostics()
                .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
        );

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
