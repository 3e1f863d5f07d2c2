using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

namespace Longwire.Packages.Tests;

/// <summary>The packages as a stranger to Longwire sees them.</summary>
public sealed class PackageTests(Feed feed)
{
    // Of the portable PDB format.
    private static readonly Guid _sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    public static TheoryData<string> Packages => [.. Repository.Packages];

    public static TheoryData<string> Libraries => [.. Repository.Libraries];

    [Theory]
    [MemberData(nameof(Packages))]
    public void It_says_what_it_is_and_where_it_comes_from(string package)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(feed.PackagesFolder, $"{package}.{feed.Version}.nupkg"));
        using Stream stream = archive.GetEntry($"{package}.nuspec")!.Open();
        XElement metadata = XElement.Load(stream).Elements().Single(element => element.Name.LocalName == "metadata");
        string Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value ?? "";

        Assert.True(Value("description").Length > 40, Value("description"));
        Assert.NotEqual("Package Description", Value("description"));
        Assert.Equal("MIT", Value("license"));
        Assert.Contains("websocket", Value("tags").Split(' '));
        Assert.NotEmpty(Value("authors"));
        Assert.NotEmpty(Value("projectUrl"));
        Assert.True(archive.GetEntry(Value("readme")) is { Length: > 200 }, "It has no README.");
        Assert.True(archive.GetEntry(Value("icon")) is { Length: > 500 }, "It has no icon.");

        XElement repository = metadata.Elements().Single(element => element.Name.LocalName == "repository");
        Assert.Equal("git", repository.Attribute("type")!.Value);
        Assert.NotEmpty(repository.Attribute("url")!.Value);
        Assert.Matches("^[0-9a-f]{40}$", repository.Attribute("commit")!.Value);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void It_brings_its_documentation(string package)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(feed.PackagesFolder, $"{package}.{feed.Version}.nupkg"));
        Assert.NotNull(archive.GetEntry($"lib/net10.0/{package}.xml"));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Its_symbols_lead_to_the_sources_of_the_commit(string package)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(feed.PackagesFolder, $"{package}.{feed.Version}.snupkg"));
        using Stream symbols = archive.GetEntry($"lib/net10.0/{package}.pdb")!.Open();
        using var copy = new MemoryStream();
        symbols.CopyTo(copy);
        copy.Position = 0;
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(copy);
        MetadataReader reader = provider.GetMetadataReader();
        string link = reader
            .CustomDebugInformation.Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == _sourceLink)
            .Select(information => Encoding.UTF8.GetString(reader.GetBlobBytes(information.Value)))
            .Single();
        Assert.Matches("\"https://[^\"]+/[0-9a-f]{40}/\\*\"", link);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_same_sources_give_the_same_bytes(string package)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(feed.PackagesFolder, $"{package}.{feed.Version}.nupkg"));
        using Stream assembly = archive.GetEntry($"lib/net10.0/{package}.dll")!.Open();
        using var copy = new MemoryStream();
        assembly.CopyTo(copy);
        copy.Position = 0;
        using var reader = new PEReader(copy);
        Assert.Contains(reader.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    }

    [Fact]
    public void A_project_with_implicit_usings_names_connections_and_hubs_without_one_of_its_own()
    {
        Assert.Contains("Longwire", feed.ImplicitUsings);
        Assert.Contains("Longwire.Hubs", feed.ImplicitUsings);
    }

    [Fact]
    public void The_README_names_every_package()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        Assert.All(Repository.Packages, package => Assert.Contains($"`{package}`", readme, StringComparison.Ordinal));
    }
}
