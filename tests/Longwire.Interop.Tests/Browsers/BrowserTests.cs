using System.Text.RegularExpressions;

namespace Longwire.Interop.Tests;

/// <summary>
/// The WebSockets of Chromium and of Firefox, from a page that Longwire's server serves, over HTTP/1.1 and, in TLS, over HTTP/2 (RFC 8441).
/// </summary>
public sealed class BrowserTests(BrowserRuns runs) : IClassFixture<BrowserRuns>
{
    public static TheoryData<string, string> All =>
        [.. from browser in Browser.Names from scheme in new[] { "http", "https" } select (browser, scheme)];

    [Theory]
    [MemberData(nameof(All))]
    public Task Text_comes_back_and_half_a_character_as_its_replacement(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "text", "aé世👋", "", "half \ufffd", "1000  clean");

    [Theory]
    [MemberData(nameof(All))]
    public Task Bytes_come_back_as_blobs(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "blobs", "Blob true 300", "Blob true 0", "1000  clean");

    [Theory]
    [MemberData(nameof(All))]
    public Task Bytes_come_back_as_buffers(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "buffers", "ArrayBuffer", "true", "31", "62", "93", "1000  clean");

    [Theory]
    [MemberData(nameof(All))]
    public Task Megabytes_come_back(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "large", "true", "true", "1000  clean");

    [Theory]
    [MemberData(nameof(All))]
    public Task Two_thousand_messages_come_back_in_their_order(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "order", "in order", "1000  clean");

    [Theory]
    [MemberData(nameof(All))]
    public Task Compression_is_agreed_on(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "extensions", "permessage-deflate", "1000  clean");

    [Theory]
    [MemberData(nameof(All))]
    public Task The_server_chooses_the_subprotocol_it_prefers(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "subprotocol", "superchat", "1000  clean");

    [Theory]
    [MemberData(nameof(All))]
    public Task Without_a_subprotocol_in_common_Chromium_ends_the_connection_and_Firefox_goes_on(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "noSubprotocol", browser == "firefox" ? "opened with '', 1000  clean" : "error, 1006  unclean");

    [Theory]
    [MemberData(nameof(All))]
    public Task A_path_that_is_no_endpoint_is_an_error(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "refused", "1006  unclean");

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_page_closes_with_a_status_that_is_answered_and_a_reason_that_the_server_sees(string browser, string scheme)
    {
        await AssertSeenAsync(browser, scheme, "closedByPage", "1005  clean", "1000  clean", "1000  clean", "3000  clean", "4999  clean");
        BrowserRun run = await runs.GetAsync(browser, scheme);
        foreach (string close in new[] { "1005 ", "1000 ", "1000 done", "3000 ", "4999 é世👋" })
        {
            await run.ServerLog.WaitForAsync(new Regex($"^closed /echo [^ ]+ {close}$"));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public Task The_server_closes_with_a_status_and_a_reason_that_the_page_sees(string browser, string scheme) =>
        AssertSeenAsync(browser, scheme, "closedByServer", "1000  clean", "1001 leaving clean", "1011 at fault clean", "4999 é世👋 clean");

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_page_that_came_by_HTTP_2_has_its_WebSockets_over_it(string browser, string scheme)
    {
        BrowserRun run = await runs.GetAsync(browser, scheme);
        string version = scheme == "https" ? "HTTP/2" : "HTTP/1.1";
        await run.ServerLog.WaitForAsync(new Regex("^closed "));
        Assert.All(run.ServerLog.Snapshot(), line => Assert.StartsWith($"closed /echo {version} ", line, StringComparison.Ordinal));
    }

    private async Task AssertSeenAsync(string browser, string scheme, string check, params string[] expected)
    {
        BrowserRun run = await runs.GetAsync(browser, scheme);
        string[] seen = run.Seen[check];

        // Firefox lists the parameters too.
        Assert.Equal(expected, check == "extensions" ? [seen[0].Split(';')[0], .. seen[1..]] : seen);
    }
}
