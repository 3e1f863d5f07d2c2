using System.Diagnostics;

namespace Longwire.Packages.Tests;

public sealed class SiteTests
{
    // Links, cross-references and the tables of contents among it: a warning is an error.
    [Fact]
    public async Task The_documentation_builds_without_a_warning()
    {
        string[] arguments = Repository.Configuration == "Release" ? ["./docs-site", "--no-build"] : ["./docs-site"];
        var start = new ProcessStartInfo("bash", arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, output);
        string site = Path.Combine(Repository.Root, "artifacts", "site");
        Assert.True(File.Exists(Path.Combine(site, "guides", "getting-started.html")));
        Assert.True(File.Exists(Path.Combine(site, "api", "Longwire.WebSocketConnection.html")));
    }
}
