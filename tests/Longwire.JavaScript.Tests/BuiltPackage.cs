using System.Reflection;
using Longwire.JavaScript.Tests;

[assembly: AssemblyFixture(typeof(BuiltPackage))]

// They wait more than they work.
[assembly: Xunit.v3.Parallelization(MaxThreads = 3)]

namespace Longwire.JavaScript.Tests;

/// <summary>The npm package, made as a publisher makes it: npm ci, npm run build.</summary>
public sealed class BuiltPackage : IAsyncLifetime
{
    /// <summary>The package's folder.</summary>
    public static string Folder { get; } = Path.GetFullPath(Metadata("Package"));

    internal static string Hub { get; } = Metadata("Hub");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        string installed = Path.Combine(Folder, "node_modules", ".package-lock.json");
        string wanted = Path.Combine(Folder, "package-lock.json");
        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(wanted))
        {
            await ChildProcess.RunAsync("npm", "ci", "--prefix", Folder, "--no-audit", "--no-fund");
            File.SetLastWriteTimeUtc(installed, DateTime.UtcNow);
        }

        // Its last file is as new as the newest of what it is made of.
        if (File.GetLastWriteTimeUtc(Path.Combine(Folder, "dist", "longwire.js")) < Sources().Max(File.GetLastWriteTimeUtc))
        {
            await ChildProcess.RunAsync("npm", "run", "build", "--prefix", Folder);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Folders count, too: they are newer when a file is gone.
    private static IEnumerable<string> Sources() =>
        Directory
            .EnumerateFileSystemEntries(Path.Combine(Folder, "src"), "*", SearchOption.AllDirectories)
            .Concat(["build.mjs", "tsconfig.json", "package.json", "node_modules/.package-lock.json"])
            .Select(static path => Path.Combine(Folder, path));

    private static string Metadata(string key) =>
        typeof(BuiltPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
