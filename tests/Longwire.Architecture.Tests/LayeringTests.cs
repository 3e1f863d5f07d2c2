namespace Longwire.Architecture.Tests;

/// <summary>References point down only.</summary>
public sealed class LayeringTests
{
    // From the lowest layer up. Assemblies of one layer don't know each other.
    private static readonly Dictionary<string, int> _layers = new()
    {
        ["Longwire.Protocol"] = 0,
        ["Longwire"] = 1,
        ["Longwire.AspNetCore"] = 2,
        ["Longwire.Client"] = 2,
        ["Longwire.Transport.Linux"] = 2,
        ["Longwire.Hubs"] = 3,
        ["Longwire.Hubs.Client"] = 3,
        ["Longwire.Hubs.Specification"] = 4,
        ["Longwire.Hubs.Testing"] = 4,
        ["Longwire.Hubs.Redis"] = 4,
        ["Longwire.Hubs.Postgres"] = 4,
        ["Longwire.Yjs"] = 3,
        ["Longwire.Yjs.Sqlite"] = 4,
        ["Longwire.Conformance"] = 4,
        ["Longwire.Cli"] = 5,
    };

    public static TheoryData<string> Projects => [.. Repository.Projects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_reference_points_down(string project)
    {
        int layer = LayerOf(project);
        foreach (string reference in ReferencesOf(project).Where(IsOurs))
        {
            Assert.True(LayerOf(reference) < layer, $"{project} must not know {reference}: references point down only.");
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_command_line_knows_the_conformance_suite(string project) =>
        Assert.True(project == "Longwire.Cli" || !ReferencesOf(project).Contains("Longwire.Conformance"), project);

    [Fact]
    public void The_protocol_and_the_connection_depend_on_the_base_class_library_alone()
    {
        foreach (string project in (string[])["Longwire.Protocol", "Longwire"])
        {
            Assert.All(
                ReferencesOf(project).Where(name => !IsOurs(name)),
                name => Assert.StartsWith("System.", name, StringComparison.Ordinal)
            );
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_type_lives_in_the_namespace_of_its_assembly(string project)
    {
        string[] strangers = Repository.Read(
            project,
            metadata =>
                metadata
                    .TypeDefinitions.Select(metadata.GetTypeDefinition)
                    .Where(type =>
                        (type.Attributes & System.Reflection.TypeAttributes.VisibilityMask) == System.Reflection.TypeAttributes.Public
                    )
                    .Where(type =>
                        metadata.GetString(type.Namespace) is var space
                        && space != project
                        // The interface of engines, apart from that of applications.
                        && space != "Longwire.Hubs.Engines"
                        && !space.StartsWith("Microsoft.", StringComparison.Ordinal)
                        // The types that every handler names, so that "using Longwire" is all that it needs.
                        && $"{space}.{metadata.GetString(type.Name)}" is not ("Longwire.MessageType" or "Longwire.CloseStatus")
                    )
                    .Select(type => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}")
                    .Where(type => type != ".Program") // the compiler's, around top-level statements
                    .ToArray()
        );
        Assert.Empty(strangers);
    }

    private static bool IsOurs(string assembly) =>
        assembly == "Longwire" || assembly.StartsWith("Longwire.", StringComparison.Ordinal) || assembly == "longwire";

    private static int LayerOf(string project)
    {
        Assert.True(_layers.TryGetValue(project, out int layer), $"{project} has no layer yet: give it one in {nameof(LayeringTests)}.");
        return layer;
    }

    private static string[] ReferencesOf(string project) =>
        Repository.Read(
            project,
            metadata =>
                metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).ToArray()
        );
}
