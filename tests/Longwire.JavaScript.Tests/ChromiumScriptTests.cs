namespace Longwire.JavaScript.Tests;

/// <summary>The states of a page, beside the other scripts: most of them wait for something.</summary>
public sealed class ChromiumScriptTests
{
    public static TheoryData<string> Files => ["chromium.test.mjs"];

    [Theory]
    [MemberData(nameof(Files))]
    public Task Every_test_passes(string file) => Script.PassesAsync(file);
}
