using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Longwire.Cli.Tests;

/// <summary>An application as a build leaves it: its DLL, with what it needs beside it, in a folder of its own.</summary>
internal sealed class CompiledApplication : IDisposable
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Threading; global using System.Threading.Tasks;
        global using Longwire; global using Longwire.Hubs;
        global using Microsoft.AspNetCore.Builder; global using Microsoft.Extensions.DependencyInjection; global using Microsoft.Extensions.Hosting;
        """;

    private const string RuntimeConfiguration = """
        {"runtimeOptions":{"tfm":"net10.0","frameworks":[
          {"name":"Microsoft.NETCore.App","version":"10.0.0"},{"name":"Microsoft.AspNetCore.App","version":"10.0.0"}]}}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("longwire-application-");

    /// <summary>Compiles an application called Chat.</summary>
    public CompiledApplication(string code, string[]? without = null)
    {
        string[] library = [.. Directory.GetFiles(AppContext.BaseDirectory, "Longwire*.dll").Where(IsLibrary)];
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Chat",
            new[] { Usings, code }.Select(static text => CSharpSyntaxTree.ParseText(text)),
            platform
                .Where(static path => !Path.GetFileName(path).StartsWith("Longwire", StringComparison.Ordinal))
                .Concat(library)
                .Select(static path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
        );
        Assert.Equal([], compilation.Emit(File).Diagnostics.Where(static fault => fault.Severity == DiagnosticSeverity.Error));
        System.IO.File.WriteAllText(Path.ChangeExtension(File, ".runtimeconfig.json"), RuntimeConfiguration);
        foreach (string path in library.Where(path => without?.Contains(Path.GetFileName(path)) != true))
        {
            System.IO.File.CreateSymbolicLink(InFolder(Path.GetFileName(path)), path);
        }
    }

    /// <summary>The application's DLL.</summary>
    public string File => InFolder("Chat.dll");

    public string InFolder(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A path that the build wrote into the tests.</summary>
    public static string Metadata(string key) =>
        typeof(CompiledApplication).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;

    private static bool IsLibrary(string path) => Path.GetFileName(path) is var name && !name.Contains("Tests") && !name.Contains("Cli");
}
