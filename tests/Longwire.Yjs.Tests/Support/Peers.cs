using System.Reflection;

namespace Longwire.Yjs.Tests;

/// <summary>Where the programs in Node and the sample are.</summary>
internal static class Peers
{
    /// <summary>The sample editor, built.</summary>
    public static string SampleProgram { get; } = Metadata("SampleProgram");

    /// <summary>The server of documents, built.</summary>
    public static string DocumentServer { get; } = Metadata("DocumentServer");

    public static string Script(string name) => Path.Combine(Metadata("Peers"), name);

    /// <summary>A file of the sample editor's source.</summary>
    public static string Sample(string name) => Path.GetFullPath(Path.Combine(Metadata("Sample"), name));

    /// <summary>A file of this repository.</summary>
    public static string Repository(string name) => Sample($"../../{name}");

    private static string Metadata(string key) =>
        typeof(Peers).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
