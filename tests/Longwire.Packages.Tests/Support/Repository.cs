using System.Reflection;

namespace Longwire.Packages.Tests;

/// <summary>The tree that these tests were built from.</summary>
internal static class Repository
{
    private static readonly Dictionary<string, string> _built = typeof(Repository)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .ToDictionary(attribute => attribute.Key, attribute => attribute.Value!);

    public static string Root { get; } = Path.GetFullPath(_built["Repository"]);

    /// <summary>Release or Debug, as these tests.</summary>
    public static string Configuration { get; } = _built["Configuration"];

    /// <summary>The names of all packages.</summary>
    public static string[] Packages { get; } =
    [
        .. new[] { "src", "templates" }
            .SelectMany(folder => Directory.GetDirectories(Path.Combine(Root, folder)))
            .SelectMany(folder => Directory.GetFiles(folder, "*.csproj"))
            .Select(project => Path.GetFileNameWithoutExtension(project))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The packages that a project refers to.</summary>
    public static IEnumerable<string> Libraries => Packages.Except(["Longwire.Cli", "Longwire.Templates"]);

    /// <summary>Every page that users read, its path from the root.</summary>
    public static string[] Pages { get; } =
    [
        .. Directory
            .GetFiles(Root, "*.md")
            .Concat(Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Packages.Select(ReadmeOf))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    private static string ReadmeOf(string package)
    {
        string folder = package == "Longwire.Templates" ? "templates" : "src";
        return Path.Combine(Root, folder, package, "README.md");
    }
}
