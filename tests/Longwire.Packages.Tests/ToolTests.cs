using System.Diagnostics;

namespace Longwire.Packages.Tests;

/// <summary>The tool, as <c>dotnet tool install</c> brings it.</summary>
public sealed class ToolTests(Feed feed)
{
    [Fact]
    public async Task It_is_installed_from_its_package_and_runs()
    {
        string tools = Path.Combine(feed.Folder, "tools");
        await DotnetCommand.RunAsync(feed.Folder, "tool", "install", "Longwire.Cli", "--version", feed.Version, "--tool-path", tools);
        string tool = Path.Combine(tools, OperatingSystem.IsWindows() ? "longwire.exe" : "longwire");
        using Process process = Process.Start(new ProcessStartInfo(tool, ["--version"]) { RedirectStandardOutput = true })!;
        string version = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal((0, feed.Version), (process.ExitCode, version.Split('+')[0].Trim()));
        await DotnetCommand.RunAsync(feed.Folder, "tool", "uninstall", "Longwire.Cli", "--tool-path", tools);
    }
}
