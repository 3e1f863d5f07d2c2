namespace Longwire.JavaScript.Tests;

/// <summary>The scripts that need no browser.</summary>
public sealed class ScriptTests
{
    public static TheoryData<string> Files =>
        [.. Script.Files.Except(ChromiumScriptTests.Files.Concat(OtherScriptTests.Files).Select(static row => row.Data))];

    [Theory]
    [MemberData(nameof(Files))]
    public Task Every_test_passes(string file) => Script.PassesAsync(file);

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
            ScriptResult[] results = await Script.RunAsync(file);
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
}
