namespace Longwire.JavaScript.Tests;

/// <summary>Tabs, another browser, other servers, beside the other scripts: most of them wait for something.</summary>
public sealed class OtherScriptTests
{
    public static TheoryData<string> Files => ["tabs.test.mjs", "firefox.test.mjs", "plain-servers.test.mjs"];

    [Theory]
    [MemberData(nameof(Files))]
    public Task Every_test_passes(string file) => Script.PassesAsync(file);
}
