using System.Reflection;

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

        await ChildProcess.RunAsync("npm", "run", "build", "--prefix", Folder);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Metadata(string key) =>
        typeof(BuiltPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
