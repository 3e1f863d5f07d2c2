using System.Reflection;

namespace Longwire.Yjs.Tests;

/// <summary>Where the programs in Node are.</summary>
internal static class Peers
{
    private static readonly string _folder = typeof(Peers)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Peers")
        .Value!;

    public static string Script(string name) => Path.Combine(_folder, name);
}
