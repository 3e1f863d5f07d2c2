using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Longwire.Architecture.Tests;

/// <summary>The tree that these tests were built from, and the assemblies that came of it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The names of all that ships, as <c>Longwire.Protocol</c>.</summary>
    public static string[] Projects { get; } =
    [
        .. Directory
            .GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path)!)
            .Order(),
    ];

    /// <summary>Every source file of what ships, its path from the root.</summary>
    public static IEnumerable<string> SourceFiles(string pattern) => FilesIn("src", pattern);

    /// <summary>Every file of a folder, its path from the root, without what a build leaves there.</summary>
    public static IEnumerable<string> FilesIn(string folder, string pattern) =>
        Directory
            .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(folder => folder is "obj" or "bin" or "node_modules"))
            .Order();

    /// <summary>Reads a project's assembly.</summary>
    public static T Read<T>(string project, Func<MetadataReader, T> read)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, project + ".dll"));
        using var assembly = new PEReader(file);
        return read(assembly.GetMetadataReader());
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Longwire.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            "These tests run from inside of the repository: no Longwire.slnx above " + AppContext.BaseDirectory
        );
    }
}
