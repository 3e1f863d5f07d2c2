using System.Text.Json;
using System.Xml.Linq;

[assembly: AssemblyFixture(typeof(Longwire.Packages.Tests.Feed))]

namespace Longwire.Packages.Tests;

/// <summary>All packages, packed into a folder outside of the repository; and a project there that refers to them.</summary>
public sealed class Feed : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("longwire-packages-");
    private JsonElement _items;

    /// <summary>Where projects of tests may be made. A project in it takes packages from the feed, and all others from nuget.org.</summary>
    public string Folder => _folder.FullName;

    public string PackagesFolder => Path.Combine(Folder, "feed");

    /// <summary>The version of all packages.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The assemblies that the compiler sees in a web project that refers to each library.</summary>
    public string[] References => ItemsOf("ReferencePathWithRefAssemblies");

    /// <summary>The namespaces that such a project has without a <c>using</c>.</summary>
    public string[] ImplicitUsings => ItemsOf("Using");

    public async ValueTask InitializeAsync()
    {
        await DotnetCommand.RunAsync(
            Repository.Root,
            "pack",
            "Longwire.slnx",
            "--no-build",
            "--configuration",
            Repository.Configuration,
            "--output",
            PackagesFolder
        );
        string package = Path.GetFileNameWithoutExtension(Directory.GetFiles(PackagesFolder, "Longwire.Protocol.*.nupkg").Single());
        Version = package["Longwire.Protocol.".Length..];
        await WriteAsync("nuget.config", Sources(PackagesFolder, Path.Combine(Folder, "restored")));
        await WriteAsync("Reader/Reader.csproj", ReaderProject(Version));
        string items = await DotnetCommand.RunAsync(
            Path.Combine(Folder, "Reader"),
            "msbuild",
            "-restore",
            "-target:FindReferenceAssembliesForReferences",
            "-getItem:ReferencePathWithRefAssemblies",
            "-getItem:Using"
        );
        _items = JsonDocument.Parse(items).RootElement.GetProperty("Items");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private string[] ItemsOf(string name) =>
        [.. _items.GetProperty(name).EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];

    private async Task WriteAsync(string path, XElement content)
    {
        string full = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        await File.WriteAllTextAsync(full, content.ToString());
    }

    // A cache of its own: packages of the same version that an earlier run restored are others.
    private static XElement Sources(string packages, string cache) =>
        new(
            "configuration",
            new XElement("config", Add("globalPackagesFolder", cache)),
            new XElement(
                "packageSources",
                new XElement("clear"),
                Add("longwire", packages),
                Add("nuget.org", "https://api.nuget.org/v3/index.json")
            ),
            new XElement("packageSourceMapping", Source("longwire", "Longwire", "Longwire.*"), Source("nuget.org", "*"))
        );

    private static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));

    private static XElement Source(string key, params string[] patterns) =>
        new(
            "packageSource",
            new XAttribute("key", key),
            patterns.Select(pattern => new XElement("package", new XAttribute("pattern", pattern)))
        );

    private static XElement ReaderProject(string version) =>
        new(
            "Project",
            new XAttribute("Sdk", "Microsoft.NET.Sdk.Web"),
            new XElement(
                "PropertyGroup",
                new XElement("TargetFramework", "net10.0"),
                new XElement("Nullable", "enable"),
                new XElement("ImplicitUsings", "enable")
            ),
            new XElement(
                "ItemGroup",
                Repository.Libraries.Select(library => new XElement(
                    "PackageReference",
                    new XAttribute("Include", library),
                    new XAttribute("Version", version)
                ))
            )
        );
}
