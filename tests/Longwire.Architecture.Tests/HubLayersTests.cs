using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Longwire.Architecture.Tests;

/// <summary>Within <c>Longwire.Hubs</c> references point down, too: a folder knows those before it, and not those behind it.</summary>
public sealed class HubLayersTests
{
    private const string Root = "src/Longwire.Hubs";

    // From the lowest up. Every layer may use the files beside the folders, but for the hub itself, which puts everything together.
    private static readonly string[] _layers =
    [
        "Engine",
        "Rooms",
        "Messages",
        "Sessions",
        "Requests",
        "Connections",
        "Hub",
        "Administration",
        "Hosting",
    ];

    // Known as yet: sessions and requests reach their neighbours through the hub. This list only shrinks.
    private static readonly string[] _debts = ["Sessions knows Hub", "Requests knows Hub", "Connections knows Hub"];

    [Fact]
    public void A_folder_knows_only_those_before_it()
    {
        SyntaxTree[] trees = [.. Repository.SourceFiles("*.cs").Where(IsOfTheHub).Select(Parse)];
        var layerOf = trees
            .SelectMany(tree => TypesOf(tree).Select(type => (Type: type, Layer: LayerOf(tree.FilePath))))
            .Where(static type => type.Layer >= 0)
            .DistinctBy(static type => type.Type)
            .ToDictionary(static type => type.Type, static type => type.Layer);
        Assert.Contains("Room", layerOf.Keys);
        var known = new Dictionary<string, string>();
        foreach (SyntaxTree tree in trees.Where(static tree => LayerOf(tree.FilePath) >= 0))
        {
            int layer = LayerOf(tree.FilePath);
            foreach (string name in NamesIn(tree).Where(name => layerOf.GetValueOrDefault(name, -1) > layer))
            {
                known.TryAdd($"{_layers[layer]} knows {_layers[layerOf[name]]}", $"{tree.FilePath} names {name}");
            }
        }

        string[] faults =
        [
            .. known.Where(static entry => !_debts.Contains(entry.Key)).Select(static entry => $"{entry.Key}: {entry.Value}"),
        ];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
        Assert.Equal(_debts.Order(), known.Keys.Intersect(_debts).Order());
    }

    private static bool IsOfTheHub(string path) => path.StartsWith(Root + "/", StringComparison.Ordinal);

    private static SyntaxTree Parse(string path) =>
        CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(Repository.Root, path)), path: path);

    private static int LayerOf(string path)
    {
        string[] parts = path[(Root.Length + 1)..].Split('/');
        string layer = parts.Length > 1 ? parts[0] : parts[0].Split('.')[0];
        return Array.IndexOf(_layers, layer);
    }

    private static IEnumerable<string> TypesOf(SyntaxTree tree) =>
        tree.GetRoot()
            .DescendantNodes()
            .OfType<BaseTypeDeclarationSyntax>()
            .Where(static type => type.Parent is BaseNamespaceDeclarationSyntax)
            .Select(static type => type.Identifier.Text);

    // Names that may be those of types: not behind a dot, and not of a member or a variable of the same file.
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
            .Where(static name =>
                name.Parent is not AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } set || set.Left != name
            )
            .Select(static name => name.Identifier.Text)
            .Where(name => !own.Contains(name))
            .Distinct();
    }
}
