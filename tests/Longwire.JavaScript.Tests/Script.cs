using System.Text.Json;

namespace Longwire.JavaScript.Tests;

/// <summary>The package's own tests, in Node: each file of <c>clients/js/test</c>, and what failed in it by name.</summary>
internal static class Script
{
    // Of one test, before ./test ends the project. Waits in the tests name themselves long before; a whole file may take any time.
    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(8);

    /// <summary>The files of all tests.</summary>
    public static string[] Files { get; } =
    [
        .. Directory
            .GetFiles(Path.Combine(BuiltPackage.Folder, "test"), "*.test.mjs")
            .Select(file => Path.GetFileName(file))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Runs a file, all of whose tests must pass.</summary>
    public static async Task PassesAsync(string file)
    {
        ScriptResult[] results = await RunAsync(Path.Combine(BuiltPackage.Folder, "test", file));
        Assert.NotEmpty(results);
        string[] failed = [.. results.Where(static result => result.Outcome != "passed").Select(static result => result.ToString())];
        Assert.True(failed.Length == 0, $"{failed.Length} of {results.Length} in {file}:\n{string.Join('\n', failed)}");
        foreach (ScriptResult result in results)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{result.Name}: {result.Milliseconds:F0} ms");
        }
    }

    /// <summary>Runs a file, and returns what its tests came to. One that hangs is named.</summary>
    public static async Task<ScriptResult[]> RunAsync(string file)
    {
        string support = Path.Combine(BuiltPackage.Folder, "test", "support");
        await using ChildProcess node = ChildProcess.Start(
            "env",
            $"LONGWIRE_TEST_HUB={BuiltPackage.Hub}",
            "node",
            $"--import={Path.Combine(support, "exit.mjs")}",
            "--test",
            $"--test-reporter={Path.Combine(support, "reporter.mjs")}",
            file
        );
        bool hasEnded = await node.WaitWhileItSpeaksAsync(_silence);
        ScriptResult[] results =
        [
            .. Lines(node, "result ").Select(static json => JsonSerializer.Deserialize<ScriptResult>(json, JsonSerializerOptions.Web)!),
        ];
        IEnumerable<string> open = Lines(node, "began ").Except(results.Select(static result => result.Name));
        Assert.True(hasEnded, $"{file} stands still. Begun and not ended: {string.Join("; ", open)}\n{node.Output}\n{node.Errors}");
        Assert.True(results.Length > 0, $"{file} reports nothing:\n{node.Output}\n{node.Errors}");
        return results;
    }

    private static IEnumerable<string> Lines(ChildProcess node, string mark) =>
        node.Output.Snapshot().Where(line => line.StartsWith(mark, StringComparison.Ordinal)).Select(line => line[mark.Length..]);
}
