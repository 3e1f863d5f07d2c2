using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Longwire.Architecture.Tests;

/// <summary>Within <c>Longwire.Hubs</c> references point down, too: a folder knows those before it, and not those behind it.</summary>
public sealed class HubLayersTests
{
    private const string Root = "src/Longwire.Hubs";

    /// <summary>The options stand beside the folders, and say what sessions and requests may.</summary>
    private const string HighestOfTheRoot = "Requests";

    // From the lowest up.
    private static readonly string[] _layers =
    [
        "Text",
        "Engine",
        "Diagnostics",
        "Authentication",
        "Rooms",
        "Messages",
        "Sessions",
        "Requests",
        "Hub",
        "Connections",
        "Routing",
        "Application",
        "Live",
        "Binding",
        "Mapping",
        "Contract",
        "Administration",
        "Hosting",
    ];

    [Fact]
    public void Every_folder_is_a_layer() =>
        Assert.Equal(_layers.Order(), FilesOfTheHub().Select(FolderOf).Where(static folder => folder.Length > 0).Distinct().Order());

    [Fact]
    public void A_folder_knows_only_those_before_it()
    {
        SyntaxTree[] trees = [.. FilesOfTheHub().Select(Parse)];
        var folderOf = trees
            .SelectMany(static tree => TypesOf(tree).Select(type => (Type: type, Folder: FolderOf(tree.FilePath))))
            .Where(static type => type.Folder.Length > 0)
            .DistinctBy(static type => type.Type)
            .ToDictionary(static type => type.Type, static type => type.Folder);
        Assert.Contains("Room", folderOf.Keys);
        string[] faults =
        [
            .. from tree in trees
            from name in NamesIn(tree)
            where folderOf.ContainsKey(name) && LayerOf(folderOf[name]) > LayerOf(FolderOf(tree.FilePath))
            select $"{tree.FilePath} names {name}, which is in {folderOf[name]}",
        ];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    private static IEnumerable<string> FilesOfTheHub() =>
        Repository.SourceFiles("*.cs").Where(static path => path.StartsWith(Root + "/", StringComparison.Ordinal));

    private static SyntaxTree Parse(string path) =>
        CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(Repository.Root, path)), path: path);

    /// <summary>The folder of a file; empty for those that stand beside the folders.</summary>
    private static string FolderOf(string path) => path[(Root.Length + 1)..].Split('/') is [var folder, _, ..] ? folder : "";

    private static int LayerOf(string folder) => Array.IndexOf(_layers, folder.Length > 0 ? folder : HighestOfTheRoot);

    private static IEnumerable<string> TypesOf(SyntaxTree tree) =>
        tree.GetRoot()
            .DescendantNodes()
            .Where(static node => node.Parent is BaseNamespaceDeclarationSyntax)
            .Select(static node =>
                node switch
                {
                    BaseTypeDeclarationSyntax type => type.Identifier.Text,
                    DelegateDeclarationSyntax type => type.Identifier.Text,
                    _ => null,
                }
            )
            .OfType<string>();

    // Names that may be those of types: not behind a dot, not of a member or a variable of the same file, not of an argument.
    private static IEnumerable<string> NamesIn(SyntaxTree tree)
    {
        SyntaxNode root = tree.GetRoot();
        var own = root.DescendantNodes()
            .Select(static node =>
                node switch
                {
                    PropertyDeclarationSyntax property => property.Identifier.Text,
                    VariableDeclaratorSyntax variable => variable.Identifier.Text,
                    ParameterSyntax parameter => parameter.Identifier.Text,
                    _ => null,
                }
            )
            .ToHashSet();
        return root.DescendantNodes()
            .OfType<SimpleNameSyntax>()
            .Where(static name => name.Parent is not MemberAccessExpressionSyntax access || access.Name != name)
            .Where(static name => name.Parent is not NameColonSyntax)
            .Where(static name =>
                name.Parent is not AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } set || set.Left != name
            )
            .Select(static name => name.Identifier.Text)
            .Where(name => !own.Contains(name))
            .Distinct();
    }
}
