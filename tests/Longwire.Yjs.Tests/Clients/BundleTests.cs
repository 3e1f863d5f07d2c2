using Longwire.Interop.Tests;

namespace Longwire.Yjs.Tests;

/// <summary>The sample's script is committed; what is committed is what its sources make.</summary>
public sealed class BundleTests
{
    [Fact]
    public async Task The_bundle_and_its_list_of_packages_are_what_a_fresh_build_makes()
    {
        string client = Peers.Sample("client");
        if (!File.Exists(Path.Combine(client, "node_modules/.package-lock.json")))
        {
            await RunAsync("npm", "ci", "--prefix", client, "--no-audit", "--no-fund", "--silent");
        }

        using var folder = new TemporaryFolder();
        await RunAsync("node", Path.Combine(client, "build.js"), folder.Path);
        foreach (string file in (string[])["editor.js", "editor.js.md"])
        {
            Assert.True(
                File.ReadAllBytes(folder[file]).AsSpan().SequenceEqual(File.ReadAllBytes(Peers.Sample($"wwwroot/{file}"))),
                $"{file} is not what is built now: npm run build in samples/Editor/client"
            );
        }
    }

    private static async Task RunAsync(string file, params string[] arguments)
    {
        await using ChildProcess process = ChildProcess.Start(file, arguments);
        int exitCode = await process.WaitForExitAsync(Patience.Long);
        Assert.True(exitCode == 0, $"{file} ended with {exitCode}:\n{process.Errors}");
    }
}
