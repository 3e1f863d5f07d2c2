using System.Text.Json;

namespace Longwire.JavaScript.Tests;

/// <summary>The package's own tests, in Node: each file of <c>clients/js/test</c>, and what failed in it by name.</summary>
public sealed class ScriptTests(BuiltPackage package) : IClassFixture<BuiltPackage>
{
    public static TheoryData<string> Files =>
        [
            .. Directory
                .GetFiles(Path.Combine(BuiltPackage.Folder, "test"), "*.test.mjs")
                .Select(file => Path.GetFileName(file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_test_passes(string file)
    {
        Assert.NotNull(package);
        ScriptResult[] results = await RunAsync(Path.Combine(BuiltPackage.Folder, "test", file));
        Assert.NotEmpty(results);
        string[] failed = [.. results.Where(static result => result.Outcome != "passed").Select(static result => result.ToString())];
        Assert.True(failed.Length == 0, $"{failed.Length} of {results.Length} in {file}:\n{string.Join('\n', failed)}");
        foreach (ScriptResult result in results)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{result.Name}: {result.Milliseconds:F0} ms");
        }
    }

    [Fact]
    public async Task A_test_that_fails_and_one_that_is_skipped_are_reported_by_name()
    {
        string file = Path.Combine(Path.GetTempPath(), $"longwire-{Guid.NewGuid():N}.test.mjs");
        await File.WriteAllTextAsync(
            file,
            "import { test } from 'node:test'; test('good', () => {}); test('bad', () => { throw new Error('planted'); }); test.skip('left out');"
        );
        try
        {
            ScriptResult[] results = await RunAsync(file);
            Assert.Equal(
                ["good passed", "bad failed", "left out skipped"],
                results.Select(static result => $"{result.Name} {result.Outcome}")
            );
            Assert.Contains("planted", results[1].Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<ScriptResult[]> RunAsync(string file)
    {
        string reporter = Path.Combine(BuiltPackage.Folder, "test", "support", "reporter.mjs");
        await using ChildProcess node = ChildProcess.Start(
            "env",
            $"LONGWIRE_TEST_HUB={BuiltPackage.Hub}",
            "node",
            "--test",
            $"--test-reporter={reporter}",
            file
        );
        await node.WaitForExitAsync(Patience.Long);
        const string Mark = "result ";
        ScriptResult[] results =
        [
            .. node
                .Output.Snapshot()
                .Where(static line => line.StartsWith(Mark, StringComparison.Ordinal))
                .Select(static line => JsonSerializer.Deserialize<ScriptResult>(line[Mark.Length..], JsonSerializerOptions.Web)!),
        ];
        Assert.True(results.Length > 0, $"{file} reports nothing:\n{node.Output}\n{node.Errors}");
        return results;
    }
}
