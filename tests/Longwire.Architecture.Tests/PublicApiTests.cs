using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Longwire.Architecture.Tests;

/// <summary>
/// The public surface doesn't change unseen: each package's lies in <c>PublicApi/NAME.txt</c>, a line a member. Where a change is meant,
/// <c>LONGWIRE_ACCEPT_API=1 ./test Architecture</c> writes the files anew.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly SymbolDisplayFormat _format = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeAccessibility
            | SymbolDisplayMemberOptions.IncludeConstantValue
            | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeRef
            | SymbolDisplayMemberOptions.IncludeType,
        parameterOptions: SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeModifiers
            | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeType,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
    );

    public static TheoryData<string> Packages =>
        [
            .. Directory
                .GetDirectories(Path.Combine(Repository.Root, "src"))
                .Select(folder => Path.GetFileName(folder)!)
                .Where(static name => name is not "Longwire.Cli" and not "Longwire.Conformance")
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_surface_is_the_one_written_down(string package)
    {
        string path = Path.Combine(Repository.Root, "tests/Longwire.Architecture.Tests/PublicApi", package + ".txt");
        string[] found = [.. SurfaceOf(package)];
        Assert.NotEmpty(found);
        if (Environment.GetEnvironmentVariable("LONGWIRE_ACCEPT_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllLines(path, found);
        }

        string[] written = File.Exists(path) ? File.ReadAllLines(path) : [];
        IEnumerable<string> changes = written
            .Except(found)
            .Select(static line => "- " + line)
            .Concat(found.Except(written).Select(static line => "+ " + line));
        string difference = string.Join('\n', changes);
        Assert.True(difference.Length == 0, $"The public surface has changed. If it must: LONGWIRE_ACCEPT_API=1\n{difference}");
    }

    private static IEnumerable<string> SurfaceOf(string package)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, package + ".dll");
        var compilation = CSharpCompilation.Create(
            "surface",
            references: ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
                .Split(Path.PathSeparator)
                .Append(assembly)
                .Distinct()
                .Select(static path => MetadataReference.CreateFromFile(path))
        );
        IAssemblySymbol symbol = compilation.SourceModule.ReferencedAssemblySymbols.Single(other => other.Name == package);
        return TypesOf(symbol.GlobalNamespace).OrderBy(static type => type.ToDisplayString(), StringComparer.Ordinal).SelectMany(LinesOf);
    }

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol container) =>
        container
            .GetMembers()
            .SelectMany(member =>
                member switch
                {
                    INamespaceSymbol inner => TypesOf(inner),
                    INamedTypeSymbol { DeclaredAccessibility: Accessibility.Public } type => TypesOf(type).Prepend(type),
                    _ => [],
                }
            );

    private static IEnumerable<string> LinesOf(INamedTypeSymbol type)
    {
        string heritage = string.Join(
            ", ",
            type.AllInterfaces.Where(static other => other.DeclaredAccessibility == Accessibility.Public)
                .Prepend(type.BaseType)
                .OfType<INamedTypeSymbol>()
                .Where(static other => other.SpecialType is not SpecialType.System_Object and not SpecialType.System_ValueType)
                .Select(static other => other.ToDisplayString(_format))
        );
        string kind =
            type.IsStatic ? "static "
            : type.IsAbstract && type.TypeKind == TypeKind.Class ? "abstract "
            : "";
        yield return $"{type.ToDisplayString()}: {kind}{type.TypeKind}{(type.IsSealed ? " sealed" : "")}{(heritage.Length == 0 ? "" : " : " + heritage)}";
        foreach (
            string member in type.GetMembers()
                .Where(IsListed)
                .Select(static member => member.ToDisplayString(_format))
                .Order(StringComparer.Ordinal)
        )
        {
            yield return $"  {type.Name}: {member}";
        }
    }

    private static bool IsListed(ISymbol member) =>
        member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
        && member switch
        {
            INamedTypeSymbol => false,
            IMethodSymbol { MethodKind: MethodKind.Constructor } => member.ContainingType.TypeKind != TypeKind.Enum,
            IMethodSymbol { AssociatedSymbol: not null } => false,
            IPropertySymbol { IsIndexer: true } => true,
            _ => member.CanBeReferencedByName,
        };
}
