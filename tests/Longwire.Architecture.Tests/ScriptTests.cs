using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Longwire.Architecture.Tests;

/// <summary>The commands in the repository's root explain themselves at once.</summary>
public sealed partial class ScriptTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    [InlineData("bench")]
    [InlineData("fuzz")]
    [InlineData("soak")]
    [InlineData("docs-site")]
    [InlineData("mutate")]
    public async Task Help_needs_no_build(string script)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            // The first dotnet that the script would find fails.
            File.CreateSymbolicLink(Path.Combine(folder.FullName, "dotnet"), "/bin/false");

            (int exitCode, string output) = await RunAsync(
                $"./{script}",
                ["--help"],
                $"{folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}"
            );

            Assert.Equal(0, exitCode);
            Assert.StartsWith($"./{script}", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_help_of_run_names_the_options_of_serve()
    {
        (_, string script) = await RunAsync("./run", ["--help"]);
        (_, string tool) = await RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "Longwire.Cli.dll"), "serve", "--help"]);
        Assert.Equal(OptionsIn(tool[..tool.IndexOf("--help", StringComparison.Ordinal)]), OptionsIn(script));
    }

    private static string[] OptionsIn(string help) => [.. OptionLine().Matches(help).Select(match => match.Groups["name"].Value)];

    private static async Task<(int ExitCode, string Output)> RunAsync(string command, string[] arguments, string? path = null)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true };
        if (command.StartsWith("./", StringComparison.Ordinal))
        {
            start = new ProcessStartInfo("bash", [command, .. arguments])
            {
                WorkingDirectory = Repository.Root,
                RedirectStandardOutput = true,
            };
        }

        if (path is not null)
        {
            start.Environment["PATH"] = path;
        }

        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }

    [GeneratedRegex(@"^  (?:-\w, )?(?<name>--[\w-]+) ", RegexOptions.Multiline)]
    private static partial Regex OptionLine();
}
