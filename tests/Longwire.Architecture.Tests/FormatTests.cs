using System.Diagnostics;

namespace Longwire.Architecture.Tests;

/// <summary>One house style: the pinned formatter would change nothing. <c>dotnet csharpier format .</c> mends a failure.</summary>
public sealed class FormatTests
{
    [Fact]
    public async Task Every_file_is_formatted()
    {
        (int exitCode, string output) = await RunAsync("csharpier", "check", ".");
        Assert.True(exitCode == 0, "Run: dotnet csharpier format .\n" + output);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await error);
    }
}
